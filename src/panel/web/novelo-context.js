// `<novelo-context>`: the customer's context for an agent's desktop.
//
//   <script type="module" src="/panel/novelo-context.js"></script>
//   <novelo-context identifier="phone:+5511955500142" channel="voice" contact="c-1" agent="carla" language="pt-BR"></novelo-context>
//
// Events: `novelo-selected` when a customer is shown ({customer, displayName, identified}), `novelo-recorded` when something
// was recorded ({kind, recorded, duplicates, positions}). Both go through shadow roots.
//
// Attributes that change while a form is open wait with a banner until the agent goes there.

import { BASE } from "./base.js";
import { Context } from "./context/context.js";
import { h } from "./dom.js";
import { language } from "./i18n.js";

const STYLES = ["tokens", "base", "parts", "timeline", "forms"];
/** The attributes that say who it is. */
const WHO = ["identifier", "contact", "channel", "protocol", "customer"];

export class NoveloContext extends HTMLElement {
  static observedAttributes = [...WHO, "language", "agent"];

  #place = h("div", { class: "root" });
  #context = new Context(this.#place, {
    language: () => this.language,
    agent: () => this.getAttribute("agent"),
    pop: (by) => this.pop(by),
    speak: (tag) => this.setAttribute("language", tag),
    tell: (name, detail) => this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })),
  });
  /** Names of attributes that changed and were not followed yet. */
  #stale = new Set();

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    this.#context.start();
    [...WHO, "language"].forEach((name) => this.#changed(name));
  }

  disconnectedCallback() {
    this.#context.stop();
  }

  attributeChangedCallback(name, before, after) {
    if (before !== after && this.isConnected && this.shadowRoot) this.#changed(name);
  }

  /** Shows another customer: what a softphone says when a call comes in. While a form is open it waits. */
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

  #build() {
    const styles = STYLES.map((name) => h("link", { rel: "stylesheet", crossorigin: "anonymous", href: `${BASE}/panel/styles/${name}.css` }));
    this.attachShadow({ mode: "open" }).append(...styles, this.#place);
  }

  /** Several attributes that change at once are one change. */
  #changed(name) {
    this.#stale.add(name);
    if (this.#stale.size === 1) queueMicrotask(() => this.#catchUp());
  }

  #catchUp() {
    const stale = this.#stale;
    this.#stale = new Set();
    const who = WHO.some((name) => stale.has(name)) ? Object.fromEntries(WHO.map((name) => [name, this.getAttribute(name)])) : null;
    return this.#context.turn(who, { speaks: stale.has("language") });
  }
}

customElements.define("novelo-context", NoveloContext);
