// What the agent does in the panel: which form is opened, and what is recorded when it is sent.

import { Agent } from "./agent.js";
import { Problem } from "./api.js";
import { DEEDS } from "./forms/deeds.js";
import { preview, search, unlink } from "./forms/link.js";
import { Meanwhile, isSame } from "./forms/meanwhile.js";
import { past } from "./forms/past.js";
import { masked } from "./identifiers.js";
import { ways } from "./lookup.js";
import { Sending, subjectOf } from "./record.js";

export class Acting {
  #confirming = new Map();

  /**
   * `panel` gives what is shown (`customer()`, `lookup()`, `asOf()`, `agent()`) and hears what came of it
   * (`recorded(kind, receipt)`, `linked(kind)`, `go(moment)`, `trouble(problem)`).
   */
  constructor({ t, api, dialog, panel }) {
    Object.assign(this, { t, api, dialog, panel });
  }

  /** Opens the form of a deed. It is about whom is shown now, whoever is shown when it is sent. */
  open(name, preset) {
    const own = { t: this.t, api: this.api, channel: this.panel.lookup().channel, ...preset };
    if (name === "past") return this.dialog.open(past({ ...own, asOf: this.panel.asOf(), newest: this.#newest(), go: (at) => this.panel.go(at) }));
    if (name === "link" && preset.other) return this.look(preset.other).catch((problem) => this.panel.trouble(problem));
    if (name === "link") return this.dialog.open(search({ ...own, look: (by) => this.look(by) }));
    const agent = this.#agent();
    const sending = new Sending(this.api);
    const customer = this.panel.customer();
    let filing;
    try {
      filing = this.#filing();
    } catch (problem) {
      return this.panel.trouble(problem);
    }
    const meanwhile = new Meanwhile({ t: this.t, api: this.api, by: customer && { id: customer.id } });
    const send = async (kind, fields) => {
      await meanwhile.look(form.still, fields);
      await this.panel.recorded(kind, await sending.record(kind, { ...filing, agent: agent.id() }, fields));
    };
    const form = name === "unlink"
      ? unlink({ ...own, customer, finish: (deed) => this.#unlink(sending, { ...deed, customer, agent: agent.id() }) })
      : DEEDS[name]({ ...own, customer, send });
    this.dialog.open({ ...form, of: this.whose(), fields: [...(form.fields ?? []), agent.field] });
  }

  /** When the newest entry of whom is shown was recorded, as far as entries are there; null where there is none. */
  #newest() {
    const moments = (this.panel.customer()?.timeline.nodes ?? []).map(({ recordedAt }) => recordedAt);
    return moments.reduce((newest, each) => (newest === null || Date.parse(each) > Date.parse(newest) ? each : newest), null);
  }

  /** Whose a form is that is opened now: by what they are told apart, and what they are called, null where nothing is known. */
  whose() {
    const customer = this.panel.customer();
    const lookup = this.panel.lookup();
    const [first] = customer?.identifiers ?? [lookup.identifier].filter(Boolean);
    const known = first && `${this.t.word("identifier", first.kind)} ${first.masked ? first.value : masked(first)}`;
    return { key: JSON.stringify(customer ? customer.id : ways(lookup)), name: customer?.displayName ?? known ?? null };
  }

  /** A deed without a form. Where nobody said who the agent is, it needs one after all. */
  async confirm(fact) {
    const agent = this.#agent();
    if (agent.field || fact.value === null) return this.open("correct", { fact });
    const { sending, meanwhile } = this.#confirmation(fact);
    try {
      await meanwhile.look(isSame(fact, { over: false, withdrawn: false }), {});
      const fields = { key: fact.key, value: fact.value, confirmed: true, valid_until: fact.validUntil ?? undefined };
      await this.panel.recorded("fact.told", await sending.record("fact.told", { ...this.#filing(), agent: agent.id() }, fields));
    } catch (problem) {
      if (problem.code === "CONFLICT") await this.panel.refresh();
      this.panel.trouble(problem);
    }
  }

  /** The other customer beside this one; then they can be linked. */
  async look(by) {
    const agent = this.#agent();
    const sending = new Sending(this.api);
    const lookup = this.panel.lookup();
    const customer = this.panel.customer();
    // Somebody who is known already is linked as they are: nothing is filed for it.
    const filing = customer ? null : this.#filing();
    const [self] = ways(customer ? { customer: customer.id } : lookup);
    const form = await preview({
      t: this.t, api: this.api, by, self: { by: self, identifier: lookup.identifier },
      finish: (deed) => this.#link(sending, { ...deed, filing, identifier: lookup.identifier, agent: agent.id() }),
    });
    if (this.panel.lookup() !== lookup) return;
    this.dialog.open({ ...form, of: this.whose(), fields: [...form.fields, form.action && agent.field] });
  }

  /** Pressed twice it is one. */
  #confirmation(fact) {
    if (!this.#confirming.has(fact.event)) {
      const by = { id: this.panel.customer().id };
      this.#confirming.set(fact.event, { sending: new Sending(this.api), meanwhile: new Meanwhile({ t: this.t, api: this.api, by }) });
    }
    return this.#confirming.get(fact.event);
  }

  #agent() {
    return new Agent(this.t, this.panel.agent());
  }

  /** Of whom and in which contact something is recorded. */
  #filing() {
    const customer = this.panel.customer();
    const { contact, channel, ...lookup } = this.panel.lookup();
    const subject = subjectOf(customer, lookup);
    const filing = { subject, channel, contact: contact ?? (subject ? null : customer?.continuation?.lastContact ?? null) };
    // What is filed under nobody and in no contact nobody finds again.
    if (!filing.subject && !filing.contact) throw new Problem(this.t("record.nobody"), { help: this.t("record.nobody_help"), code: "INVALID_INPUT" });
    return filing;
  }

  async #link(sending, { a, b, because, filing, identifier, agent }) {
    if (!a) return this.#claim(sending, { customer: b, filing, identifier, agent });
    await sending.say("link", { a: { id: a.id }, b: { id: b.id }, because, agent });
    await this.panel.linked("identity.linked");
  }

  /** Nothing was recorded of this identifier yet: the customer is said to have it. */
  async #claim(sending, { customer, filing, identifier, agent }) {
    const known = customer.identifiers.find((each) => !each.masked);
    if (!known || !identifier) throw new Problem(this.t("link.no_identifier"), { help: this.t("link.no_identifier_help"), code: "INVALID_INPUT" });
    const receipt = await sending.record("identity.claimed", { ...filing, subject: identifier, agent }, { identifiers: [`${known.kind}:${known.value}`] });
    await this.panel.recorded("identity.claimed", receipt);
  }

  async #unlink(sending, { customer, subject, because, agent }) {
    const { id, linked } = customer;
    const stays = linked.find((each) => each.subject !== subject);
    await sending.say("unlink", { subject, from: stays?.subject ?? id, because, agent });
    await this.panel.linked("identity.unlinked");
  }
}
