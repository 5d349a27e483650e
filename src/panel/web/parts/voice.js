// The customer's voice: the complaints, suggestions and praises that they gave, as counts that filter the timeline; satisfaction.

import { h, svg } from "../dom.js";
import { moment, section } from "./section.js";

const COUNTS = [["complaints", "COMPLAINT"], ["suggestions", "SUGGESTION"], ["praises", "PRAISE"], ["questions", "QUESTION"], ["reports", "REPORT"]];
const ALWAYS = 3;

/** The scale of each instrument where nothing else is known: CSAT 1 to 5, NPS 0 to 10, CES 1 to 7. */
const SCALES = { csat: [1, 5], nps: [0, 10], ces: [1, 7] };

export function voice(ctx) {
  const { t, customer } = ctx;
  const shown = COUNTS.filter(([name], at) => at < ALWAYS || customer.feedback[name] > 0);
  return section("voice", t("voice.title"), { aside: t("voice.hint") },
    h("div", { class: "counts", title: t("voice.why"), role: "group", "aria-label": t("voice.title") }, ...shown.map(([name, word]) => count(ctx, name, word))),
    asCases(ctx),
    satisfaction(ctx));
}

/** Complaints that came as cases are not among the counts: it is said where somebody could miss them there. */
function asCases({ t, customer }) {
  const open = customer.cases.filter((each) => each.status === "OPEN" && each.demand === "complaint").length;
  return open > customer.feedback.complaints && h("p", { class: "soft as-cases" }, t("voice.as_cases", { n: open }));
}

function count({ t, customer, filter, filters }, name, word) {
  const n = customer.feedback[name];
  const on = filters.feedback === word;
  return h("button", { type: "button", class: `count ${name}${n ? "" : " zero"}`, "data-key": `count-${name}`, "aria-pressed": String(on), onclick: () => filter({ feedback: on ? null : word }) },
    h("b", null, t.number(n)), h("small", null, t(`voice.${name}`, { n })));
}

function satisfaction({ t, customer, now }) {
  if (!customer.satisfaction.length) return null;
  return h("ul", { class: "satisfaction" }, ...customer.satisfaction.map((each) => {
    const [low, high] = SCALES[each.instrument] ?? [Math.min(0, each.last), Math.max(10, each.last)];
    const share = Math.min(1, Math.max(0, (each.last - low) / (high - low)));
    const level = share < 0.5 ? "bad" : share < 0.75 ? "fair" : "good";
    const known = each.instrument in SCALES;
    return h("li", null,
      h("span", { class: "name" }, each.instrument.toUpperCase()),
      svg("svg", { class: `gauge ${level}`, viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
        svg("rect", { class: "rest", width: 100, height: 6, rx: 1.5 }), svg("rect", { class: "fill", width: Math.max(2, share * 100), height: 6, rx: 1.5 })),
      h("b", null, known ? t("voice.score", { score: each.last, high }) : t.number(each.last)),
      h("span", { class: "soft" }, moment(t, each.lastAt, now), each.responses > 1 && [" · ", t("voice.mean", { mean: t.number(each.mean, { maximumFractionDigits: 1 }), count: t.number(each.responses) })]));
  }));
}
