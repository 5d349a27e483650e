// `<novelo-context>`: the customer's context for an agent's desktop.
//
//   <script type="module" src="/panel/novelo-context.js"></script>
//   <novelo-context identifier="phone:+5511955500142" channel="voice" contact="c-1" agent="carla" language="pt-BR"></novelo-context>
//
// Events: `novelo-selected` when a customer is shown ({customer, displayName, identified}), `novelo-recorded` when something
// was recorded ({kind, recorded, duplicates, positions}). Both go through shadow roots.

import { Acting } from "./acting.js";
import { Api, Problem } from "./api.js";
import { BASE, LIVE_URL } from "./base.js";
import { fill, h, holdFocus } from "./dom.js";
import { told } from "./forms/dialog.js";
import { language, load } from "./i18n.js";
import { icon } from "./icons.js";
import { Live, State } from "./live.js";
import { isEmpty, lookup, ways } from "./lookup.js";
import { Timeline } from "./timeline/timeline.js";
import { View } from "./view.js";
import { welcome } from "./welcome.js";

const STYLES = ["tokens", "base", "parts", "timeline", "forms"];
const FIRST_PAGE = 40;
/** Changes that come together are shown together. */
const TOGETHER_MS = 60;
const MINUTE_MS = 60_000;
/** How often somebody unknown is looked for. */
const WAIT_MS = 5_000;

export class NoveloContext extends HTMLElement {
  static observedAttributes = ["identifier", "contact", "channel", "protocol", "customer", "language", "agent"];

  #api = new Api(BASE);
  #customer = null;
  #lookup = lookup({});
  #asOf = null;
  #revealed = false;
  #expanded = new Set();
  #promised = null;
  #liveState = State.OFF;
  #asked = 0;
  #stale = new Set();
  #waiting = true;
  #timer = null;

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    this.#minute = setInterval(() => this.#view && this.#customer && this.#view.show(this.#ctx(), true), MINUTE_MS);
    this.#changed("language");
  }

  disconnectedCallback() {
    clearInterval(this.#minute);
    this.#live.stop();
  }

  attributeChangedCallback(name, before, after) {
    if (before !== after && this.isConnected && this.shadowRoot) this.#changed(name);
  }

  /** Shows another customer: what a softphone says when a call comes in. */
  pop({ identifier = null, contact = null, channel = null, protocol = null, customer = null }) {
    for (const [name, value] of Object.entries({ identifier, contact, channel, protocol, customer })) {
      if (value === null) this.removeAttribute(name);
      else this.setAttribute(name, value);
    }
  }

  /** The language that is spoken. */
  get language() {
    return language(this.getAttribute("language"), ...navigator.languages);
  }

  #minute = null;
  #t = null;
  #view = null;
  #acting = null;
  #timeline = null;
  #live = new Live({
    url: LIVE_URL,
    document: () => this.#api.operation("live_timeline"),
    onState: (state) => this.#turned(state),
    onEvent: (event) => this.#happened(event),
    onBack: () => this.#refresh(),
  });

  #build() {
    const root = this.attachShadow({ mode: "open" });
    const styles = STYLES.map((name) => h("link", { rel: "stylesheet", crossorigin: "anonymous", href: `${BASE}/panel/styles/${name}.css` }));
    root.append(...styles);
    this.#api.operation("desktop").catch(() => {});
  }

  /** Several attributes that change at once are one change. */
  #changed(name) {
    this.#stale.add(name);
    if (this.#stale.size === 1) queueMicrotask(() => this.#catchUp());
  }

  async #catchUp() {
    const stale = this.#stale;
    this.#stale = new Set();
    const values = Object.fromEntries(["identifier", "contact", "channel", "protocol", "customer"].map((name) => [name, this.getAttribute(name)]));
    const next = lookup(values);
    const same = JSON.stringify(next) === JSON.stringify(this.#lookup);
    this.#lookup = next;
    if (same && !stale.has("language")) return;
    if (!same) this.#asOf = null;
    // The question is on its way while the words are fetched.
    const asked = (this.#asked += 1);
    const answer = this.#ask({});
    answer.catch(() => {});
    const back = holdFocus(this.#place(), false);
    try {
      if (stale.has("language")) await this.#speak();
    } catch (problem) {
      return fill(this.#place(), h("p", { role: "alert" }, String(problem.message)));
    }
    if (!same) this.#forget();
    if (asked !== this.#asked) return;
    await this.#load(answer);
    back();
  }

  #forget() {
    this.#customer = null;
    this.#asOf = null;
    this.#revealed = false;
    this.#promised = null;
    this.#expanded = new Set();
    this.#acting?.dialog.element.close();
    this.#waiting = true;
    this.#view.wait();
  }

  /** Builds everything that has words in it, in the language of the moment. */
  async #speak() {
    const t = await load(BASE, this.language);
    if (this.#t?.tag === t.tag) return;
    this.#t = t;
    const place = this.#place();
    place.replaceChildren();
    place.lang = t.tag;
    this.#view = new View(place);
    this.#acting = new Acting({ t, api: this.#api, panel: this.#forActing() });
    this.#timeline = null;
    place.append(this.#acting.dialog.element);
  }

  #place() {
    let place = this.shadowRoot.querySelector(".root");
    if (!place) {
      place = h("div", { class: "root" });
      this.shadowRoot.append(place);
    }
    return place;
  }

  /** What deeds know of the panel, and tell it. */
  #forActing() {
    return {
      customer: () => this.#customer,
      lookup: () => this.#lookup,
      asOf: () => this.#asOf,
      agent: () => this.getAttribute("agent"),
      recorded: (kind, receipt) => this.#recorded(kind, receipt),
      linked: (kind) => this.#linked(kind),
      go: (at) => this.#go(at),
      trouble: (problem) => this.#trouble(problem),
    };
  }

  #newTimeline() {
    const filters = this.#timeline?.filters;
    this.#timeline = new Timeline({
      t: this.#t, api: this.#api,
      scope: () => ({ id: this.#customer?.id ?? null, asOf: this.#asOf }),
      onFilter: () => this.#view.show(this.#ctx()),
      onProblem: (problem) => this.#trouble(problem),
    });
    if (filters) this.#timeline.filters = filters;
    fill(this.#view.history, this.#timeline.element);
  }

  /** Asks who it is, and shows them: one question, the first page of the timeline included. */
  async #load(answer = this.#ask({})) {
    const asked = (this.#asked += 1);
    this.#live.stop();
    this.#view.panel.setAttribute("aria-busy", "true");
    try {
      const customer = await answer;
      if (asked !== this.#asked) return;
      this.#customer = customer;
      this.#shown();
      this.#follow();
    } catch (problem) {
      if (asked === this.#asked) this.#trouble(problem);
    } finally {
      if (asked === this.#asked) this.#view.panel.removeAttribute("aria-busy");
    }
  }

  async #ask(more) {
    const variables = { asOf: this.#asOf, last: FIRST_PAGE, language: this.language, channel: this.#lookup.channel, ...more };
    for (const by of ways(this.#lookup)) {
      const { customer } = await this.#api.ask("desktop", { ...variables, by });
      if (customer) return customer;
    }
    return null;
  }

  #shown() {
    this.#waiting = false;
    const customer = this.#customer;
    this.#view.banner.replaceChildren();
    if (this.#asOf) this.#pastBanner();
    if (customer) {
      this.#newTimeline();
      this.#timeline.filters = { channel: null, group: null, feedback: null, text: "" };
      this.#timeline.show(customer);
    } else {
      this.#timeline = null;
      fill(this.#view.history);
    }
    this.#view.show(this.#ctx());
    this.#askPromises();
    this.#tell("novelo-selected", { customer: customer?.id ?? null, displayName: customer?.displayName ?? null, identified: Boolean(customer?.displayName) });
    this.#view.say(customer ? this.#t("say.shown", { name: customer.displayName ?? this.#t("who.no_name") }) : this.#t("who.unknown"));
  }

  /** Asks again and shows what is new, without losing the place in the timeline. */
  async #refresh(atLeast = null) {
    const asked = this.#asked;
    try {
      const customer = await this.#ask({ atLeast });
      if (asked !== this.#asked || this.#asOf) return;
      if (!this.#customer || !customer || customer.id !== this.#customer.id) {
        this.#customer = customer;
        this.#shown();
        return this.#follow();
      }
      this.#customer = customer;
      this.#view.banner.replaceChildren();
      if (this.#timeline.plain()) await this.#timeline.merge(customer);
      else await this.#timeline.filter({});
      this.#view.show(this.#ctx());
      this.#askPromises();
    } catch (problem) {
      this.#trouble(problem);
    }
  }

  /** What was promised in the last conversation comes after the first paint. */
  async #askPromises() {
    const customer = this.#customer;
    const conversation = customer?.continuation?.conversation;
    if (!conversation) return;
    const variables = { id: customer.id, asOf: this.#asOf, conversation };
    const answer = await this.#api.ask("promises", variables).catch(() => null);
    if (!answer?.customer || customer.id !== this.#customer?.id) return;
    const made = answer.customer.timeline.nodes.filter(({ data }) => data.name === "promise.made" && data.properties?.promise);
    this.#promised = {
      conversation,
      list: made.map(({ data, occurredAt, actor }) => ({ text: String(data.properties.promise), occurredAt, by: actor.id })),
    };
    this.#view.show(this.#ctx());
  }

  #follow() {
    if (this.#asOf) return;
    if (!this.#customer) return this.#waitForThem();
    const through = BigInt(this.#customer.through);
    this.#live.start({ id: this.#customer.id }, through > 0n ? String(through - 1n) : null, this.#t.tag);
  }

  /** Nobody can be followed yet: looked for every few seconds, and the panel says that it is not live. */
  #waitForThem() {
    this.#turned(State.OFF);
    clearTimeout(this.#timer);
    if (!isEmpty(this.#lookup)) this.#timer = setTimeout(() => this.isConnected && !this.#customer && this.#lookAgain(), WAIT_MS);
  }

  async #lookAgain() {
    const asked = this.#asked;
    const customer = await this.#ask({}).catch(() => null);
    if (asked !== this.#asked || this.#customer) return;
    this.#customer = customer;
    if (customer) this.#shown();
    this.#follow();
  }

  #turned(state) {
    this.#liveState = state;
    if (this.#view && !this.#waiting) this.#view.head(this.#ctx());
  }

  #happened(event) {
    // What belonged to a strand that left does not belong here any more.
    if (event.kind === "identity.unlinked") return this.#load();
    const there = this.#timeline?.take(event);
    if (there) this.#view.say(this.#t("say.new", { what: event.summary }));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(String(BigInt(event.position) + 1n)), TOGETHER_MS);
  }

  /** What every part gets. */
  #ctx() {
    const customer = this.#customer;
    return {
      t: this.#t, customer, lookup: this.#lookup, api: this.#api,
      now: this.#asOf ? new Date(this.#asOf) : new Date(),
      live: this.#liveState, readOnly: Boolean(this.#asOf), canAct: !isEmpty(this.#lookup),
      revealed: this.#revealed, expanded: this.#expanded, promised: this.#promised,
      filters: this.#timeline?.filters ?? {},
      welcome: customer ? null : this.#welcome(),
      attributes: (name) => customer?.attributes.find((each) => each.name === name && each.value !== null),
      reveal: () => { this.#revealed = !this.#revealed; this.#view.show(this.#ctx()); },
      expand: (name) => { this.#expanded.add(name); this.#view.show(this.#ctx()); },
      filter: (part) => this.#timeline?.filter(part),
      refresh: () => (this.#customer ? this.#refresh() : this.#load()),
      open: (name, preset) => this.#acting.open(name, preset),
      speak: (tag) => this.setAttribute("language", tag),
      confirm: (fact) => this.#acting.confirm(fact),
    };
  }

  #welcome() {
    const nobody = isEmpty(this.#lookup);
    const title = this.#t(nobody ? "link.find_customer" : "link.who_is_it");
    const chosen = (by) => (nobody ? this.pop({ customer: by.id }) : this.#acting.look(by));
    return welcome({ t: this.#t, api: this.#api, title, chosen });
  }

  async #recorded(kind, receipt) {
    this.#tell("novelo-recorded", { kind, recorded: receipt.recorded, duplicates: receipt.duplicates, positions: receipt.positions });
    this.#view.say(this.#t("say.recorded"));
    await this.#refresh(receipt.through);
  }

  async #linked(kind) {
    this.#tell("novelo-recorded", { kind, recorded: 1, duplicates: 0, positions: [] });
    this.#view.say(this.#t("say.recorded"));
    await this.#load();
  }

  /** Shows the customer as of a moment; null is now. */
  async #go(at) {
    const before = this.#asOf;
    const back = holdFocus(this.#place(), false);
    this.#asOf = at;
    const customer = await this.#ask({}).catch((problem) => {
      this.#asOf = before;
      throw problem;
    });
    if (!customer) {
      this.#asOf = before;
      throw new Problem(this.#t("past.nothing"), { help: this.#t("past.nothing_help"), code: "NOT_FOUND" });
    }
    this.#asked += 1;
    this.#live.stop();
    this.#customer = customer;
    this.#promised = null;
    this.#shown();
    this.#follow();
    back();
  }

  #pastBanner() {
    const t = this.#t;
    const back = h("button", { type: "button", class: "link", "data-key": "now", onclick: () => this.#go(null).catch((problem) => this.#trouble(problem)) }, t("past.back"));
    const other = h("button", { type: "button", class: "link", onclick: () => this.#acting.open("past", {}) }, t("past.other"));
    fill(this.#view.banner, h("div", { class: "banner past" }, icon("clock"), h("span", null, t("past.banner", { moment: t.moment(new Date(this.#asOf)) })), other, back));
  }

  #trouble(problem) {
    const again = h("button", { type: "button", class: "link", onclick: () => { this.#view.banner.replaceChildren(); this.#load(); } }, this.#t("problem.again"));
    fill(this.#view.banner, h("div", { class: "banner problem", role: "alert" }, ...told(this.#t, problem), again));
    if (!this.#customer && !this.#waiting) this.#view.show(this.#ctx());
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("novelo-context", NoveloContext);
