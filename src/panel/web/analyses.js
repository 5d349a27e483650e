// The page `/analyses`: the questions that are asked of all that ever happened, their figures, and how to ask a new one.

import { BASE } from "./base.js";
import { fill, h, refill } from "./dom.js";
import { Detail } from "./analyses/detail.js";
import { Editor } from "./analyses/editor.js";
import { List } from "./analyses/list.js";
import { Watch } from "./analyses/watch.js";
import { analysesOf } from "./figures/answer.js";
import { notThere } from "./figures/not_there.js";
import { Page } from "./figures/page.js";
import { readRange } from "./figures/range.js";
import { Dialog } from "./forms/dialog.js";

/** Parameters of the address that are no conditions on a group. */
const OWN = ["analysis", "range", "from", "to", "by", "bucket", "measure", "language", "theme", "write", "show"];
const ALL = { range: "all", from: null, to: null };
/** What stands in the address for a value that is not said. */
const NOTHING = "-";

class AnalysesPage {
  #parts = null;
  #analyses = new Map();
  /** The name of the analysis that is shown; null while one is written. */
  #name = null;
  #writing = false;
  #view = null;
  /** What is written in the editor goes along into another language. */

  constructor() {
    this.page = new Page("analyses", () => this.#build());
    const { parameters } = this.page;
    this.#name = parameters.analysis ?? null;
    this.#writing = "write" in parameters;
    this.#view = viewOf(parameters);
  }

  start() {
    return this.page.speak();
  }

  async #build() {
    const { page } = this;
    const { t, api } = page;
    this.#parts?.watch.stop();
    const told = (problem) => page.told(problem);
    const examples = await (await fetch(`${BASE}/panel/analyses/examples.json`)).json();
    const dialog = new Dialog(() => {});
    dialog.t = t;
    const parts = {
      dialog, problem: h("div", { class: "problem", role: "alert" }), place: h("div", { class: "place-of-work" }),
      list: new List(t, { choose: (name) => this.#choose(name), write: () => this.#write("") }),
      detail: new Detail(t, { api, told, on: {
        change: (view) => { this.#view = view; this.#remember(); this.#parts.detail.show(this.#shown(), view); },
        edit: (analysis, definition) => this.#write(analysis.builtIn ? renamed(definition) : nextVersion(definition, analysis)),
        serve: (name, version) => this.#serve(name, version),
        remove: (analysis) => this.#remove(analysis),
      } }),
      editor: new Editor(t, { api, told, examples, on: { known: (name) => this.#analyses.get(name), defined: (analysis) => this.#defined(analysis), discard: (then) => this.#discard(then) } }),
      watch: new Watch({ ask: () => analysesOf(api, t), on: { found: (found) => this.#found(found), trouble: (problem) => fill(parts.problem, ...told(problem)) } }),
    };
    this.#parts = parts;
    this.#analyses = new Map();
    parts.watch.look();
    return [h("p", { class: "lead-in" }, t("page.analyses_intro")), parts.problem, h("div", { class: "work" }, parts.list.element, parts.place), dialog.element];
  }

  #shown() {
    return this.#analyses.get(this.#name) ?? null;
  }

  /** The analyses as they are now. */
  #found(analyses) {
    const { t } = this.page;
    const { list, detail, editor, place, problem } = this.#parts;
    this.#analyses = analyses;
    editor.name();
    fill(problem);
    if (!this.#writing && this.#name === null) {
      this.#name = [...analyses.keys()][0] ?? null;
      this.#writing = this.#name === null;
      return this.#turn();
    }
    list.show([...analyses.values()], this.#writing ? null : this.#name);
    if (this.#writing) return place.contains(editor.element) || this.#turn();
    if (!this.#shown()) return place.querySelector(".not-there") ?? this.#turn();
    if (!place.contains(detail.element)) return this.#turn();
    if (detail.follow(this.#shown(), this.#view)) this.page.say(t("list.taken_over", { name: this.#shown().title }));
  }

  /** Shows what is chosen. */
  #turn() {
    const { list, detail, editor, place } = this.#parts;
    list.show([...this.#analyses.values()], this.#writing ? null : this.#name);
    if (!this.#writing && !this.#shown()) return refill(place, this.#notThere());
    this.#remember();
    if (this.#writing) return refill(place, editor.element);
    refill(place, detail.element);
    detail.show(this.#shown(), this.#view);
  }

  /** Nothing is shown in place of what was asked for: it would be taken for that. */
  #notThere() {
    const { page } = this;
    const to = (name) => page.to("/analyses", { analysis: name });
    return h("section", { class: "part not-there", role: "alert" }, ...notThere(page.t, { name: this.#name, analyses: this.#analyses, to }));
  }

  #choose(name) {
    this.#name = name;
    this.#writing = false;
    this.#view = viewOf({});
    fill(this.#parts.problem);
    this.#turn();
    this.#parts.detail.focus();
  }

  /** Opens the editor, with a text where one is given. */
  #write(text) {
    const { editor } = this.#parts;
    this.#writing = true;
    fill(this.#parts.problem);
    this.#turn();
    if (text) editor.start(text);
    else editor.title.focus();
  }

  #defined({ name }) {
    this.page.say(this.page.t("editor.defined"));
    this.#name = name;
    this.#writing = false;
    this.#view = viewOf({});
    this.#analyses.delete(name);
    this.#after(async () => this.#parts.detail.focus());
  }

  async #serve(name, version) {
    try {
      await this.page.api.ask("serve_analysis", { name, version });
    } catch (problem) {
      return fill(this.#parts.problem, ...this.page.told(problem));
    }
    this.#parts.watch.look();
  }

  /** Asks whether what was written of a definition may go. */
  #discard(then) {
    const { t } = this.page;
    const { dialog } = this.#parts;
    dialog.open({
      title: t("form.discard_question"), action: t("form.discard"), danger: true,
      submit: async () => dialog.element.addEventListener("close", then, { once: true }),
    });
  }

  /** Asks whether it is meant: the figures of an analysis that is removed are gone. */
  #remove(analysis) {
    const { t } = this.page;
    this.#parts.dialog.open({
      title: t("remove.title", { name: analysis.title }), intro: t("remove.intro"), action: t("about.remove"), danger: true,
      submit: async () => {
        await this.page.api.ask("remove_analysis", { name: analysis.name });
        this.#name = null;
        this.#after();
      },
    });
  }

  /** Asks for the analyses anew, and shows what is chosen then. */
  async #after(then = () => {}) {
    const analyses = await analysesOf(this.page.api, this.page.t);
    this.#analyses = analyses;
    if (!this.#shown()) this.#name = [...analyses.keys()][0] ?? null;
    this.#turn();
    this.#parts.watch.look();
    then();
  }

  #remember() {
    if (this.#writing) return this.page.remember({ write: "" });
    const { range, by, bucket, measure, where } = this.#view;
    const conditions = Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined).map(([group, value]) => [group, value ?? NOTHING]));
    this.page.remember({ ...conditions, analysis: this.#name, ...(range.range === "all" ? {} : range), by: by && by.join(","), bucket, measure });
  }
}

/** How an analysis is looked at, as an address says it. */
function viewOf(parameters) {
  const where = Object.fromEntries(Object.entries(parameters).filter(([name]) => !OWN.includes(name)).map(([name, value]) => [name, value === NOTHING ? null : value]));
  const by = parameters.by === undefined ? null : parameters.by.split(",").filter(Boolean);
  return { range: readRange(new URLSearchParams(Object.entries(parameters))) ?? ALL, by, bucket: parameters.bucket ?? null, measure: parameters.measure ?? null, isTable: parameters.show === "table", where };
}

/** The definition of what is built in, as a beginning of one's own. */
function renamed(definition) {
  return definition.replace(/^(\s*name\s*=\s*")([^"]*)"/m, "$1my_$2\"").replace(/^\s*version\s*=.*$/m, "version = 1");
}

/** The same definition, as the version that comes next. */
function nextVersion(definition, { version, building }) {
  const line = `version = ${Math.max(version, building?.version ?? 0) + 1}`;
  const written = /^\s*version\s*=.*$/m;
  // One that does not say it is the first.
  return written.test(definition) ? definition.replace(written, line) : definition.replace(/^(\s*name\s*=.*)$/m, `$1\n${line}`);
}

new AnalysesPage().start();
