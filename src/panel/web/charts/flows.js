// From one to the next: whence on the left, whither on the right, and bands between them as wide as there are steps.

import { svg } from "../dom.js";
import { cut } from "../figures/naming.js";
import { plain, shortKey } from "../said.js";
import { labelled } from "./labels.js";

const GAP = 10;
const NODE = 9;
const LETTER = 6.6;

/** `steps`: `{from, to, count, title}`; `name(side, code)` gives the name of an end, `label(count)` its figure. */
export function flows(steps, { width, name, label }) {
  const total = steps.reduce((sum, { count }) => sum + count, 0);
  const sides = { from: ends(steps, "from"), to: ends(steps, "to") };
  const most = Math.max(sides.from.length, sides.to.length);
  const height = Math.max(150, Math.min(560, most * 40));
  const scale = (height - GAP * (most - 1)) / total;
  // No end takes less room than its own lines of text.
  for (const side of Object.values(sides)) laid(side, scale, height);
  const margin = Math.min(210, width * 0.29);
  const [left, right] = [margin, width - margin];
  const at = (side, code) => sides[side].find((end) => end.code === code);
  const bands = [...steps].sort((a, b) => b.count - a.count).map((step) => {
    const [from, to] = [at("from", step.from), at("to", step.to)];
    const thick = step.count * scale;
    const [y1, y2] = [from.y + from.used + thick / 2, to.y + to.used + thick / 2];
    from.used += thick;
    to.used += thick;
    const middle = (left + right) / 2;
    return svg("path", { class: "flow", d: `M${left + NODE} ${y1}C${middle} ${y1} ${middle} ${y2} ${right - NODE} ${y2}`, "stroke-width": Math.max(1, thick).toFixed(1) }, svg("title", null, plain(step.title)));
  });
  const letters = Math.floor((margin - 14) / LETTER);
  const tall = Math.max(...Object.values(sides).flat().map((end) => end.y + Math.max(end.tall, 20))) + 10;
  const both = [["from", left, left - 8, "before"], ["to", right - NODE, right + 8, "behind"]];
  const nodes = both.flatMap(([side, x]) => sides[side].map((end) => svg("rect", { class: "flow-node", x, y: end.y, width: NODE, height: Math.max(2, end.tall), rx: 2 })));
  const labels = both.flatMap(([side, , x, where]) => sides[side].flatMap((end) => [
    { x, y: end.y + end.tall / 2 - 6, side: where, text: cut(plain(shortKey(name(side, end.code))), letters), className: "flow-name" },
    { x, y: end.y + end.tall / 2 + 9, side: where, text: label(end.count), className: "flow-count" },
  ]));
  return labelled(svg("svg", { class: "flows", width, height: tall, viewBox: `0 0 ${width} ${tall}`, focusable: "false" }, ...bands, ...nodes), labels);
}

/** The ends of one side with their sums, the largest first. */
function ends(steps, side) {
  const sums = new Map();
  for (const step of steps) sums.set(step[side], (sums.get(step[side]) ?? 0) + step.count);
  return [...sums].map(([code, count]) => ({ code, count, used: 0 })).sort((a, b) => b.count - a.count);
}

function laid(side, scale, height) {
  const least = 28;
  const tall = side.map(({ count }) => count * scale);
  const needs = tall.reduce((sum, each) => sum + Math.max(each, least), 0) + GAP * (side.length - 1);
  let y = Math.max(4, (height - needs) / 2);
  side.forEach((end, at) => {
    const room = Math.max(tall[at], least);
    Object.assign(end, { y: y + (room - tall[at]) / 2, tall: tall[at] });
    y += room + GAP;
  });
}
