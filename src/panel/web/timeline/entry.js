// One entry of the timeline.

import { h } from "../dom.js";
import { entryIcon } from "../icons.js";
import { said, words } from "../said.js";

const LATE_MS = 3_600_000;

export function entry(t, event) {
  const when = new Date(event.occurredAt);
  const side = event.direction === "INBOUND" ? "in" : event.direction === "OUTBOUND" ? "out" : "int";
  const about = [];
  if (event.actor.kind !== "customer" && event.actor.kind !== "system" && event.actor.id) about.push(words(event.actor.id));
  const stored = new Date(event.recordedAt);
  const late = stored - when > LATE_MS ? ` · ${t("entry.late", { ago: t.span(stored - when) })}` : "";
  return h("li", { class: `entry ${side} k-${event.kind.split(".")[0]}`, "data-id": event.id },
    h("span", { class: "ic" }, entryIcon(event)),
    h("div", { class: "body" },
      h("p", { class: "summary" }, words(event.summary), about.length > 0 && h("span", { class: "soft" }, ...about.flatMap((each) => [" · ", each]))),
      event.text ? said(event.text, t, { class: "words" }) : event.redaction && h("p", { class: "words soft" }, t(`redaction.${event.redaction}`))),
    h("time", { datetime: event.occurredAt, title: `${t.moment(when)} · ${event.source}${late}` }, t.time(when)));
}

/** Entries with the same of these stand together. */
export function thread(event) {
  return event.conversation ?? event.contact ?? null;
}
