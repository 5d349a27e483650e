// Notes that somebody pinned.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { said, words } from "../said.js";
import { iconButton, moment, section } from "./section.js";

const FIRST = 2;

export function notes(ctx) {
  const { t, customer, expanded, expand } = ctx;
  const all = customer.pinnedNotes;
  if (!all.length) return null;
  const shown = expanded.has("notes") ? all : all.slice(0, FIRST);
  return section("notes", t("notes.title"), {},
    h("ul", null, ...shown.map((note) => row(ctx, note))),
    all.length > shown.length && h("button", { type: "button", class: "link", "data-key": "notes-all", onclick: () => expand("notes") }, t("notes.more", { n: all.length - shown.length })));
}

function row(ctx, note) {
  const { t, now, readOnly } = ctx;
  return h("li", null, icon("pin"),
    h("div", null,
      said(note.text ?? t(`redaction.${note.redaction ?? "ERASED"}`), t, { class: "words" }),
      h("span", { class: "soft" }, words(note.actor.id ?? t(`by.${note.actor.kind}`)), " · ", moment(t, note.occurredAt, now))),
    !readOnly && iconButton("cross", t("unpin.title"), `unpin-${note.id}`, () => ctx.open("unpin", { note })));
}
