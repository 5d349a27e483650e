// Who is shown, and how: what loading, following and the screen know in common.

import { State } from "../live.js";
import { parse } from "../identifiers.js";
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
  /** Why the identifier that they were asked for by is none: `withheld`, `placeholder`, its kind, or `kind` where it says none; null when it is one. */
  unreadable = null;
  revealed = false;
  expanded = new Set();
  /** What was promised in the last conversation. */
  promised = null;

  /** Somebody else is asked for: nothing of whom it was stays. */
  turn(by) {
    Object.assign(this, { by, lookup: lookup(by), customer: null, asOf: null, waiting: true, unreadable: null, revealed: false, expanded: new Set(), promised: null });
  }

  /** Goes on without the identifier, which cannot be read: nothing can be filed by it either. */
  ignoreIdentifier({ field, placeholder }) {
    this.unreadable = unreadable(this.by.identifier, this.lookup.identifier, { field, placeholder });
    this.lookup = { ...this.lookup, identifier: null };
  }
}

/** Kinds of which it is said what is wrong with a value. */
const TOLD = ["cpf", "cnpj", "email"];

/** Kinds of which a placeholder is what a switch sends of a caller who withholds the number. */
const BY_NUMBER = ["phone", "whatsapp"];

/** Why an identifier cannot be read; a telephone that is none is one that the caller withholds. */
function unreadable(text, { kind }, { field, placeholder }) {
  // What stands for nobody is no mistake in writing.
  if (placeholder) return BY_NUMBER.includes(kind) ? "withheld" : "placeholder";
  if (field.endsWith(".kind")) return "kind";
  if (TOLD.includes(kind)) return kind;
  return parse(text) === null && /\d{3}/.test(text) ? "kind" : "withheld";
}
