// One cell of the map: its bubble, its figures, and all of it in one sentence.

import { bubble } from "../charts/bubble.js";
import { h } from "../dom.js";
import { short, written } from "../figures/measures.js";

/** What the colour shows: the answers to surveys, or what customers said by themselves. */
export function feelOf(cell, look) {
  return look.feel === "survey" ? cell.satisfaction : cell.mood;
}

/** A cell in words, for who does not see it. */
export function sentence(t, cell, look) {
  const told = [t(`map.${look.size}`, { n: cell[look.size] })];
  if (cell.responses) told.push(t("map.satisfied", { share: written(t, "share", cell.satisfaction), over: cell.responses }));
  for (const name of ["complaints", "praises"]) if (cell[name]) told.push(`${t.number(cell[name])} ${t(`voice.${name}`, { n: cell[name] })}`);
  if (cell.imposedShare !== null) told.push(t("map.imposed", { share: written(t, "share", cell.imposedShare), over: cell.chosen + cell.imposed }));
  return told.join("; ");
}

/** The bubble with its figures beside it. */
export function figures(t, cell, look) {
  const feel = feelOf(cell, look);
  return [
    bubble({ size: cell[look.size] / (look.largest || 1), feel, imposed: cell.imposedShare }),
    h("span", { class: "cell-figures" }, h("b", null, short(t, "count", cell[look.size])), feel !== null && h("small", null, written(t, "share", feel))),
  ];
}
