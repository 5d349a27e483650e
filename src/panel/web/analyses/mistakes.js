// What is wrong with a definition: where it stands and what to do, in the reader's language, and what the server says of it, which is
// in English.

import { h } from "../dom.js";
import { words } from "../said.js";

/** What the server calls a definition as a whole, where it names no key of it. */
const WHOLE = /^the (file|definition) ?/;
/** The parts of a definition of which is told what to do. */
const PARTS = ["file", "definition", "name", "version", "title", "over", "where", "group_by", "at", "bucket", "timezone", "window", "measures", "replacing"];

/** The entries of the list of mistakes; `goTo(mistake)` leads to where one stands. */
export function mistakeEntries(t, mistakes, goTo) {
  const told = t.tag === "en" ? untranslated : translated;
  return mistakes.map((mistake, at) => h("li", null,
    h("button", { type: "button", class: "mistake", "data-key": `mistake-${at}`, onclick: () => goTo(mistake) }, told(t, mistake))));
}

function untranslated(t, { line, column, place, reason, help }) {
  return [
    h("b", null, line ? t("editor.at", { line, column: column ?? 1 }) : words(place)), " ",
    h("span", null, line && place ? [words(place), ": "] : null, words(reason)),
    help && h("small", null, words(help)),
  ];
}

function translated(t, { line, column, place, reason, help }) {
  const key = place.replace(WHOLE, "");
  return [
    h("b", null, line ? t("editor.at", { line, column: column ?? 1 }) : t(`mistake.at_${partOf(place) === "file" ? "file" : "definition"}`)), " ",
    h("span", null, key && [words(key), ": "], t(`mistake.${partOf(place)}`)),
    h("small", null, inEnglish(t, reason, help)),
  ];
}

/** What the server says, which is in English. */
export function inEnglish(t, reason, help) {
  return [t("mistake.told"), " ", h("span", { lang: "en" }, words(reason), help && ["; ", words(help)])];
}

/** The part that a place is in: `group_by` for `group_by district`, `measures` for `[measures] wait`. */
function partOf(place) {
  const [, whole] = WHOLE.exec(place) ?? [];
  const part = /\w+/.exec(place.replace(WHOLE, ""))?.[0] ?? whole;
  return PARTS.includes(part) ? part : "definition";
}
