// What every part of the panel is made of.

import { h } from "../dom.js";
import { icon } from "../icons.js";

let counted = 0;

/** A part with its heading. */
export function section(name, title, { aside, className = "" } = {}, ...children) {
  const id = `h-${name}-${(counted += 1)}`;
  const heading = h("div", { class: "heading" }, h("h2", { id }, title), aside && h("span", { class: "aside" }, aside));
  return h("section", { class: `part ${name} ${className}`, "aria-labelledby": id }, heading, ...children);
}

/** A moment: how long ago, and when exactly for who points at it. */
export function moment(t, iso, now) {
  const date = new Date(iso);
  return h("time", { datetime: iso, title: t.moment(date) }, t.ago(date, now));
}

/** A moment whose age is told elsewhere as well: in full units, as there. */
export function age(t, iso, now) {
  const date = new Date(iso);
  return h("time", { datetime: iso, title: t.moment(date) }, t.aged(date, now));
}

/** A small button with an icon and no text, whose name is told. */
export function iconButton(name, label, key, onclick) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, "data-key": key, onclick }, icon(name));
}
