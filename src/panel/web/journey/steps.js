// From one step to the next: between stages, touchpoints or channels, as bands or, where there is no room for them, as bars.

import { bars } from "../charts/bars.js";
import { flows } from "../charts/flows.js";
import { measured } from "../charts/measured.js";
import { h, refill } from "../dom.js";
import { Chart } from "../figures/chart.js";
import { short, span } from "../figures/measures.js";
import { capital, valueName } from "../figures/naming.js";
import { shortKey } from "../said.js";

const KINDS = ["stage", "touchpoint", "channel"];
/** So many are drawn; the table has them all. */
const DRAWN = 16;
/** Below this width bands have no room for names. */
const ROOM_PX = 560;

export class Steps {
  #kind = null;
  #shown = null;

  constructor(t) {
    this.t = t;
    this.chart = new Chart(t, { name: "steps", title: t("steps.title"), intro: t("steps.intro"), className: "steps" });
    this.element = this.chart.element;
  }

  /** `steps` are those of the map; `empty` is what is said where there are none. */
  show(steps, empty) {
    this.#shown = { steps, empty };
    const there = KINDS.filter((kind) => steps.some(({ of }) => of === kind));
    if (!there.includes(this.#kind)) this.#kind = there[0] ?? null;
    this.#paint(there);
  }

  #paint(there) {
    const { t } = this;
    const { steps, empty } = this.#shown;
    const kind = this.#kind;
    refill(this.chart.extra, there.length > 1 && h("div", { class: "chips", role: "group", "aria-label": t("steps.between") }, ...there.map((each) =>
      h("button", { type: "button", class: "chip", "data-key": `steps-${each}`, "aria-pressed": String(each === kind), onclick: () => { this.#kind = each; this.#paint(there); } }, t(`steps.${each}`)))));
    const all = steps.filter(({ of, from, to }) => of === kind && from !== to).sort((a, b) => b.count - a.count);
    // First steps come from nowhere: there are as many as customers, and they would hide all others.
    const onward = all.filter(({ from }) => from !== null);
    const drawn = (onward.length ? onward : all).slice(0, DRAWN);
    const name = (code) => (code === null ? t("flow.start") : valueName(t, kind, code));
    const title = (step) => [t("map.step", { from: name(step.from), to: name(step.to), n: step.count }), step.meanElapsedMs !== null && t("steps.after", { span: span(t, step.meanElapsedMs) })].filter(Boolean).join("; ");
    const wide = (width) => flows(drawn.map((step) => ({ ...step, title: title(step) })), { width, name: (_, code) => capital(t, name(code)), label: (count) => short(t, "count", count) });
    const narrow = () => bars(drawn.map((step) => ({ className: "step", name: capital(t, name(step.from)), then: t("steps.onward", { to: shortKey(name(step.to)) }), value: step.count, label: t.number(step.count), note: step.meanElapsedMs === null ? null : t("steps.after", { span: span(t, step.meanElapsedMs) }) })));
    this.chart.show({
      empty: all.length ? null : empty,
      picture: () => measured((width) => (width < ROOM_PX ? narrow() : wide(width))),
      table: () => ({
        caption: `${t("steps.title")}: ${kind ? t(`steps.${kind}`) : ""}`,
        columns: [{ name: t("steps.from"), kind: "text" }, { name: t("steps.to"), kind: "text" }, { name: t("measure.steps"), kind: "count" }, { name: t("measure.customers"), kind: "count" }, { name: t("measure.mean_elapsed_ms"), kind: "span" }],
        rows: all.map((step) => [name(step.from), name(step.to), step.count, step.customers, step.meanElapsedMs]),
      }),
      note: [
        onward.length > drawn.length && t("steps.top", { shown: drawn.length, all: onward.length }),
        onward.length > 0 && onward.length < all.length && t("steps.first", { n: all.reduce((sum, { from, count }) => sum + (from === null ? count : 0), 0) }),
      ].filter(Boolean).join(" "),
    });
  }
}
