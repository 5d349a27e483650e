// What stands around every chart: its heading, the same as a table, and the table as a file.

import { fill, h, refill } from "../dom.js";
import { icon } from "../icons.js";
import { words } from "../said.js";
import { csv, csvButton } from "./csv.js";
import { table } from "./table.js";

let counted = 0;

export class Chart {
  #content = null;
  #asTable = false;

  /** `name` is that of the file and of the keys, `title` what it shows. */
  constructor(t, { name, title, intro = null, className = "" }) {
    Object.assign(this, { t, name });
    const id = `chart-${name}-${(counted += 1)}`;
    this.tools = h("div", { class: "tools" });
    this.body = h("div", { class: "chart-body" });
    this.note = h("p", { class: "soft chart-note" });
    this.extra = h("div", { class: "chart-extra" });
    this.element = h("section", { class: `part chart ${className}`, "aria-labelledby": id },
      h("div", { class: "heading" }, h("h2", { id }, title), this.tools), intro && h("p", { class: "soft intro" }, intro), this.extra, this.body, this.note);
  }

  /**
   * Shows a picture, or its table. `picture()` gives nodes, `table()` what they show, and `file()` the text of the file, or a
   * promise of it, where that is more; `empty` is what is said where there is nothing; `note` stands below.
   */
  show({ picture, table: figures, file = () => csv(this.t, figures()), empty = null, note = null }) {
    this.#content = { picture, figures, file, empty };
    fill(this.note, note);
    this.paint();
  }

  /** Renders anew what is shown. */
  paint() {
    if (!this.#content) return;
    const { picture, figures, empty } = this.#content;
    this.#tools(Boolean(empty));
    refill(this.body, empty ? h("div", { class: "empty" }, empty) : this.#asTable ? table(this.t, figures()) : picture());
  }

  /** What went wrong. */
  fail(nodes) {
    this.#content = null;
    fill(this.tools);
    fill(this.note);
    fill(this.body, h("div", { class: "problem", role: "alert" }, ...nodes));
  }

  /** Shows nothing, and does not stand there itself. */
  clear() {
    this.#content = null;
    for (const node of [this.tools, this.note, this.body]) fill(node);
  }

  /** Whether the table is shown instead of the picture. */
  set isTable(isTable) {
    this.#asTable = isTable;
  }

  #tools(isEmpty) {
    const { t, name } = this;
    if (isEmpty) return fill(this.tools);
    const turn = () => {
      this.#asTable = !this.#asTable;
      this.paint();
    };
    refill(this.tools,
      h("button", { type: "button", class: "link", "data-key": `table-${name}`, "aria-pressed": String(this.#asTable), onclick: turn }, icon("table"), t("table.show")),
      csvButton(t, { name, text: () => this.#content.file(), trouble: (problem) => fill(this.note, h("span", { class: "problem", role: "alert" }, words(problem.message))) }));
  }
}
