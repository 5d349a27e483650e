// Watching analyses: they are asked for again and again, more often while one is being built.

import { isMoving } from "./progress.js";

const MOVING_MS = 1000;
const STILL_MS = 10_000;

export class Watch {
  #timer = null;
  #ended = false;

  /** `ask()` gives the analyses by name; `on`: `found(analyses)`, `trouble(problem)`. */
  constructor({ ask, on }) {
    Object.assign(this, { ask, on });
  }

  /** Looks now, and from then on by itself. */
  async look() {
    clearTimeout(this.#timer);
    const number = (this.number = (this.number ?? 0) + 1);
    let next = STILL_MS;
    try {
      const analyses = await this.ask();
      if (number !== this.number || this.#ended) return;
      if ([...analyses.values()].some(isMoving)) next = MOVING_MS;
      this.on.found(analyses);
    } catch (problem) {
      if (number !== this.number || this.#ended) return;
      this.on.trouble(problem);
    }
    this.#timer = setTimeout(() => this.look(), next);
  }

  stop() {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}
