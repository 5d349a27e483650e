// Whose context is shown: loading it, following it, painting it, and what an agent does in it, put together.

import { Api, Problem } from "../api.js";
import { BASE } from "../base.js";
import { holdFocus } from "../dom.js";
import { Dialog } from "../forms/dialog.js";
import { load } from "../i18n.js";
import { lookup } from "../lookup.js";
import { Following } from "./following.js";
import { Loading } from "./loading.js";
import { Pops } from "./pops.js";
import { Screen } from "./screen.js";
import { Shown } from "./shown.js";

const MINUTE_MS = 60_000;

export class Context {
  #minute = null;
  /** The words, on their way or there: nothing is painted before. */
  #words = null;
  /** Whether another language waits for a form to be closed. */
  #unspoken = false;

  /**
   * `place` is the node that it is painted in. `desk` is what is around it: `language()` and `agent()`; `pop(by)` and
   * `speak(tag)`, which change what is asked of it; `tell(name, detail)` hears what happened.
   */
  constructor(place, desk) {
    const language = () => desk.language();
    const api = new Api(BASE);
    const shown = new Shown();
    const dialog = new Dialog(() => this.#closed());
    const screen = new Screen({ place, api, shown, dialog, panel: this.#panel(desk) });
    const loading = new Loading({
      api, shown, language,
      on: {
        begun: () => { this.following.stop(); screen.view.panel.setAttribute("aria-busy", "true"); },
        ended: () => screen.view.panel.removeAttribute("aria-busy"),
        found: () => this.#found(),
        changed: async () => { await screen.changed(); this.#promises(); },
        trouble: (problem) => screen.trouble(problem),
      },
    });
    const on = { turned: () => screen.head(), entry: (event) => screen.entry(event) };
    const following = new Following({ api, shown, loading, language, on });
    const pops = new Pops({ api, dialog, screen, on: { go: (by) => this.turn(by), stay: () => desk.pop(shown.by) } });
    Object.assign(this, { desk, api, shown, dialog, screen, loading, following, pops });
    api.operation("desktop").catch(() => {});
  }

  start() {
    this.#minute = setInterval(() => this.shown.customer && this.screen.paint(true), MINUTE_MS);
    this.pops.guard();
  }

  stop() {
    clearInterval(this.#minute);
    this.following.stop();
    this.pops.forget();
    this.pops.release();
  }

  /**
   * Shows whom `by` means, null for whoever is shown already; `speaks` when the language may be another one. While a form
   * is open it waits.
   */
  async turn(by, { speaks = false } = {}) {
    const { shown, screen, loading, pops } = this;
    const same = !by || JSON.stringify(lookup(by)) === JSON.stringify(lookup(shown.by));
    if (this.dialog.isOpen) return this.#putOff(by, { same, speaks });
    if (by) pops.forget();
    if (same && !speaks) return;
    if (!same) shown.turn(by);
    // The question is on its way while the words are fetched.
    const question = loading.ask();
    const back = holdFocus(screen.place, false);
    if (speaks) this.#words = this.#speak();
    try {
      await this.#words;
    } catch (problem) {
      return screen.fail(problem);
    }
    if (!loading.isLast(question)) return;
    if (shown.waiting) screen.view.wait();
    pops.show();
    await loading.show(question);
    back();
  }

  /** Fetches the words of the language of the moment, unless it is another one by the time they come. */
  async #speak() {
    const tag = this.desk.language();
    const names = (language) => this.api.ask("names", { language });
    const t = await load(BASE, tag, names);
    if (tag === this.desk.language()) this.screen.speak(t);
  }

  /** Whom the form is about stays until it is closed, and so does the language that it is in. */
  #putOff(by, { same, speaks }) {
    if (speaks) this.#unspoken = true;
    if (by && same) this.pops.forget();
    if (!same) this.pops.wait(by);
  }

  /** A form was closed: what waited for it goes on. */
  #closed() {
    this.pops.show();
    if (!this.#unspoken) return;
    this.#unspoken = false;
    this.turn(null, { speaks: true });
  }

  #found() {
    const { customer } = this.shown;
    this.screen.found();
    this.#promises();
    this.desk.tell("novelo-selected", { customer: customer?.id ?? null, displayName: customer?.displayName ?? null, identified: Boolean(customer?.displayName) });
    this.following.start();
  }

  async #promises() {
    if (await this.loading.promises()) this.screen.paint();
  }

  /** What an agent's doing goes to. */
  #panel(desk) {
    const recorded = (kind, detail) => {
      desk.tell("novelo-recorded", { kind, ...detail });
      this.screen.say(this.screen.t("say.recorded"));
    };
    return {
      customer: () => this.shown.customer,
      lookup: () => this.shown.lookup,
      asOf: () => this.shown.asOf,
      agent: () => desk.agent(),
      pop: (by) => desk.pop(by),
      speak: (tag) => desk.speak(tag),
      recorded: (kind, { recorded: count, duplicates, positions, through }) => {
        recorded(kind, { recorded: count, duplicates, positions });
        return this.loading.refresh(through);
      },
      linked: (kind) => {
        recorded(kind, { recorded: 1, duplicates: 0, positions: [] });
        return this.loading.show();
      },
      go: (at) => this.#go(at),
      reload: () => this.loading.show(),
      refresh: () => (this.shown.customer ? this.loading.refresh() : this.loading.show()),
      trouble: (problem) => this.screen.trouble(problem),
    };
  }

  async #go(at) {
    const { t, place } = this.screen;
    const back = holdFocus(place, false);
    if (!(await this.loading.go(at))) throw new Problem(t("past.nothing"), { help: t("past.nothing_help"), code: "NOT_FOUND" });
    back();
  }
}
