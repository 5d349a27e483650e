// Following whom is shown: live, behind what was shown; somebody unknown is looked for until they are known.

import { LIVE_URL } from "../base.js";
import { Live } from "../live.js";
import { isEmpty } from "../lookup.js";

/** Changes that come together are shown together. */
const TOGETHER_MS = 60;
/** How often somebody unknown is looked for. */
const WAIT_MS = 5_000;

export class Following {
  #timer = null;

  /** `on`: `turned()` when it is live, or not any more; `entry(event)` for every new entry of the timeline. */
  constructor({ api, shown, loading, language, on }) {
    Object.assign(this, { shown, loading, language, on });
    this.live = new Live({
      url: LIVE_URL,
      document: () => api.operation("live_timeline"),
      onState: (state) => this.#turned(state),
      onEvent: (event) => this.#happened(event),
      onBack: () => loading.refresh(),
    });
  }

  /** Follows whom is shown now. The past is not followed. */
  start() {
    const { asOf, customer } = this.shown;
    this.stop();
    if (asOf) return;
    if (!customer) return this.#waitForThem();
    const through = BigInt(customer.through);
    // By what they were looked up: should they turn out to be two, it is the right one of them that is followed.
    this.live.start(customer.askedBy ?? { id: customer.id }, through > 0n ? String(through - 1n) : null, this.language());
  }

  /** Follows nobody any more. */
  stop() {
    clearTimeout(this.#timer);
    this.live.stop();
  }

  /** Nobody can be followed yet, and the panel says that it is not live. */
  #waitForThem() {
    if (isEmpty(this.shown.lookup)) return;
    this.#timer = setTimeout(async () => {
      const { lookup } = this.shown;
      const found = await this.loading.look();
      if (!found && !this.shown.customer && lookup === this.shown.lookup) this.#waitForThem();
    }, WAIT_MS);
  }

  #turned(state) {
    this.shown.live = state;
    this.on.turned();
  }

  #happened(event) {
    // What belonged to a strand that left does not belong here any more.
    if (event.kind === "identity.unlinked") return this.loading.show();
    this.on.entry(event);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.loading.refresh(String(BigInt(event.position) + 1n)), TOGETHER_MS);
  }
}
