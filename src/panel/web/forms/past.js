// What did we know on that day? The customer as of a past moment, by when it was recorded.

import { line } from "./fields.js";

/** `asOf` is the moment that is looked at, null is now; `newest` when the newest of what is shown was recorded: by then it is known. */
export function past({ t, asOf, newest, go }) {
  const proposed = asOf ?? newest ?? new Date().toISOString();
  const value = t.local(new Date(proposed));
  const field = line("at", t("past.at"), { type: "datetime-local", value, required: true, hint: t("past.hint", { zone: t.zone }) });
  field.control.max = t.local(new Date());
  return {
    title: t("past.title"), intro: t("past.intro"), action: t("past.action"), fields: [field],
    // The field has minutes. What is proposed is meant as it is: in the minute before it nothing may have been known.
    submit: ({ at }) => go(at === value ? proposed : t.momentOf(at).toISOString()),
  };
}
