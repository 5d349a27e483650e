// What happened while a form was open: nothing is recorded over it unseen.

import { Problem } from "../api.js";

export class Meanwhile {
  #told = null;
  #isSent = false;
  #looking = null;

  /** `by` finds the customer whom the form is about; null where there is none. */
  constructor({ t, api, by }) {
    Object.assign(this, { t, api, by });
  }

  /**
   * Throws what `still` finds changed. Where one can go on all the same, sending again does. What was sent once is not looked
   * at again: it is the same event, and what has changed by then may be that.
   */
  async look(still, fields) {
    if (!still || this.#isSent) return;
    this.#looking ??= this.#look(still, fields).finally(() => { this.#looking = null; });
    await this.#looking;
  }

  async #look(still, fields) {
    const found = await still({ t: this.t, fields, now: () => this.#now(), ask: (name, variables) => this.api.ask(name, variables) });
    if (found && !(found.goesOn && found.text === this.#told)) {
      this.#told = found.text;
      const help = found.help ?? this.t(found.goesOn ? "meanwhile.again" : "meanwhile.nothing");
      throw new Problem(found.text, { help, code: "CONFLICT" });
    }
    this.#isSent = true;
  }

  async #now() {
    return this.by && (await this.api.ask("standing", { by: this.by })).customer;
  }
}

/** The fact is the one that was seen. `over` and `withdrawn`: whether one can go on where it says something else, or nothing. */
export function isSame(fact, { over = true, withdrawn = true } = {}) {
  return async ({ t, now }) => {
    const { facts } = (await now()) ?? { facts: [] };
    const found = facts.find(({ key }) => key === fact.key);
    if (!found) return { text: t("meanwhile.withdrawn"), goesOn: withdrawn };
    if (found.event === fact.event) return null;
    const value = typeof found.value === "string" ? found.value : JSON.stringify(found.value);
    return { text: t("meanwhile.fact", { value: value.slice(0, 200) }), goesOn: over, help: over ? null : "" };
  };
}

/** The case is open, or is not, as it was seen. */
export function stands(id, status) {
  return async ({ t, now }) => {
    const found = (await now())?.cases.find((each) => each.id === id);
    return !found || found.status === status ? null : { text: t(status === "OPEN" ? "meanwhile.resolved" : "meanwhile.reopened") };
  };
}

/** The note is pinned still. */
export function isPinned(note) {
  return async ({ t, now }) => {
    const pinned = (await now())?.pinnedNotes ?? [];
    return pinned.some(({ eventId }) => eventId === note.eventId) ? null : { text: t("meanwhile.unpinned") };
  };
}

/** Nobody has a case with the protocol number. */
export async function isFree({ t, fields, ask }) {
  const { customer } = await ask("glance", { by: { protocol: fields.protocol } });
  return customer && { text: t("case.taken", { protocol: fields.protocol }), help: t("case.taken_help") };
}
