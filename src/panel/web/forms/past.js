// What did we know on that day? The customer as of a past moment.

import { line } from "./fields.js";
import { local } from "./deeds.js";

export function past({ t, asOf, go }) {
  const value = local(asOf ? new Date(asOf) : new Date(Date.now() - 86_400_000));
  const field = line("at", t("past.at"), { type: "datetime-local", value, required: true, hint: t("past.hint") });
  field.control.max = local(new Date());
  return {
    title: t("past.title"), intro: t("past.intro"), action: t("past.action"), fields: [field],
    submit: ({ at }) => go(new Date(at).toISOString()),
  };
}
