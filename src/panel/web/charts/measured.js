// Pictures that are drawn to the width that there is, and drawn anew when that changes.

import { fill, h } from "../dom.js";

/** A node that holds what `draw(width)` gives. */
export function measured(draw, className = "measured") {
  const node = h("div", { class: className });
  let drawn = 0;
  new ResizeObserver(([{ contentRect }]) => {
    const width = Math.floor(contentRect.width);
    if (!width || width === drawn) return;
    drawn = width;
    fill(node, draw(width));
  }).observe(node);
  return node;
}
