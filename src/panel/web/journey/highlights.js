// What stands out on the map, in a few words: where most happens, where customers are least content, and where they had no choice.

import { h } from "../dom.js";
import { written } from "../figures/measures.js";
import { groupName, valueName } from "../figures/naming.js";
import { called } from "../said.js";
import { shownBands } from "./model.js";

/** A share over fewer than these says too little to stand out. */
const LEAST_OVER = 20;

const KINDS = [
  { kind: "busiest", rank: (cell, size) => cell[size], why: (t, cell, size) => t(`map.${size}`, { n: cell[size] }) },
  { kind: "sad", rank: (cell) => (cell.responses >= LEAST_OVER ? 1 - cell.satisfaction : null), why: (t, cell) => t("map.satisfied", { share: written(t, "share", cell.satisfaction), over: cell.responses }) },
  { kind: "glad", rank: (cell) => (cell.responses >= LEAST_OVER ? cell.satisfaction : null), why: (t, cell) => t("map.satisfied", { share: written(t, "share", cell.satisfaction), over: cell.responses }) },
  { kind: "complaints", rank: (cell) => cell.complaints || null, why: (t, cell, size) => t(`highlight.complaints_${size}`, { n: cell.complaints, all: cell[size] }) },
  { kind: "imposed", rank: (cell) => (cell.chosen + cell.imposed >= LEAST_OVER && cell.imposed ? cell.imposedShare : null), why: (t, cell) => t("map.imposed", { share: written(t, "share", cell.imposedShare), over: cell.chosen + cell.imposed }) },
];

/** Buttons that lead to the places, and what was not looked at for them; null where there are too few to compare. */
export function highlights(t, map, look, choose) {
  const all = shownBands(map).slice(0, 1).flatMap(({ group, rows }) => rows.flatMap((row) =>
    [...row.cells].map(([across, cell]) => ({ group, row: row.code, across, cell, key: JSON.stringify([group, row.code, across]) }))));
  // Where nothing is said across, that tells no places apart.
  const isPlace = ({ row, across }) => row !== null && (across !== null || map.isSilent);
  const places = all.filter(isPlace);
  if (places.length < 3) return null;
  const found = KINDS.map((each) => [each, most(places, (cell) => each.rank(cell, look.size))]).filter(([, place]) => place);
  return [h("ul", { class: "highlights", "aria-label": t("highlight.title") }, ...found.map(([{ kind, why }, place]) =>
    h("li", null, h("button", { type: "button", "data-key": `highlight-${kind}`, onclick: () => choose(place) },
      h("span", { class: "kind" }, t(`highlight.${kind}`)),
      h("span", { class: "what" }, called(valueName(t, place.group, place.row)), " · ", called(valueName(t, look.across, place.across))),
      h("span", { class: "why" }, why(t, place.cell, look.size)))))), unsaid(t, map, look, all.filter((each) => !isPlace(each)))];
}

/** How much happened at no place that has a name. */
function unsaid(t, { isSilent, total }, look, others) {
  const n = others.reduce((sum, { cell }) => sum + cell.events, 0);
  if (!n) return null;
  const groups = [others.some(({ row }) => row === null) && others[0].group, !isSilent && others.some(({ across }) => across === null) && look.across];
  const list = groups.filter(Boolean).map((group) => groupName(t, group).toLocaleLowerCase(t.tag));
  return h("p", { class: "soft unsaid-places" }, t("highlight.unsaid", { n, all: total.events, share: t.percent(n / total.events), list: either(t, list), none: t("value.none") }));
}

function either(t, list) {
  return new Intl.ListFormat(t.tag, { type: "disjunction" }).format(list);
}

function most(places, rank) {
  const ranked = places.map((place) => [place, rank(place.cell)]).filter(([, value]) => value !== null);
  return ranked.length ? ranked.reduce((best, each) => (each[1] > best[1] ? each : best))[0] : null;
}
