// A field for a definition: its lines are numbered, and what is wrong is marked where it stands.

import { fill, h } from "../dom.js";

const LEAST_LINES = 14;
const TAB = 4;
/** The word that stands at a place. */
const WORD = /^[\p{L}\p{N}_.]+|^\S/u;

export class Code {
  #marks = [];

  /** `change(text)` is called when it was written in. */
  constructor({ label, describedBy, change }) {
    this.numbers = h("div", { class: "line-numbers", "aria-hidden": "true" });
    this.layer = h("div", { class: "marks", "aria-hidden": "true" });
    this.field = h("textarea", { class: "code", name: "definition", wrap: "off", spellcheck: "false", autocapitalize: "off", autocomplete: "off", "aria-label": label, "aria-describedby": describedBy, "data-key": "definition" });
    this.field.addEventListener("input", () => { this.#number(); change(this.field.value); });
    this.field.addEventListener("scroll", () => this.#scrolled());
    this.element = h("div", { class: "code-box" }, this.numbers, h("div", { class: "code-text" }, this.layer, this.field));
    this.#number();
  }

  get text() {
    return this.field.value;
  }

  set text(text) {
    this.field.value = text;
    this.mark([]);
  }

  /** Marks mistakes: those that have a line and a column. */
  mark(mistakes) {
    this.#marks = mistakes.filter(({ line }) => line);
    this.field.setAttribute("aria-invalid", String(mistakes.length > 0));
    this.#number();
    const lines = this.text.split("\n");
    fill(this.layer, ...this.#marks.map(({ line, column }) => placed(lines[line - 1] ?? "", line, column ?? 1)));
    this.#scrolled();
  }

  /** Puts the caret at a mistake, the word selected that is wrong. */
  goTo({ line, column }) {
    this.field.focus();
    if (!line) return;
    const lines = this.text.split("\n");
    const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    const at = before + units(lines[line - 1] ?? "", column ?? 1);
    this.field.setSelectionRange(at, at + wordAt(lines[line - 1] ?? "", column ?? 1).length);
  }

  #number() {
    const count = Math.max(LEAST_LINES, this.text.split("\n").length);
    const wrong = new Set(this.#marks.map(({ line }) => line));
    this.field.rows = count;
    fill(this.numbers, ...Array.from({ length: count }, (_, at) => h("span", { class: wrong.has(at + 1) ? "wrong" : null }, String(at + 1))));
  }

  #scrolled() {
    this.layer.style.translate = `${-this.field.scrollLeft}px`;
  }
}

/** Columns count characters, fields count units of UTF-16. */
function units(line, column) {
  return [...line].slice(0, column - 1).join("").length;
}

function wordAt(line, column) {
  return WORD.exec(line.slice(units(line, column)))?.[0] ?? "";
}

/** A mark below a word; as wide as a letter where nothing stands. */
function placed(line, line_, column) {
  const wide = (text) => [...text].reduce((at, each) => (each === "\t" ? at + TAB - (at % TAB) : at + 1), 0);
  const node = h("span", { class: "mark-at", "data-line": line_, "data-column": column });
  node.style.setProperty("--line", line_ - 1);
  node.style.setProperty("--from", wide([...line].slice(0, column - 1).join("")));
  node.style.setProperty("--wide", Math.max(1, wide(wordAt(line, column))));
  return node;
}
