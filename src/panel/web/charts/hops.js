// Steps between the stages, drawn over their heads: onward ones hop above the line, those back hang below it. The thicker, the more.

import { svg } from "../dom.js";
import { plain } from "../said.js";
import { labelled } from "./labels.js";

const TALLEST = 62;
const BELOW = 40;
const THICKEST = 13;
/** What is less than this part of the largest has no label of its own. */
const LEAST_TOLD = 0.05;

/**
 * `stages` in order, `steps` `{from, to, count, label, title}` between them. The labels of the largest ones are written as far as
 * there is room.
 */
export function hops(stages, steps, width) {
  const place = new Map(stages.map((stage, at) => [stage, ((at + 0.5) * width) / stages.length]));
  const drawn = steps.filter(({ from, to, count }) => count > 0 && from !== to && place.has(from) && place.has(to));
  if (!drawn.length) return null;
  const most = Math.max(...drawn.map(({ count }) => count));
  const isBack = ({ from, to }) => place.get(to) < place.get(from);
  const baseline = TALLEST + 16;
  const height = baseline + (drawn.some(isBack) ? BELOW + 14 : 8);
  const farthest = width * ((stages.length - 1) / stages.length) || 1;
  const paths = [...drawn].sort((a, b) => b.count - a.count).map((step) => {
    const [x1, x2] = [place.get(step.from), place.get(step.to)];
    const back = isBack(step);
    const reach = Math.abs(x2 - x1) / farthest;
    const rise = (back ? BELOW : -TALLEST) * (0.42 + 0.58 * reach);
    const thick = Math.max(1.2, (step.count / most) * THICKEST);
    const shift = back ? 5 : -5;
    const d = `M${x1} ${baseline + shift}C${x1} ${baseline + rise * 1.3} ${x2} ${baseline + rise * 1.3} ${x2} ${baseline + shift}`;
    return { step, back, thick, d, x: (x1 + x2) / 2, y: baseline + shift + (rise * 1.3 - shift) * 0.75 };
  });
  const told = apart(paths);
  const picture = svg("svg", { class: "hops", width, height, viewBox: `0 0 ${width} ${height}`, focusable: "false" },
    svg("line", { class: "base", x1: place.get(stages[0]), x2: place.get(stages.at(-1)), y1: baseline, y2: baseline }),
    ...paths.map(({ step, back, thick, d }) => svg("path", { class: back ? "hop back" : "hop", d, "stroke-width": thick.toFixed(1) }, svg("title", null, plain(step.title)))),
    ...stages.map((stage) => svg("circle", { class: "stop", cx: place.get(stage), cy: baseline, r: 5 })));
  return labelled(picture, told.map(({ step, back, x, y }) => ({ x, y, text: step.label, className: back ? "hop-label back" : "hop-label" })));
}

/** Labels that do not lie over one another, the largest first. */
function apart(paths) {
  const taken = [];
  const most = Math.max(...paths.map(({ step }) => step.count));
  return paths.filter(({ x, y, step }) => {
    const free = step.count >= most * LEAST_TOLD && taken.every((other) => Math.abs(other.x - x) > 56 || Math.abs(other.y - y) > 20);
    if (free) taken.push({ x, y });
    return free;
  });
}
