// What the agent does in the panel: which form is opened, and what is recorded when it is sent.

import { Agent } from "./agent.js";
import { Problem } from "./api.js";
import { DEEDS } from "./forms/deeds.js";
import { Dialog } from "./forms/dialog.js";
import { preview, search, unlink } from "./forms/link.js";
import { past } from "./forms/past.js";
import { ways } from "./lookup.js";
import { Sending, subjectOf } from "./record.js";

export class Acting {
  #confirming = new Map();

  /**
   * `panel` gives what is shown (`customer()`, `lookup()`, `asOf()`, `agent()`) and hears what came of it
   * (`recorded(kind, receipt)`, `linked(kind)`, `go(moment)`, `trouble(problem)`).
   */
  constructor({ t, api, panel }) {
    Object.assign(this, { t, api, panel, dialog: new Dialog(t) });
  }

  /** Opens the form of a deed. */
  open(name, preset) {
    const agent = this.#agent();
    const sending = new Sending(this.api);
    const send = async (kind, fields) => this.panel.recorded(kind, await sending.record(kind, this.#filing(agent.id()), fields));
    const own = { t: this.t, api: this.api, send, channel: this.panel.lookup().channel, ...preset };
    if (name === "past") return this.dialog.open(past({ ...own, asOf: this.panel.asOf(), go: (at) => this.panel.go(at) }));
    if (name === "link" && preset.other) return this.look(preset.other).catch((problem) => this.panel.trouble(problem));
    if (name === "link") return this.dialog.open(search({ ...own, look: (by) => this.look(by) }));
    const form = name === "unlink"
      ? unlink({ ...own, customer: this.panel.customer(), finish: (deed) => this.#unlink(deed, agent.id()) })
      : DEEDS[name](own);
    this.dialog.open({ ...form, fields: [...(form.fields ?? []), agent.field] });
  }

  /** A deed without a form. Where nobody said who the agent is, it needs one after all. */
  async confirm(fact) {
    const agent = this.#agent();
    if (agent.field || fact.value === null) return this.open("correct", { fact });
    const sending = this.#confirming.get(fact.event) ?? new Sending(this.api);
    this.#confirming.set(fact.event, sending);
    try {
      const fields = { key: fact.key, value: fact.value, confirmed: true };
      await this.panel.recorded("fact.told", await sending.record("fact.told", this.#filing(agent.id()), fields));
    } catch (problem) {
      this.panel.trouble(problem);
    }
  }

  /** The other customer beside this one; then they can be linked. */
  async look(by) {
    const agent = this.#agent();
    const lookup = this.panel.lookup();
    const customer = this.panel.customer();
    const [self] = ways(customer ? { customer: customer.id } : lookup);
    const form = await preview({
      t: this.t, api: this.api, by, self: { by: self, identifier: lookup.identifier },
      finish: (deed) => this.#link(deed, agent.id()),
    });
    this.dialog.open({ ...form, fields: [...form.fields, form.action && agent.field] });
  }

  #agent() {
    return new Agent(this.t, this.panel.agent());
  }

  /** By whom, of whom and in which contact something is recorded. */
  #filing(agent) {
    const customer = this.panel.customer();
    const { contact, channel, ...lookup } = this.panel.lookup();
    const subject = subjectOf(customer, lookup);
    return { subject, agent, channel, contact: contact ?? (subject ? null : customer?.continuation?.lastContact ?? null) };
  }

  async #link({ a, b, because }, agent) {
    if (!a) return this.#claim(b, agent);
    await this.api.ask("link", { a: { id: a.id }, b: { id: b.id }, because, agent });
    await this.panel.linked("identity.linked");
  }

  /** Nothing was recorded of this identifier yet: the customer is said to have it. */
  async #claim(customer, agent) {
    const known = customer.identifiers.find((each) => !each.masked);
    const { identifier } = this.panel.lookup();
    if (!known || !identifier) throw new Problem(this.t("link.no_identifier"), { help: this.t("link.no_identifier_help"), code: "INVALID_INPUT" });
    const filing = { ...this.#filing(agent), subject: identifier };
    const receipt = await new Sending(this.api).record("identity.claimed", filing, { identifiers: [`${known.kind}:${known.value}`] });
    await this.panel.recorded("identity.claimed", receipt);
  }

  async #unlink({ subject, because }, agent) {
    const { id, linked } = this.panel.customer();
    const stays = linked.find((each) => each.subject !== subject);
    await this.api.ask("unlink", { subject, from: stays?.subject ?? id, because, agent });
    await this.panel.linked("identity.unlinked");
  }
}
