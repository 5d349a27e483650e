// Small columns beside a figure: what it was in the hours or days before.

import { svg } from "../dom.js";

const HEIGHT = 34;
const STEP = 10;

/** `values` are figures or null; `now` is the place of the one that is going on. `top` is what the full height is, where it is known. */
export function columns(values, { now = -1, top = null, mark = null }) {
  const highest = top ?? Math.max(...values.map((value) => value ?? 0), mark ?? 0);
  const heightOf = (value) => (highest > 0 ? Math.min(HEIGHT, (value / highest) * (HEIGHT - 2)) : 0);
  const width = values.length * STEP;
  return svg("svg", { class: "columns-chart", viewBox: `0 0 ${width} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    svg("rect", { class: "base", x: 0, y: HEIGHT - 1, width, height: 1 }),
    ...values.map((value, at) => value > 0 && svg("rect", { class: at === now ? "column now" : "column", x: at * STEP + 1, width: STEP - 2, y: HEIGHT - Math.max(1.5, heightOf(value)), height: Math.max(1.5, heightOf(value)) })),
    mark !== null && svg("line", { class: "mark", x1: 0, x2: width, y1: HEIGHT - heightOf(mark), y2: HEIGHT - heightOf(mark) }));
}
