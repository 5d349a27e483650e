// A connection over `graphql-transport-ws` (the protocol of github's enisdenjo/graphql-ws) with subscriptions on it, which comes
// back by itself.

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 15_000;
/** The server must take the connection within this, else it is tried anew. */
const ACK_MS = 10_000;

/** What a page says about it. */
export const State = Object.freeze({ OFF: "off", CONNECTING: "connecting", LIVE: "live", WAITING: "waiting" });

export class Wire {
  #socket = null;
  #timer = null;
  #pause = FIRST_PAUSE_MS;
  #wanted = null;
  #wasLive = false;

  /** `url`: the endpoint, `ws:` or `wss:`. `onState(state)`, and `onBack()`, which is called when it is live again after it was not. */
  constructor({ url, onState, onBack = () => {}, Socket = globalThis.WebSocket }) {
    Object.assign(this, { url, onState, onBack, Socket });
    this.wake = () => this.#wanted && !this.#socket && this.#connect();
  }

  /**
   * Follows these subscriptions and no others. Each has `document()`, which gives its text, `variables()`, which are asked anew at
   * every connection, and `onData(data)`. One with `onProblem(error)` may be refused without harm to the others.
   */
  start(subscriptions) {
    this.stop();
    this.#wanted = subscriptions;
    this.#wasLive = false;
    this.#pause = FIRST_PAUSE_MS;
    globalThis.addEventListener?.("online", this.wake);
    this.#connect();
  }

  /** Follows nothing any more. */
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
    let queries;
    try {
      queries = await Promise.all(wanted.map((each) => each.document()));
    } catch {
      return this.#again(wanted);
    }
    if (wanted !== this.#wanted || this.#socket) return;
    const socket = new this.Socket(this.url, "graphql-transport-ws");
    this.#socket = socket;
    const silent = setTimeout(() => socket.close(4408), ACK_MS);
    socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
    socket.onmessage = ({ data }) => this.#hear(socket, JSON.parse(data), queries, silent);
    socket.onclose = () => {
      clearTimeout(silent);
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#again(wanted);
    };
  }

  #hear(socket, message, queries, silent) {
    if (this.#socket !== socket) return;
    const subscription = this.#wanted[Number(message.id) - 1];
    switch (message.type) {
      case "connection_ack":
        clearTimeout(silent);
        this.#wanted.forEach((each, at) => socket.send(JSON.stringify({ id: String(at + 1), type: "subscribe", payload: { query: queries[at], variables: each.variables() } })));
        this.#pause = FIRST_PAUSE_MS;
        this.onState(State.LIVE);
        if (this.#wasLive) this.onBack();
        this.#wasLive = true;
        break;
      case "ping":
        socket.send(JSON.stringify({ type: "pong" }));
        break;
      case "next":
        if (message.payload.errors) this.#refused(socket, subscription, message.payload.errors);
        else subscription.onData(message.payload.data);
        break;
      case "error":
        this.#refused(socket, subscription, message.payload);
        break;
      case "complete":
        if (!subscription?.refused) socket.close(1000);
        break;
      default:
    }
  }

  #refused(socket, subscription, [error]) {
    if (!subscription?.onProblem) return socket.close(1000);
    subscription.refused = true;
    subscription.onProblem(error);
  }

  #again(wanted) {
    if (!wanted || wanted !== this.#wanted) return;
    this.onState(State.WAITING);
    this.#timer = setTimeout(this.wake, this.#pause * (0.7 + 0.6 * Math.random()));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}
