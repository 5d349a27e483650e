// Figures over time as lines, one for each series; where a figure is missing the line is broken.

import { svg } from "../dom.js";
import { labelled } from "./labels.js";

const HEIGHT = 240;
const LETTER = 6.4;
/** Between two names below the chart. */
const BETWEEN_PX = 12;
/** In about so many parts the scale is divided. */
const PARTS = 4;
/** Of more places than these the points would run into each other. */
const MOST_POINTS = 40;
const PAD = { top: 12, right: 14, bottom: 26 };
const LEAST_LEFT = 58;

/**
 * `times`: moments as numbers, in order; `series`: `{values, className, provisional}`, as many values as times. `label(value)`
 * writes a figure of the scale, `at(place)` a moment; `unitOf(value)` gives the unit in which figures of that size are round, and
 * `isWhole` says that there is nothing between two whole ones.
 */
export function lines({ times, series, label, at, unitOf = () => 1, isWhole = false }, width) {
  const known = series.flatMap(({ values }) => values.filter((value) => value !== null));
  const [least, most] = [Math.min(0, ...known), Math.max(0, ...known)];
  const unit = unitOf(Math.max(-least, most));
  const ticks = scale(least / unit, most / unit, isWhole).map((tick) => tick * unit);
  const [low, high] = [ticks[0], ticks.at(-1)];
  const left = Math.max(LEAST_LEFT, ...ticks.map((tick) => label(tick).length * LETTER + 12));
  const across = width - left - PAD.right;
  const x = (place) => left + (times.length === 1 ? across / 2 : (across * (times[place] - times[0])) / (times.at(-1) - times[0]));
  const y = (value) => PAD.top + (HEIGHT - PAD.top - PAD.bottom) * (1 - (value - low) / (high - low || 1));
  const picture = svg("svg", { class: "lines", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, focusable: "false" },
    ...ticks.map((tick) => svg("line", { class: tick === 0 ? "axis" : "grid", x1: left, x2: width - PAD.right, y1: y(tick), y2: y(tick) })),
    ...series.flatMap(({ values, className, provisional = [] }) => [
      svg("path", { class: `line ${className}`, d: path(values, x, y) }),
      ...values.map((value, place) => value !== null && (times.length < MOST_POINTS || provisional[place] || alone(values, place)) && svg("circle", { class: `point ${className} ${provisional[place] ? "provisional" : ""}`, cx: x(place), cy: y(value), r: 3 })),
    ]));
  return labelled(picture, [
    ...ticks.map((tick) => ({ x: left - 8, y: y(tick), side: "before", text: label(tick), className: "tick" })),
    ...roomy(times.length, x, at, width).map(({ text, begins, ends }) => ({ x: (begins + ends) / 2, y: HEIGHT - 12, text, className: "tick when" })),
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
function scale(low, high, isWhole) {
  if (low === high) return [low, low + 1];
  const rough = (high - low) / PARTS;
  const power = 10 ** Math.floor(Math.log10(isWhole ? Math.max(1, rough) : rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough && !(isWhole && each % 1));
  const from = Math.floor(low / step + 1e-9);
  const to = Math.ceil(high / step - 1e-9);
  return Array.from({ length: to - from + 1 }, (_, at) => (from + at) * step);
}

/** Steps between names that are easy to go on in the mind; behind these it is dozens. */
const STEPS = [1, 2, 3, 4, 6];
const DOZEN = 12;

/**
 * The names below the chart that have room beside each other: of the first place, of the last, and of as many between them at
 * even steps. Where the first or the last would go over the edge, it ends there.
 */
function roomy(count, x, at, width) {
  const last = count - 1;
  const named = (place) => {
    const text = at(place);
    const wide = text.length * LETTER;
    const begins = Math.max(0, Math.min(x(place) - wide / 2, width - wide));
    return { text, begins, ends: begins + wide };
  };
  const isFree = (one, other) => one.ends + BETWEEN_PX <= other.begins;
  const end = named(last);
  for (let number = 0; ; number += 1) {
    const step = STEPS[number] ?? DOZEN * (number - STEPS.length + 1);
    if (step < last && x(step) - x(0) < BETWEEN_PX) continue;
    const names = [];
    for (let place = 0; place < last; place += step) names.push(named(place));
    // The first one stays even beside the last.
    while (names.length > 1 && !isFree(names.at(-1), end)) names.pop();
    names.push(end);
    if (step >= last || names.every((each, nth) => nth === 0 || isFree(names[nth - 1], each))) return names;
  }
}
