// What an agent does becomes an event. Its id is made here, before it is sent, so that sending it twice records it once.

/** The source of everything that is recorded from the panel. */
const SOURCE = "panel";
const PAUSES_MS = [300, 1200, 3000];

/** An id that nobody else has. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** By what events of this customer are filed: what they were looked up by, else the surest that they are known by. */
export function subjectOf(customer, lookup) {
  if (lookup.identifier) return lookup.identifier;
  const open = customer?.identifiers.filter((identifier) => !identifier.masked) ?? [];
  const best = open.find((identifier) => identifier.verified) ?? open[0];
  return best ? { kind: best.kind, value: best.value } : null;
}

/** One form's sending. The same content is the same event, however often it is sent; other content is another one. */
export class Sending {
  #last = null;

  constructor(api) {
    this.api = api;
  }

  /** Records an event of a kind; what became of it. */
  async record(kind, { subject, agent, contact, channel }, fields) {
    const data = { direction: "internal", ...(contact && { contact }), ...(channel && { channel }), ...fields, actor: `agent:${agent}` };
    const content = JSON.stringify([kind, subject, data]);
    if (this.#last?.content !== content) {
      this.#last = { content, id: newId(), time: new Date().toISOString() };
    }
    const { id, time } = this.#last;
    const event = { id, source: SOURCE, kind, time, data, ...(subject && { subject }) };
    return this.#send({ events: [event] });
  }

  /** Sends; where nobody answered, or the store is busy, a few times more. */
  async #send(variables) {
    for (const pause of [...PAUSES_MS, null]) {
      try {
        return (await this.api.ask("record", variables)).record;
      } catch (problem) {
        if (pause === null || !["OFFLINE", "UNAVAILABLE"].includes(problem.code)) throw problem;
        await new Promise((done) => setTimeout(done, pause));
      }
    }
    return null;
  }
}
