// One cell of the map: its bubble, its figures, and all of it in one sentence.

import { bubble } from "../charts/bubble.js";
import { compared } from "../charts/feeling.js";
import { h, svg } from "../dom.js";
import { short, written } from "../figures/measures.js";

/** What the colour shows, from 0 to 1: the answers to surveys, or complaints compared with those of the whole map. */
export function feelOf(cell, look) {
  return look.feel === "survey" ? cell.satisfaction : compared(part(cell, look), part(look.total, look));
}

/** The share that is written beside a bubble; null where there is none. */
function shareOf(cell, look) {
  if (look.feel === "survey") return cell.satisfaction;
  const { upset, of } = part(cell, look);
  // Complaints may come without a contact: more of them than contacts are no share.
  return look.total.upset && of && upset <= of ? upset / of : null;
}

/** Of how much complaints and reports are a part: of what size shows. */
function part(cell, look) {
  return { upset: cell.upset, of: cell[look.size] };
}

/** A cell in words, for who points at it. */
export function sentence(t, cell, look) {
  const share = shareOf(cell, look);
  return [t(`map.${look.size}`, { n: cell[look.size] }), share !== null && `${written(t, "share", share)} ${felt(t, cell, look)}`, ...rest(t, cell)].filter(Boolean).join("; ");
}

/** What the percentage beside a bubble is. */
function felt(t, cell, look) {
  return look.feel === "survey" ? t("cell.survey", { n: cell.responses }) : t(`cell.voice_${look.size}`, { n: cell[look.size] });
}

function rest(t, cell) {
  const told = ["complaints", "praises"].filter((name) => cell[name]).map((name) => `${t.number(cell[name])} ${t(`voice.${name}`, { n: cell[name] })}`);
  if (cell.imposedShare !== null) told.push(t("map.imposed", { share: written(t, "share", cell.imposedShare), over: cell.chosen + cell.imposed }));
  return told;
}

/** The bubble with its figures beside it, and what only those need to be told who do not see it. */
export function figures(t, cell, look, name) {
  const share = shareOf(cell, look);
  const unseen = (text) => h("span", { class: "unseen" }, text);
  const picture = bubble({ size: cell[look.size] / (look.largest || 1), feel: feelOf(cell, look), imposed: cell.imposedShare });
  picture.prepend(svg("title", null, `${name}: ${sentence(t, cell, look)}`));
  return [
    picture,
    h("span", { class: "cell-figures" },
      unseen(`${name}: `), h("b", null, short(t, "count", cell[look.size])), unseen(` ${t(`cell.${look.size}`, { n: cell[look.size] })} `),
      share !== null && [h("small", null, written(t, "share", share)), unseen(` ${felt(t, cell, look)}`)],
      unseen([" ", ...rest(t, cell)].join("; "))),
  ];
}
