// What is said where an address asks for an analysis that there is not: those that there are.

import { h } from "../dom.js";
import { words } from "../said.js";

/** `analyses` by their names; `to(name)` is the address of one. */
export function notThere(t, { name, analyses, to }) {
  const link = (each) => h("li", null, h("a", { href: to(each.name), "data-key": `there-${each.name}` }, words(each.title || each.name)));
  return [
    h("p", null, h("b", null, words(t("list.unknown", { name }))), analyses.size > 0 && [" ", t("list.there")]),
    h("ul", { class: "there" }, ...[...analyses.values()].map(link)),
  ];
}
