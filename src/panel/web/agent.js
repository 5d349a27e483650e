// Who acts. A desktop says it; where it does not, the agent is asked once and remembered in this browser.

import { line } from "./forms/fields.js";

const KEY = "novelo-agent";

export class Agent {
  #given;

  constructor(t, given) {
    this.#given = given?.trim() || remembered();
    /** The field to ask with; null when it is known. */
    this.field = given?.trim() ? null : line("agent", t("form.agent"), { value: this.#given ?? "", required: true, hint: t("form.agent_hint") });
  }

  /** The agent's id, as it stands in events. */
  id() {
    if (!this.field) return this.#given;
    const typed = this.field.value();
    remember(typed);
    return typed;
  }
}

/** A browser may keep nothing for pages in frames: then it is asked every time. */
function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(agent) {
  try {
    localStorage.setItem(KEY, agent);
  } catch {
    // Asked again next time.
  }
}
