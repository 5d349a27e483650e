// The control for the range: the usual ones at one press, and two days for any other.

import { fill, h, refill } from "../dom.js";
import { RANGES, isBackwards } from "./range.js";

/** Keeps its node; `show(range)` says what is chosen, `change(range)` is called with what is chosen next. */
export class RangeBar {
  constructor(t, change) {
    Object.assign(this, { t, change });
    this.choices = h("div", { class: "chips", role: "group", "aria-label": t("range.title") });
    this.days = h("div", { class: "days-of-range" });
    this.problem = h("p", { class: "problem range-problem", id: "range-problem", role: "alert" });
    this.element = h("div", { class: "range" }, this.choices, this.days, this.problem);
  }

  show(chosen) {
    const { t, change } = this;
    refill(this.choices, ...RANGES.map((range) =>
      h("button", { type: "button", class: "chip", "data-key": `range-${range}`, "aria-pressed": String(chosen.range === range), onclick: () => change({ ...chosen, range }) }, t(`range.${range}`))));
    refill(this.days, chosen.range === "custom" && [this.#day("from", chosen), this.#day("to", chosen)]);
    fill(this.problem, isBackwards(chosen) && t("range.backwards"));
  }

  #day(name, chosen) {
    const field = h("input", { type: "date", name, "data-key": `day-${name}`, ...(isBackwards(chosen) && { "aria-invalid": "true", "aria-describedby": this.problem.id }) });
    field.value = chosen[name] ?? "";
    field.addEventListener("change", () => this.change({ ...chosen, [name]: field.value || null }));
    return h("label", null, h("span", null, this.t(`range.${name}`)), field);
  }
}
