// What stands out on the map, in a few words: where most happens, where customers are least content, and where they had no choice.

import { h } from "../dom.js";
import { written } from "../figures/measures.js";
import { valueName } from "../figures/naming.js";
import { words } from "../said.js";
import { shownBands } from "./model.js";

/** A share over fewer than these says too little to stand out. */
const LEAST_OVER = 20;

const KINDS = [
  { kind: "busiest", rank: (cell) => cell.events, why: (t, cell) => t("map.events", { n: cell.events }) },
  { kind: "sad", rank: (cell) => (cell.responses >= LEAST_OVER ? 1 - cell.satisfaction : null), why: (t, cell) => t("map.satisfied", { share: written(t, "share", cell.satisfaction), over: cell.responses }) },
  { kind: "glad", rank: (cell) => (cell.responses >= LEAST_OVER ? cell.satisfaction : null), why: (t, cell) => t("map.satisfied", { share: written(t, "share", cell.satisfaction), over: cell.responses }) },
  { kind: "complaints", rank: (cell) => cell.complaints || null, why: (t, cell) => t("highlight.complaints_why", { n: cell.complaints, all: cell.events }) },
  { kind: "imposed", rank: (cell) => (cell.chosen + cell.imposed >= LEAST_OVER && cell.imposed ? cell.imposedShare : null), why: (t, cell) => t("map.imposed", { share: written(t, "share", cell.imposedShare), over: cell.chosen + cell.imposed }) },
];

/** Buttons that lead to the places; null where there are too few to compare. */
export function highlights(t, map, look, choose) {
  const places = shownBands(map).slice(0, 1).flatMap(({ group, rows }) => rows.filter(({ code }) => code !== null).flatMap((row) =>
    [...row.cells].map(([across, cell]) => ({ group, row: row.code, across, cell, key: JSON.stringify([group, row.code, across]) }))));
  if (places.length < 3) return null;
  const found = KINDS.map((each) => [each, most(places, each.rank)]).filter(([, place]) => place);
  return h("ul", { class: "highlights", "aria-label": t("highlight.title") }, ...found.map(([{ kind, why }, place]) =>
    h("li", null, h("button", { type: "button", "data-key": `highlight-${kind}`, onclick: () => choose(place) },
      h("span", { class: "kind" }, t(`highlight.${kind}`)),
      h("span", { class: "what" }, words(valueName(t, place.group, place.row)), " · ", words(valueName(t, look.across, place.across))),
      h("span", { class: "why" }, why(t, place.cell))))));
}

function most(places, rank) {
  const ranked = places.map((place) => [place, rank(place.cell)]).filter(([, value]) => value !== null);
  return ranked.length ? ranked.reduce((best, each) => (each[1] > best[1] ? each : best))[0] : null;
}
