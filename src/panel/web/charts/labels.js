// Words on pictures. They stand over them as text, on a ground of their own: lines behind them do not make them hard to read, and
// a name that is read from right to left stays where it is.

import { h } from "../dom.js";

/** A picture with its labels: `{x, y, text, side, className}` each; the side of the place on which it stands: `before`, `middle` or `behind`. */
export function labelled(picture, labels, className = "") {
  return h("div", { class: `labelled ${className}`, "aria-hidden": "true" }, picture, ...labels.map(label));
}

function label({ x, y, text, side = "middle", className = "" }) {
  const node = h("span", { class: `label ${side} ${className}` }, h("bdi", null, text));
  Object.assign(node.style, { left: `${x.toFixed(1)}px`, top: `${y.toFixed(1)}px` });
  return node;
}
