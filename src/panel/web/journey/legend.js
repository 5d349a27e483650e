// What size, colour and ring mean.

import { bubble } from "../charts/bubble.js";
import { h, svg } from "../dom.js";

/** The middle of each step. */
const STEPS = [0.1, 0.4, 0.6, 0.7, 0.95];

export function legend(t, look) {
  const item = (picture, text) => h("li", null, picture, h("span", null, text));
  const dot = (feel) => svg("svg", { class: "swatch", viewBox: "-11 -11 22 22", "aria-hidden": "true", focusable: "false" }, ...[...bubble({ size: 0.2, feel, imposed: null }).children]);
  return h("ul", { class: "legend", "aria-label": t("legend.title") },
    item(h("span", { class: "sizes" }, ...[0.05, 0.3, 1].map((size) => bubble({ size, feel: null, imposed: null }))), t(`legend.size_${look.size}`)),
    item(h("span", { class: "swatches" }, h("small", null, t(`legend.bad_${look.feel}`)), ...STEPS.map(dot), h("small", null, t(`legend.good_${look.feel}`))), t(look.feel === "voice" ? `legend.feel_voice_${look.size}` : "legend.feel_survey")),
    item(dot(null), t(`legend.none_${look.feel}`)),
    item(bubble({ size: 0.35, feel: null, imposed: 0.4 }), t("legend.imposed")),
    look.hasHops && item(hop("hop"), t("legend.onward")),
    look.hasHops && item(hop("hop back"), t("legend.back")));
}

function hop(className) {
  const d = className === "hop" ? "M3 17C3 2 31 2 31 17" : "M31 3C31 18 3 18 3 3";
  return svg("svg", { class: "hops swatch-hop", viewBox: "0 0 34 20", "aria-hidden": "true", focusable: "false" }, svg("path", { class: className, d, "stroke-width": 4 }));
}
