// Asking the store who it is and what is new. An answer that nobody waits for any more is dropped.

import { ways } from "../lookup.js";

const FIRST_PAGE = 40;

export class Loading {
  #asked = 0;

  /**
   * `language()` gives the tag of the language that is spoken. `on`: `begun()` and `ended()` around a question that all wait for, `found()` when what is shown is somebody else,
   * or nobody, `changed()` when more is known of the same, `trouble(problem)`.
   */
  constructor({ api, shown, language, on }) {
    Object.assign(this, { api, shown, language, on });
  }

  /** Puts the question. Whatever was asked before, nobody waits for it any more. */
  ask() {
    const question = { number: (this.#asked += 1), answer: this.#question({}) };
    question.answer.catch(() => {});
    return question;
  }

  /** Whether nothing was asked since. */
  isLast({ number }) {
    return number === this.#asked;
  }

  /** Shows what is answered: one question, the first page of the timeline included. */
  async show(question = this.ask()) {
    if (!this.isLast(question)) return;
    this.on.begun();
    try {
      const customer = await question.answer;
      if (!this.isLast(question)) return;
      this.shown.customer = customer;
      this.on.found();
    } catch (problem) {
      if (this.isLast(question)) this.on.trouble(problem);
    } finally {
      if (this.isLast(question)) this.on.ended();
    }
  }

  /** Asks again and shows what is new, without losing the place in the timeline. */
  async refresh(atLeast = null) {
    const number = this.#asked;
    const { shown } = this;
    try {
      const customer = await this.#question({ atLeast });
      if (number !== this.#asked || shown.asOf) return;
      const same = shown.customer && customer?.id === shown.customer.id;
      shown.customer = customer;
      if (same) await this.on.changed();
      else this.on.found();
    } catch (problem) {
      this.on.trouble(problem);
    }
  }

  /** Whether somebody is found by now of whom nothing was known. */
  async look() {
    const number = this.#asked;
    const customer = await this.#question({}).catch(() => null);
    if (!customer || number !== this.#asked || this.shown.customer) return false;
    this.shown.customer = customer;
    this.on.found();
    return true;
  }

  /** Shows the customer as of a moment, null is now; whether anything was known of them then. */
  async go(at) {
    const number = this.#asked;
    const customer = await this.#question({ asOf: at });
    if (number !== this.#asked) return true;
    if (!customer) return false;
    this.#asked += 1;
    Object.assign(this.shown, { asOf: at, customer, promised: null });
    this.on.found();
    return true;
  }

  /** What was promised in the last conversation comes after the first paint; whether it came. */
  async promises() {
    const { shown } = this;
    const { customer, asOf } = shown;
    const conversation = customer?.continuation?.conversation;
    if (!conversation) return false;
    const answer = await this.api.ask("promises", { id: customer.id, asOf, conversation }).catch(() => null);
    if (!answer?.customer || customer.id !== shown.customer?.id) return false;
    const made = answer.customer.timeline.nodes.filter(({ data }) => data.name === "promise.made" && data.properties?.promise);
    const list = made.map(({ data, occurredAt, actor }) => ({ text: String(data.properties.promise), occurredAt, by: actor.id }));
    shown.promised = { conversation, list };
    return true;
  }

  async #question(more) {
    const { lookup, asOf } = this.shown;
    const variables = { asOf, last: FIRST_PAGE, language: this.language(), channel: lookup.channel, ...more };
    for (const by of ways(lookup)) {
      const customer = await this.#askedBy(variables, by);
      if (customer) return { ...customer, askedBy: by };
    }
    return null;
  }

  /** An identifier that cannot be read, such as that of a caller who withholds it, is nobody's. */
  async #askedBy(variables, by) {
    const { lookup } = this.shown;
    try {
      return (await this.api.ask("desktop", { ...variables, by })).customer;
    } catch (problem) {
      if (!by.identifier || !problem.field?.startsWith("by.identifier")) throw problem;
      if (this.shown.lookup === lookup) this.shown.ignoreIdentifier(problem);
      return null;
    }
  }
}
