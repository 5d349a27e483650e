// The stage of the journey that they are in, and the milestones behind them.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { named } from "../said.js";
import { moment, section } from "./section.js";

export function journey({ t, customer, now, expanded, expand }) {
  const { stage, milestones } = customer;
  if (!stage && !milestones.length) return null;
  const shown = expanded.has("milestones") ? milestones : milestones.slice(-4);
  return section("journey", t("journey.title"), {},
    stage && h("p", { class: "stage" }, h("span", { class: "chip here" }, icon("journey"), named(t, "stage", stage.stage)), " ", h("span", { class: "soft" }, t("journey.since"), " ", moment(t, stage.since, now))),
    shown.length > 0 && h("ol", { class: "milestones" }, ...shown.map((each) => h("li", null, h("span", { class: "tick", "aria-hidden": "true" }), named(t, "milestone", each.name), " ", h("span", { class: "soft" }, moment(t, each.reachedAt, now))))),
    milestones.length > shown.length && h("button", { type: "button", class: "link", "data-key": "milestones-all", onclick: () => expand("milestones") }, t("journey.more", { n: milestones.length - shown.length })));
}
