// The analyses that there are: own ones first, then those that are built in.

import { h, refill } from "../dom.js";
import { icon } from "../icons.js";
import { plain, words } from "../said.js";
import { stateMark } from "./progress.js";

export class List {
  /** `on`: `choose(name)`, `write()`. */
  constructor(t, on) {
    Object.assign(this, { t, on });
    this.element = h("nav", { class: "part list", "aria-label": t("list.title") });
  }

  /** `chosen` is a name, or null while one is written. */
  show(analyses, chosen) {
    const { t, on } = this;
    const group = (title, found) => found.length > 0 && [h("h2", null, title), h("ul", null, ...found.map((each) => this.#entry(each, chosen)))];
    refill(this.element,
      h("button", { type: "button", class: "main write", "data-key": "write", onclick: () => on.write() }, icon("edit"), t("list.write")),
      group(t("list.own"), analyses.filter(({ builtIn }) => !builtIn)),
      group(t("list.built_in"), analyses.filter(({ builtIn }) => builtIn)));
  }

  #entry(analysis, chosen) {
    const { t, on } = this;
    const { name, title, troubles } = analysis;
    return h("li", null, h("button", { type: "button", class: "entry-of-list", "data-key": `analysis-${name}`, "aria-current": name === chosen ? "true" : null, onclick: () => on.choose(name) },
      h("span", { class: "title" }, words(title || name)), h("small", null, plain(name)), stateMark(t, analysis),
      troubles.count > 0 && h("small", { class: "trouble" }, t("troubles.title", { n: troubles.count }))));
  }
}
