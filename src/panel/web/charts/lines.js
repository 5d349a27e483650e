// Figures over time as lines, one for each series; where a figure is missing the line is broken.

import { svg } from "../dom.js";
import { labelled } from "./labels.js";

const HEIGHT = 240;
const LETTER = 6.8;
const PAD = { top: 12, right: 14, bottom: 26, left: 58 };

/**
 * `times`: moments as numbers, in order; `series`: `{values, className, provisional}`, as many values as times. `label(value)`
 * writes a figure of the scale, `at(place)` a moment.
 */
export function lines({ times, series, label, at }, width) {
  const known = series.flatMap(({ values }) => values.filter((value) => value !== null));
  const ticks = scale(Math.min(0, ...known), Math.max(0, ...known));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const across = width - PAD.left - PAD.right;
  const x = (place) => PAD.left + (times.length === 1 ? across / 2 : (across * (times[place] - times[0])) / (times.at(-1) - times[0]));
  const y = (value) => PAD.top + (HEIGHT - PAD.top - PAD.bottom) * (1 - (value - low) / (high - low || 1));
  const widest = Math.max(...times.map((_, place) => at(place).length)) * LETTER + 18;
  const labels = everyNth(times.length, Math.max(2, Math.floor(across / widest)));
  const picture = svg("svg", { class: "lines", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, focusable: "false" },
    ...ticks.map((tick) => svg("line", { class: tick === 0 ? "axis" : "grid", x1: PAD.left, x2: width - PAD.right, y1: y(tick), y2: y(tick) })),
    ...series.flatMap(({ values, className, provisional = [] }) => [
      svg("path", { class: `line ${className}`, d: path(values, x, y) }),
      ...values.map((value, place) => value !== null && (times.length < 40 || provisional[place] || alone(values, place)) && svg("circle", { class: `point ${className} ${provisional[place] ? "provisional" : ""}`, cx: x(place), cy: y(value), r: 3 })),
    ]));
  const side = (place) => (times.length > 1 && place === times.length - 1 ? "before" : "middle");
  return labelled(picture, [
    ...ticks.map((tick) => ({ x: PAD.left - 8, y: y(tick), side: "before", text: label(tick), className: "tick" })),
    ...labels.map((place) => ({ x: x(place), y: HEIGHT - 12, side: side(place), text: at(place), className: "tick" })),
  ]);
}

function path(values, x, y) {
  let pen = "M";
  return values.map((value, place) => {
    if (value === null) {
      pen = "M";
      return "";
    }
    const step = `${pen}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
    return step;
  }).join("");
}

function alone(values, place) {
  return (values[place - 1] ?? null) === null && (values[place + 1] ?? null) === null;
}

/** Round figures from below the lowest to above the highest. */
export function scale(low, high, steps = 4) {
  if (low === high) return [low, low + 1];
  const rough = (high - low) / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough) * power;
  const from = Math.floor(low / step + 1e-9);
  const to = Math.ceil(high / step - 1e-9);
  return Array.from({ length: to - from + 1 }, (_, at) => (from + at) * step);
}

/** So many places at most, spread over all, the first and the last among them. */
function everyNth(count, most) {
  const step = Math.max(1, Math.ceil((count - 1) / Math.max(1, most - 1)));
  const places = [];
  for (let at = 0; at < count; at += step) places.push(at);
  if (places.at(-1) !== count - 1) {
    // The last one ends where it stands: it needs the room of one and a half.
    if (count - 1 - places.at(-1) < step * 1.5 && places.length > 1) places.pop();
    places.push(count - 1);
  }
  return places;
}
