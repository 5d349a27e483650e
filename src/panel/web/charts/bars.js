// Bars with their names and figures: what is compared within one moment.

import { h, svg } from "../dom.js";
import { called } from "../said.js";

/**
 * `items`: `{name, then, value, label, className, note}` each; `then` is the rest of a name that has two lines. A value that is
 * null has no bar.
 */
export function bars(items, { top = null } = {}) {
  const highest = top ?? Math.max(...items.map(({ value }) => Math.abs(value ?? 0)), 0);
  return h("ul", { class: "hbars" }, ...items.map((item) => bar(item, highest)));
}

function bar({ name, then = null, value, label, className = "", note = null }, highest) {
  const width = highest > 0 ? Math.max(value ? 0.8 : 0, (Math.abs(value ?? 0) / highest) * 100) : 0;
  return h("li", { class: `hbar ${className}` },
    h("span", { class: "name" }, called(name), then !== null && [" ", called(then, { class: "then" })]),
    svg("svg", { class: "track", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
      svg("rect", { class: "rest", width: 100, height: 8 }), svg("rect", { class: "fill", width, height: 8 })),
    h("span", { class: "value" }, label, note && h("small", null, " ", note)));
}
