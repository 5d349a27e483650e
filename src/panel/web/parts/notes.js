// Notes that somebody pinned.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { said, words } from "../said.js";
import { moment, section } from "./section.js";

const FIRST = 2;

export function notes({ t, customer, now, expanded, expand }) {
  const all = customer.pinnedNotes;
  if (!all.length) return null;
  const shown = expanded.has("notes") ? all : all.slice(0, FIRST);
  return section("notes", t("notes.title"), {},
    h("ul", null, ...shown.map((note) => h("li", null, icon("pin"), h("div", null,
      said(note.text ?? t(`redaction.${note.redaction ?? "ERASED"}`), t, { class: "words" }),
      h("span", { class: "soft" }, words(note.actor.id ?? t(`by.${note.actor.kind}`)), " · ", moment(t, note.occurredAt, now)))))),
    all.length > shown.length && h("button", { type: "button", class: "link", "data-key": "notes-all", onclick: () => expand("notes") }, t("notes.more", { n: all.length - shown.length })));
}
