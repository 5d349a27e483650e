// How far an analysis is: all that ever happened is counted, and it is said how fast and how long it still takes.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { span } from "../figures/measures.js";
import { words } from "../said.js";

/** Whether something is still to come. */
export function isMoving({ state, building }) {
  // One that is complete takes over in a moment, unless it waits for somebody.
  return ["building", "catching_up", "ready"].includes(state) || Boolean(building && building.state !== "failed");
}

/** The state in one word, for a list. */
export function stateMark(t, analysis) {
  const { state, progress } = analysis.building ?? analysis;
  if (state === "live") return null;
  const isStill = state === "failed" || state === "ready";
  const text = isStill ? t(`state.${state}`) : `${t(`state.${state}`)} ${t.percent(progress)}`;
  return h("span", { class: `state state-${state}` }, text);
}

/** The state in a sentence, with a bar while it is being built. */
export function progress(t, { version, state, through, progress: done, rowsPerSecond, etaMs }, { isBeside = false } = {}) {
  if (state === "live") return h("p", { class: "standing good" }, icon("check"), t("state.live_why", { through: Number(through) }));
  if (state === "failed") return h("p", { class: "standing bad" }, icon("alert"), t("state.failed_why"));
  if (state === "ready") return h("p", { class: "standing ready" }, icon("check"), t("state.ready_why", { version: String(version) }));
  const label = isBeside ? t("state.beside", { version: String(version) }) : t(`state.${state}_why`);
  const speed = [t("state.through", { through: Number(through) }), rowsPerSecond > 0 && t("state.speed", { n: Math.round(rowsPerSecond) }), etaMs !== null && t("state.eta", { span: span(t, Math.max(1000, etaMs)) })].filter(Boolean);
  return h("div", { class: "standing building" },
    h("p", null, h("b", null, label), " ", t.percent(done)),
    h("progress", { max: "1", value: String(done), "aria-label": label }),
    h("p", { class: "soft" }, speed.join(" · ")));
}

/** Events that could not be counted. */
export function troubles(t, { troubles: found }) {
  if (!found?.count) return null;
  return h("details", { class: "troubles" }, h("summary", null, icon("alert"), t("troubles.title", { n: found.count })),
    h("ul", null, ...found.first.map(({ position, reason }) => h("li", null, position !== null && h("b", null, t("troubles.at", { position })), " ", words(reason)))),
    found.count > found.first.length && h("p", { class: "soft" }, t("troubles.more", { shown: found.first.length, all: found.count })));
}
