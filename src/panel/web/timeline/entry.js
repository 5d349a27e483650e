// One entry of the timeline.

import { h } from "../dom.js";
import { entryIcon } from "../icons.js";
import { said, words } from "../said.js";

const LATE_MS = 3_600_000;

export function entry(t, event, cases) {
  const when = new Date(event.occurredAt);
  const side = event.direction === "INBOUND" ? "in" : event.direction === "OUTBOUND" ? "out" : "int";
  const by = [];
  if (event.actor.kind !== "customer" && event.actor.kind !== "system" && event.actor.id) by.push(words(event.actor.id));
  const stored = new Date(event.recordedAt);
  const late = stored - when > LATE_MS ? ` · ${t("entry.late", { ago: t.span(stored - when) })}` : "";
  return h("li", { class: `entry ${side} k-${event.kind.split(".")[0]}`, "data-id": event.id },
    h("span", { class: "ic" }, entryIcon(event)),
    h("div", { class: "body" },
      h("p", { class: "summary" }, words(event.summary, { title: event.summary.includes(event.code) ? null : event.code }), by.length > 0 && h("span", { class: "soft" }, ...by.flatMap((each) => [" · ", each]))),
      event.kind.startsWith("case.") && event.case && about(event, cases),
      event.text ? said(event.text, t, { class: "words" }) : event.redaction && h("p", { class: "words soft" }, t(`redaction.${event.redaction}`))),
    h("time", { datetime: event.occurredAt, title: `${t.moment(when)} · ${event.source}${late}` }, t.time(when)));
}

/** Which case an entry is about. One that was just opened is not known yet: `tell` says it later. */
function about({ case: id, summary }, cases) {
  const node = h("p", { class: "about", "data-case": id, "data-said": summary });
  tell(node, cases);
  return node;
}

/** Says which case it is, as soon as that is known. */
export function tell(node, cases) {
  const found = cases.get(node.dataset.case);
  if (!found || node.hasChildNodes()) return;
  const { title, protocol } = found;
  const parts = [title && words(title), protocol && !node.dataset.said.includes(protocol) && words(protocol, { class: "soft" })].filter(Boolean);
  node.append(...parts.flatMap((part, at) => (at ? [" · ", part] : [part])));
}

/** Entries with the same of these stand together. */
export function thread(event) {
  return event.conversation ?? event.contact ?? null;
}
