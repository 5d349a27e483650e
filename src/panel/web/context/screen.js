// Painting who is shown: the parts, the timeline, and the banner above them.

import { Acting } from "../acting.js";
import { fill, h } from "../dom.js";
import { told } from "../forms/dialog.js";
import { icon } from "../icons.js";
import { canBeFiled } from "../lookup.js";
import { missing } from "../parts/who.js";
import { NOTHING } from "../timeline/filters.js";
import { Timeline } from "../timeline/timeline.js";
import { View } from "../view.js";
import { welcome } from "../welcome.js";

export class Screen {
  /** The words, and what is made with them; nothing before the first `speak`. */
  t = null;
  view = null;
  acting = null;
  #timeline = null;

  /** `panel` is what the agent's doing goes to: what is below, and what `Acting` wants of it. */
  constructor({ place, api, shown, dialog, panel }) {
    Object.assign(this, { place, api, shown, dialog, panel });
  }

  /** Builds everything that has words in it; whether they are others than before. */
  speak(t) {
    if (this.t?.tag === t.tag) return false;
    this.t = t;
    this.dialog.t = t;
    this.place.replaceChildren();
    this.place.lang = t.tag;
    this.view = new View(this.place);
    this.acting = new Acting({ t, api: this.api, dialog: this.dialog, panel: this.panel });
    this.#timeline = null;
    this.place.append(this.dialog.element);
    return true;
  }

  /** Nothing can be shown, not even words. */
  fail(problem) {
    fill(this.place, h("p", { role: "alert" }, String(problem.message)));
  }

  /** Somebody is shown who was not before, or nobody. */
  found() {
    const { customer, asOf } = this.shown;
    this.shown.waiting = false;
    this.view.banner.replaceChildren();
    if (asOf) this.#past(asOf);
    this.#timeline = customer && this.#newTimeline();
    fill(this.view.history, this.#timeline?.element);
    this.#timeline?.show(customer);
    this.paint();
    this.say(customer ? this.t("say.shown", { name: customer.displayName ?? this.t("who.no_name") }) : this.#nobody());
  }

  /** More is known of whom is shown. */
  async changed() {
    this.view.banner.replaceChildren();
    if (this.#timeline.plain()) await this.#timeline.merge(this.shown.customer);
    else await this.#timeline.filter({});
    this.paint();
  }

  /** Everything, as it is now. `force` paints also what has not changed: times pass. */
  paint(force = false) {
    this.view.show(this.#context(), force);
  }

  /** The head alone. */
  head() {
    if (this.view && !this.shown.waiting) this.view.head(this.#context());
  }

  /** An entry of the timeline that was just stored. */
  entry(event) {
    if (this.#timeline?.take(event)) this.say(this.t("say.new", { what: event.summary }));
  }

  say(text) {
    this.view.say(text);
  }

  trouble(problem) {
    const again = () => { this.view.banner.replaceChildren(); this.panel.reload(); };
    const button = h("button", { type: "button", class: "link", onclick: again }, this.t("problem.again"));
    fill(this.view.banner, h("div", { class: "banner problem", role: "alert" }, ...told(this.t, problem), button));
    if (!this.shown.customer && !this.shown.waiting) this.paint();
  }

  /** What is said where nobody is shown: what was asked for in vain, too. */
  #nobody() {
    const sought = missing(this.shown).map(([key, value]) => `${this.t(key)} ${value.textContent}.`);
    return [`${this.t("who.unknown")}.`, ...sought].join(" ");
  }

  #newTimeline() {
    const { customer, asOf } = this.shown;
    const timeline = new Timeline({
      t: this.t, api: this.api,
      scope: { id: customer.id, asOf },
      onFilter: () => this.paint(),
      // Nobody looks any more at that of whom was shown before.
      onProblem: (problem) => timeline === this.#timeline && this.trouble(problem),
    });
    return timeline;
  }

  #past(asOf) {
    const { t } = this;
    const back = () => this.panel.go(null).catch((problem) => this.trouble(problem));
    fill(this.view.banner, h("div", { class: "banner past" }, icon("clock"), h("span", null, t("past.banner", { moment: t.moment(new Date(asOf)) })),
      h("button", { type: "button", class: "link", onclick: () => this.acting.open("past", {}) }, t("past.other")),
      h("button", { type: "button", class: "link", "data-key": "now", onclick: back }, t("past.back"))));
  }

  /** What every part gets. */
  #context() {
    const { t, api, shown } = this;
    const { customer, lookup, asOf, live, revealed, expanded, promised } = shown;
    return {
      t, api, customer, lookup, live, revealed, expanded, promised, unreadable: shown.unreadable,
      now: asOf ? new Date(asOf) : new Date(),
      readOnly: Boolean(asOf), canAct: Boolean(customer) || canBeFiled(lookup),
      filters: this.#timeline?.filters ?? NOTHING,
      welcome: customer ? null : this.#welcome(),
      attributes: (name) => customer?.attributes.find((each) => each.name === name && each.value !== null),
      reveal: () => { shown.revealed = !revealed; this.paint(); },
      expand: (name) => { expanded.add(name); this.paint(); },
      filter: (part) => this.#timeline?.filter(part),
      refresh: () => this.panel.refresh(),
      open: (name, preset) => this.acting.open(name, preset),
      speak: (tag) => this.panel.speak(tag),
      confirm: (fact) => this.acting.confirm(fact),
    };
  }

  #welcome() {
    const nobody = !canBeFiled(this.shown.lookup);
    const title = this.t(nobody ? "link.find_customer" : "link.who_is_it");
    const chosen = (by) => (nobody ? this.panel.pop({ customer: by.id }) : this.acting.look(by));
    return welcome({ t: this.t, api: this.api, title, chosen });
  }
}
