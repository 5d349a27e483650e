// What the pages of figures have in common: the head with its links, the language, and what is said to screen readers.

import { Api } from "../api.js";
import { BASE } from "../base.js";
import { fill, h, holdFocus } from "../dom.js";
import { told } from "../forms/dialog.js";
import { LANGUAGES, language, load } from "../i18n.js";

const PAGES = [["journey", "/journey"], ["analyses", "/analyses"], ["panel", "/panel"]];

export class Page {
  /** The words; nothing before they are there. */
  t = null;
  api = new Api(BASE);
  #spoken = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  #back = () => {};

  /** `build(page)` gives the nodes below the head, in the words of the moment. */
  constructor(name, build) {
    Object.assign(this, { name, build });
    this.main = document.querySelector("main");
    this.head = document.querySelector("header");
    document.body.append(this.#spoken);
    const { theme } = this.parameters;
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  }

  /** What the address says, by name. */
  get parameters() {
    return Object.fromEntries(new URLSearchParams(location.search));
  }

  /** Says in the address what is shown, so that it can be gone back to and sent to somebody; null and undefined leave it. */
  remember(values) {
    const parameters = new URLSearchParams();
    const { language: tag, theme } = this.parameters;
    for (const [name, value] of Object.entries({ ...values, language: tag, theme })) if (value !== null && value !== undefined) parameters.set(name, value);
    const search = String(parameters);
    history.replaceState(null, "", search ? `?${search}` : location.pathname);
    this.#links();
  }

  /** Speaks a language, and builds everything anew in it. */
  async speak(tag = language(this.parameters.language, ...navigator.languages)) {
    try {
      const names = (spoken) => this.api.ask("names", { language: spoken });
      this.t = await load(BASE, tag, names, ["figures"]);
    } catch (problem) {
      return fill(this.main, h("p", { role: "alert" }, String(problem.message)));
    }
    const { t } = this;
    document.documentElement.lang = t.tag;
    document.title = `${t(`page.${this.name}`)} · Novelo`;
    this.#head();
    fill(this.main, ...await this.build(this));
    this.#back();
    this.main.removeAttribute("aria-busy");
  }

  /** Says something to screen readers. */
  say(text) {
    this.#spoken.textContent = "";
    requestAnimationFrame(() => { this.#spoken.textContent = text; });
  }

  /** What went wrong, in words. */
  told(problem) {
    return told(this.t, problem);
  }

  /** The address of another page, in the same language. */
  to(path, parameters = {}) {
    const { language: tag, theme } = this.parameters;
    const given = Object.entries({ ...parameters, language: tag, theme }).filter(([, value]) => value !== null && value !== undefined);
    return given.length ? `${path}?${new URLSearchParams(given)}` : path;
  }

  #head() {
    const { t } = this;
    this.links = h("nav", { class: "pages", "aria-label": t("page.all") });
    const speak = (tag) => {
      this.#back = holdFocus(document.body);
      const parameters = new URLSearchParams(location.search);
      parameters.set("language", tag);
      history.replaceState(null, "", `?${parameters}`);
      this.speak(tag);
    };
    const languages = Object.entries(LANGUAGES).map(([tag, name]) =>
      h("button", { type: "button", class: "link", lang: tag, "data-key": `language-${tag}`, "aria-pressed": String(tag === t.tag), onclick: () => speak(tag) }, name));
    fill(this.head, h("h1", { tabindex: "-1" }, t(`page.${this.name}`)), this.links, h("nav", { class: "languages", "aria-label": t("language.choose") }, ...languages));
    this.#links();
  }

  #links() {
    fill(this.links, ...PAGES.map(([name, path]) =>
      h("a", { href: name === this.name ? path : this.to(path), "aria-current": name === this.name ? "page" : null, "data-key": `page-${name}` }, this.t(`page.${name}_short`))));
  }
}
