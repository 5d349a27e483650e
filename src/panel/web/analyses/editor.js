// Writing an analysis: examples to start from, the definition with its mistakes as it is written, and the button that defines it.

import { fill, h, refill } from "../dom.js";
import { icon } from "../icons.js";
import { groupName, measureName } from "../figures/naming.js";
import { Code } from "./code.js";
import { keep, kept } from "./kept.js";
import { inEnglish, mistakeEntries } from "./mistakes.js";

const TYPING_MS = 350;
/** The server's word for what does not fit what there is. */
const CONFLICT = "CONFLICT";

export class Editor {
  #typing = null;
  #asked = 0;
  #check = null;
  /** What was there before anything was written. */
  #begun = "";

  /** `on`: `known(name)`, the analysis that there is of a name, `defined(analysis)`, `discard(then)`, which asks whether what was written may go; `told(problem)` puts into words what went wrong. */
  constructor(t, { api, on, told, examples }) {
    Object.assign(this, { t, api, on, told });
    this.state = h("div", { class: "check", id: "check", role: "status" });
    this.mistakes = h("ol", { class: "mistakes" });
    this.problem = h("div", { class: "problem", role: "alert" });
    this.button = h("button", { type: "button", class: "main", "data-key": "define", onclick: () => this.#define() }, t("editor.define"));
    this.code = new Code({ label: t("editor.definition"), describedBy: "check", change: () => this.#written() });
    const title = h("h2", { tabindex: "-1", "data-key": "editor" }, t("editor.title"));
    this.title = title;
    this.element = h("section", { class: "part editor", "aria-label": t("editor.title") },
      h("div", { class: "heading" }, title),
      h("p", { class: "soft intro" }, t("editor.intro")),
      h("div", { class: "starts" }, h("h3", null, t("editor.examples")), h("div", { class: "chips", role: "group", "aria-label": t("editor.examples") }, ...examples.map(({ key, lines }) =>
        h("button", { type: "button", class: "chip", "data-key": `example-${key}`, onclick: () => this.start(`${lines.join("\n")}\n`) }, t(`example.${key}`))))),
      this.code.element,
      this.state, this.mistakes, this.problem,
      h("div", { class: "buttons" }, this.button));
    this.code.text = kept();
    this.#ask();
  }

  /** Begins with a text; what was written goes only after a question. */
  start(text) {
    const isWritten = this.code.text.trim() && this.code.text !== this.#begun;
    if (isWritten) return this.on.discard(() => this.#start(text));
    this.#start(text);
  }

  #start(text) {
    this.#put(text);
    this.code.field.focus();
    this.code.field.setSelectionRange(0, 0);
  }

  /** Says which analysis is changed, where there is one of that name. */
  name() {
    const { t } = this;
    const name = /^\s*name\s*=\s*["']([^"']*)["']/m.exec(this.code.text)?.[1];
    const known = name && this.on.known(name);
    const title = known ? t("editor.title_change", { name: known.title || name }) : t("editor.title");
    if (this.title.textContent !== title) this.title.textContent = title;
    this.element.setAttribute("aria-label", title);
  }

  #put(text) {
    this.code.text = text;
    this.#begun = text;
    keep(text);
    fill(this.problem);
    this.#ask();
  }

  #written() {
    keep(this.code.text);
    fill(this.problem);
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#ask(), TYPING_MS);
  }

  /** Has what is written checked; an answer to what was written before is dropped. */
  async #ask() {
    clearTimeout(this.#typing);
    const number = (this.#asked += 1);
    const text = this.code.text;
    if (!text.trim()) {
      this.#check = null;
      return this.#show();
    }
    try {
      const { checkAnalysis } = await this.api.ask("check_analysis", { definition: text });
      if (number !== this.#asked) return;
      this.#check = { ...checkAnalysis, text };
      this.#show();
    } catch (problem) {
      if (number === this.#asked) fill(this.problem, ...this.told(problem));
    }
    return this.#check;
  }

  #show() {
    const { t } = this;
    this.name();
    const check = this.#check;
    const mistakes = check?.mistakes ?? [];
    this.code.mark(mistakes);
    this.button.setAttribute("aria-disabled", String(!check?.ok));
    this.state.className = check ? (check.ok ? "check good" : "check bad") : "check";
    const list = (names, name) => t.list(names.map((each) => name(t, each).toLocaleLowerCase(t.tag)));
    fill(this.state, check === null ? t("editor.empty") : check.ok
      ? [icon("check"), h("span", null, check.groups.length ? t("editor.good", { measures: list(check.measures, measureName), groups: list(check.groups, groupName) }) : t("editor.good_whole", { measures: list(check.measures, measureName) }))]
      : [icon("alert"), h("span", null, t("editor.mistakes", { n: mistakes.length }))]);
    refill(this.mistakes, ...mistakeEntries(t, mistakes, (mistake) => this.code.goTo(mistake)));
  }

  async #define() {
    // What was typed just now is checked first.
    const check = this.#check?.text === this.code.text ? this.#check : await this.#ask();
    if (!check?.ok) return this.mistakes.querySelector("button")?.focus() ?? this.code.field.focus();
    if (this.button.disabled) return;
    this.button.disabled = true;
    try {
      const { defineAnalysis } = await this.api.ask("define_analysis", { definition: this.code.text });
      this.#put("");
      this.on.defined(defineAnalysis);
    } catch (problem) {
      fill(this.problem, ...(taken(this.t, problem) ?? this.told(problem)));
    } finally {
      this.button.disabled = false;
    }
  }
}

/** That a version there is has another text, and which one comes next; null for any other problem. */
function taken(t, { code, message, help }) {
  const [version, next] = [/ version (\d+) with another text/.exec(message), /version = (\d+)/.exec(help)].map((found) => found?.[1]);
  if (code !== CONFLICT || !version || !next) return null;
  return [icon("alert"), h("div", null, h("b", null, t("editor.taken", { version })), h("p", null, t("editor.taken_help", { next })),
    t.tag !== "en" && h("p", null, h("small", null, inEnglish(t, message, help))))];
}
