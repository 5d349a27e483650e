// `<novelo-context>`: the customer's context for an agent's desktop.
//
//   <script type="module" src="/panel/novelo-context.js"></script>
//   <novelo-context identifier="phone:+5511955500142" channel="voice" contact="c-1" agent="carla" language="pt-BR"></novelo-context>
//
// Events: `novelo-selected` when a customer is shown ({customer, displayName, identified}), `novelo-recorded` when something
// was recorded ({kind, recorded, duplicates, positions}). Both go through shadow roots.

import { Api, Problem } from "./api.js";
import { BASE, LIVE_URL } from "./base.js";
import { fill, h } from "./dom.js";
import { DEEDS } from "./forms/deeds.js";
import { Dialog, told } from "./forms/dialog.js";
import { candidate, candidates, preview, search, unlink } from "./forms/link.js";
import { past } from "./forms/past.js";
import { language, load } from "./i18n.js";
import { icon } from "./icons.js";
import { Live, State } from "./live.js";
import { isEmpty, lookup, ways } from "./lookup.js";
import { Agent } from "./agent.js";
import { Sending, subjectOf } from "./record.js";
import { Timeline } from "./timeline/timeline.js";
import { View } from "./view.js";

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
  #dialog = null;
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
    try {
      if (stale.has("language")) await this.#speak();
    } catch (problem) {
      return fill(this.#place(), h("p", { role: "alert" }, String(problem.message)));
    }
    if (!same) this.#forget();
    if (asked === this.#asked) await this.#load(answer);
  }

  #forget() {
    this.#customer = null;
    this.#asOf = null;
    this.#revealed = false;
    this.#promised = null;
    this.#expanded = new Set();
    this.#dialog?.element.close();
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
    this.#dialog = new Dialog(t);
    this.#timeline = null;
    place.append(this.#dialog.element);
  }

  #place() {
    let place = this.shadowRoot.querySelector(".root");
    if (!place) {
      place = h("div", { class: "root" });
      this.shadowRoot.append(place);
    }
    return place;
  }

  #newTimeline() {
    const filters = this.#timeline?.filters;
    this.#timeline = new Timeline({
      t: this.#t, api: this.#api,
      scope: () => ({ id: this.#customer.id, asOf: this.#asOf }),
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
    const variables = { asOf: this.#asOf, last: FIRST_PAGE, language: this.language, ...more };
    for (const by of ways(this.#lookup)) {
      const { customer } = await this.#api.ask("desktop", { ...variables, by });
      if (customer) return customer;
    }
    return null;
  }

  #shown() {
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
    if (this.#view) this.#view.head(this.#ctx());
  }

  #happened(event) {
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
      open: (name, preset) => this.#open(name, preset),
      speak: (tag) => this.setAttribute("language", tag),
      confirm: (fact) => this.#confirm(fact),
    };
  }

  /** Who is not known can be looked for, and said to be somebody. */
  #welcome() {
    const t = this.#t;
    const found = h("div", { class: "results", role: "status" });
    const field = h("input", { type: "search", name: "search", required: true, "aria-label": t("link.search"), placeholder: t("link.search_hint"), autocomplete: "off" });
    const form = h("form", { class: "finder" }, field, h("button", { type: "submit", class: "main" }, icon("search"), t("link.find")));
    const chosen = async (by) => {
      if (isEmpty(this.#lookup)) return this.pop({ customer: by.id });
      await this.#look(by).catch((problem) => this.#trouble(problem));
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const list = await candidates(this.#api, field.value.trim());
        fill(found, list.length ? list.map((each) => candidate(t, each, chosen)) : h("p", { class: "soft" }, t("link.nobody")));
      } catch (problem) {
        fill(found, h("div", { class: "problem" }, ...told(t, problem)));
      }
    });
    return h("section", { class: "part welcome" }, h("h2", null, isEmpty(this.#lookup) ? t("link.find_customer") : t("link.who_is_it")), form, found);
  }

  #open(name, preset) {
    const t = this.#t;
    const agent = new Agent(t, this.getAttribute("agent"));
    const sending = new Sending(this.#api);
    const send = async (kind, fields) => this.#recorded(kind, await sending.record(kind, this.#filing(agent.id()), fields));
    const own = { t, api: this.#api, send, agent, ...preset };
    if (name === "past") return this.#dialog.open(past({ ...own, asOf: this.#asOf, go: (at) => this.#go(at) }));
    if (name === "link") return preset.other ? this.#look(preset.other).catch((problem) => this.#trouble(problem)) : this.#dialog.open(search({ ...own, look: (by) => this.#look(by) }));
    const form = name === "unlink"
      ? unlink({ ...own, customer: this.#customer, finish: (deed) => this.#unlink(deed, agent.id()) })
      : DEEDS[name](own);
    this.#dialog.open({ ...form, fields: [...(form.fields ?? []), agent.field] });
  }

  /** A deed without a form. Where nobody said who the agent is, it needs one after all. */
  async #confirm(fact) {
    const agent = new Agent(this.#t, this.getAttribute("agent"));
    if (agent.field || fact.value === null) return this.#open("correct", { fact });
    try {
      this.#confirming.set(fact.event, this.#confirming.get(fact.event) ?? new Sending(this.#api));
      const fields = { key: fact.key, value: fact.value, confirmed: true };
      const receipt = await this.#confirming.get(fact.event).record("fact.told", this.#filing(agent.id()), fields);
      await this.#recorded("fact.told", receipt);
    } catch (problem) {
      this.#trouble(problem);
    }
  }

  #confirming = new Map();

  /** By whom, of whom and in which contact something is recorded. */
  #filing(agent) {
    const { contact, channel } = this.#lookup;
    const subject = subjectOf(this.#customer, this.#lookup);
    return { subject, agent, channel, contact: contact ?? (subject ? null : this.#customer?.continuation?.lastContact ?? null) };
  }

  async #recorded(kind, receipt) {
    this.#tell("novelo-recorded", { kind, recorded: receipt.recorded, duplicates: receipt.duplicates, positions: receipt.positions });
    this.#view.say(this.#t("say.recorded"));
    await this.#refresh(receipt.through);
  }

  /** The other customer beside this one; then they can be linked. */
  async #look(by) {
    const agent = new Agent(this.#t, this.getAttribute("agent"));
    const [self] = ways(this.#customer ? { customer: this.#customer.id } : this.#lookup);
    const form = await preview({
      t: this.#t, api: this.#api, by, self: { by: self, identifier: this.#lookup.identifier },
      finish: (deed) => this.#link(deed, agent.id()),
    });
    this.#dialog.open({ ...form, fields: [...form.fields, form.action && agent.field] });
  }

  async #link({ a, b, because }, agent) {
    if (!a) return this.#claim(b, agent);
    await this.#api.ask("link", { a: { id: a.id }, b: { id: b.id }, because, agent });
    this.#tell("novelo-recorded", { kind: "identity.linked", recorded: 1, duplicates: 0, positions: [] });
    this.#view.say(this.#t("say.recorded"));
    await this.#load();
  }

  /** Nothing was recorded of this identifier yet: the customer is said to have it. */
  async #claim(customer, agent) {
    const known = customer.identifiers.find((each) => !each.masked);
    const { identifier } = this.#lookup;
    if (!known || !identifier) throw new Problem(this.#t("link.no_identifier"), { help: this.#t("link.no_identifier_help"), code: "INVALID_INPUT" });
    const filing = { ...this.#filing(agent), subject: identifier };
    const receipt = await new Sending(this.#api).record("identity.claimed", filing, { identifiers: [`${known.kind}:${known.value}`] });
    await this.#recorded("identity.claimed", receipt);
  }

  async #unlink({ subject, because }, agent) {
    const stays = this.#customer.linked.find((each) => each.subject !== subject);
    await this.#api.ask("unlink", { subject, from: stays?.subject ?? this.#customer.id, because, agent });
    this.#tell("novelo-recorded", { kind: "identity.unlinked", recorded: 1, duplicates: 0, positions: [] });
    this.#view.say(this.#t("say.recorded"));
    await this.#load();
  }

  /** Shows the customer as of a moment; null is now. */
  async #go(at) {
    const before = this.#asOf;
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
  }

  #pastBanner() {
    const t = this.#t;
    const back = h("button", { type: "button", class: "link", "data-key": "now", onclick: () => this.#go(null).catch((problem) => this.#trouble(problem)) }, t("past.back"));
    const other = h("button", { type: "button", class: "link", onclick: () => this.#open("past", {}) }, t("past.other"));
    fill(this.#view.banner, h("div", { class: "banner past" }, icon("clock"), h("span", null, t("past.banner", { moment: t.moment(new Date(this.#asOf)) })), other, back));
  }

  #trouble(problem) {
    const again = h("button", { type: "button", class: "link", onclick: () => { this.#view.banner.replaceChildren(); this.#load(); } }, this.#t("problem.again"));
    fill(this.#view.banner, h("div", { class: "banner problem", role: "alert" }, ...told(this.#t, problem), again));
    if (!this.#customer) this.#view.show(this.#ctx());
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("novelo-context", NoveloContext);
