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
    const { id, time } = this.#same([kind, subject, data]);
    const event = { id, source: SOURCE, kind, time, data, ...(subject && { subject }) };
    return (await this.#send("record", { events: [event] })).record;
  }

  /** Carries out an operation that takes an id of ours, such as `link`. */
  async say(operation, variables) {
    return this.#send(operation, { ...variables, id: this.#same([operation, variables]).id });
  }

  /** The id of this content, and the moment at which it was sent first. */
  #same(content) {
    const text = JSON.stringify(content);
    if (this.#last?.text !== text) this.#last = { text, id: newId(), time: new Date().toISOString() };
    return this.#last;
  }

  /** Sends; where nobody answered, or the store is busy, a few times more. */
  async #send(operation, variables) {
    for (const pause of PAUSES_MS) {
      try {
        return await this.api.ask(operation, variables);
      } catch (problem) {
        if (!["OFFLINE", "UNAVAILABLE"].includes(problem.code)) throw problem;
        await new Promise((done) => setTimeout(done, pause));
      }
    }
    return this.api.ask(operation, variables);
  }
}
