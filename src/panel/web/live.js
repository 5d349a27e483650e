// Following a customer: one subscription over `graphql-transport-ws` (the protocol of github's enisdenjo/graphql-ws), which
// comes back by itself and goes on behind the last position that it was told.

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 15_000;
/** The server must take the connection within this, else it is tried anew. */
const ACK_MS = 10_000;

/** What the panel says about it. */
export const State = Object.freeze({ OFF: "off", CONNECTING: "connecting", LIVE: "live", WAITING: "waiting" });

export class Live {
  #socket = null;
  #timer = null;
  #pause = FIRST_PAUSE_MS;
  #wanted = null;
  #wasLive = false;

  /**
   * `url`: the endpoint, `ws:` or `wss:`. `document`: gives the text of the subscription. `onState(state)`,
   * `onEvent(event)` and `onBack()`, which is called when it is live again after it was not.
   */
  constructor({ url, document, onState, onEvent, onBack, Socket = globalThis.WebSocket }) {
    Object.assign(this, { url, document, onState, onEvent, onBack, Socket });
    this.wake = () => this.#wanted && !this.#socket && this.#connect();
  }

  /** Follows `by` behind the position `after`; null for everything. */
  start(by, after, language) {
    this.stop();
    this.#wanted = { by, after, language };
    this.#wasLive = false;
    this.#pause = FIRST_PAUSE_MS;
    globalThis.addEventListener?.("online", this.wake);
    this.#connect();
  }

  /** Follows nobody any more. */
  stop() {
    this.#wanted = null;
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.("online", this.wake);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    this.onState(State.OFF);
  }

  async #connect() {
    clearTimeout(this.#timer);
    const wanted = this.#wanted;
    this.onState(this.#wasLive ? State.WAITING : State.CONNECTING);
    let query;
    try {
      query = await this.document();
    } catch {
      return this.#again(wanted);
    }
    if (wanted !== this.#wanted || this.#socket) return;
    const socket = new this.Socket(this.url, "graphql-transport-ws");
    this.#socket = socket;
    const silent = setTimeout(() => socket.close(4408), ACK_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
    socket.onmessage = ({ data }) => this.#hear(socket, JSON.parse(data), query, silent);
    socket.onclose = () => {
      clearTimeout(silent);
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#again(wanted);
    };
  }

  #hear(socket, message, query, silent) {
    if (this.#socket !== socket) return;
    switch (message.type) {
      case "connection_ack":
        clearTimeout(silent);
        socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query, variables: this.#wanted } }));
        this.#pause = FIRST_PAUSE_MS;
        this.onState(State.LIVE);
        if (this.#wasLive) this.onBack();
        this.#wasLive = true;
        break;
      case "ping":
        socket.send(JSON.stringify({ type: "pong" }));
        break;
      case "next":
        if (message.payload.errors) socket.close(1000);
        else this.#take(Object.values(message.payload.data)[0]);
        break;
      case "error":
      case "complete":
        socket.close(1000);
        break;
      default:
    }
  }

  /**
   * Takes an event. The highest position is what it goes on behind after a break; entries of a strand that was linked lie
   * before it, and come all the same. Whoever hears an event twice tells by its id.
   */
  #take(event) {
    const last = this.#wanted.after;
    if (last === null || BigInt(event.position) > BigInt(last)) this.#wanted.after = event.position;
    this.onEvent(event);
  }

  #again(wanted) {
    if (!wanted || wanted !== this.#wanted) return;
    this.onState(State.WAITING);
    this.#timer = setTimeout(this.wake, this.#pause * (0.7 + 0.6 * Math.random()));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}
