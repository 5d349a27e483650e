// Following a customer: one subscription, which goes on behind the last position that it was told.

import { State, Wire } from "./wire.js";

export { State };

export class Live {
  #wire;
  #wanted = null;

  /**
   * `url`: the endpoint, `ws:` or `wss:`. `document`: gives the text of the subscription. `onState(state)`,
   * `onEvent(event)` and `onBack()`, which is called when it is live again after it was not.
   */
  constructor({ url, document, onState, onEvent, onBack, Socket }) {
    Object.assign(this, { document, onEvent });
    this.#wire = new Wire({ url, onState, onBack, Socket });
  }

  /** Follows `by` behind the position `after`; null for everything. */
  start(by, after, language) {
    this.#wanted = { by, after, language };
    const onData = (data) => this.#take(Object.values(data)[0]);
    this.#wire.start([{ document: () => this.document(), variables: () => this.#wanted, onData }]);
  }

  /** Follows nobody any more. */
  stop() {
    this.#wire.stop();
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
}
