// Who is shown, and how: what loading, following and the screen know in common.

import { State } from "../live.js";
import { lookup } from "../lookup.js";

export class Shown {
  /** By what they are asked for: as it was said, and as it is read. */
  by = {};
  lookup = lookup({});
  customer = null;
  /** The past moment that is looked at; null is now. */
  asOf = null;
  live = State.OFF;
  /** Whether nothing was answered yet. */
  waiting = true;
  /** Whether the identifier that they were asked for by is none. */
  isUnreadable = false;
  revealed = false;
  expanded = new Set();
  /** What was promised in the last conversation. */
  promised = null;

  /** Somebody else is asked for: nothing of whom it was stays. */
  turn(by) {
    Object.assign(this, { by, lookup: lookup(by), customer: null, asOf: null, waiting: true, isUnreadable: false, revealed: false, expanded: new Set(), promised: null });
  }

  /** Goes on without the identifier, which cannot be read: nothing can be filed by it either. */
  ignoreIdentifier() {
    this.lookup = { ...this.lookup, identifier: null };
    this.isUnreadable = true;
  }
}
