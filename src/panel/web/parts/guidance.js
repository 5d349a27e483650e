// How to treat them now: what the playbook says, and why.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { words } from "../said.js";
import { section } from "./section.js";

export function guidance({ t, customer }) {
  const list = customer.guidance;
  if (!list.length) return null;
  return section("guidance", t("guidance.title"), {},
    h("ul", null, ...list.map(({ text, because }) =>
      h("li", null, icon("bulb"), h("span", null, words(text), " ", words(because, { class: "soft" }))))));
}
