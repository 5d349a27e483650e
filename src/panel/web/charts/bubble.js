// A place of the journey: the area is how much happens there, the colour how customers feel, the dark rim how many of them had no choice.

import { svg } from "../dom.js";
import { feeling } from "./feeling.js";

const LARGEST = 24;
const SMALLEST = 3.5;
/** How far the rim lies around it. */
const RIM = 2.6;

/** `size` from 0 to 1, `feel` from 0 to 1 or null, `imposed` from 0 to 1 or null. */
export function bubble({ size, feel, imposed }) {
  const radius = Math.max(SMALLEST, Math.sqrt(size) * LARGEST);
  return svg("svg", { class: "bubble", viewBox: "-29 -29 58 58", "aria-hidden": "true", focusable: "false" },
    svg("circle", { class: `dot ${feeling(feel)}`, r: radius.toFixed(1) }), imposed > 0 && rim(imposed, radius + RIM));
}

/** A part of the rim, from the top on. */
function rim(part, radius) {
  if (part >= 0.999) return svg("circle", { class: "rim", r: radius });
  const angle = part * 2 * Math.PI;
  const [x, y] = [radius * Math.sin(angle), -radius * Math.cos(angle)];
  return svg("path", { class: "rim", d: `M0 ${-radius}A${radius} ${radius} 0 ${part > 0.5 ? 1 : 0} 1 ${x.toFixed(2)} ${y.toFixed(2)}` });
}
