// A table of figures: what every chart shows, for those who would rather read it.

import { h } from "../dom.js";
import { words } from "../said.js";
import { written } from "./measures.js";

/** So many rows are shown; a file has them all. */
const MOST_ROWS = 200;

/**
 * `columns` have a name and a kind: of a figure, or `text` and `flag`; `isWhen` is one of days or months, which stay in one line.
 * `rows` are lists of their values; one that is not of its column's kind is `{kind, value}`, and a bucket `{kind: "when", value, name}`. The first columns, those that are text, head their rows.
 */
export function table(t, { caption, columns, rows }, most = MOST_ROWS) {
  const heads = columns.findIndex(({ kind }) => kind !== "text");
  const isHead = (at) => at === 0 || at < heads;
  const value = (cell, { kind }) => {
    if (kind === "flag") return cell ? t("figure.provisional") : "";
    if (cell?.kind === "when") return words(cell.name);
    if (cell !== null && typeof cell === "object") return written(t, cell.kind, cell.value);
    if (kind === "text" || typeof cell === "string") return words(cell ?? "–");
    return written(t, kind, cell);
  };
  const className = (at) => {
    const { kind, isWhen } = columns[at];
    if (isWhen) return "when";
    return isHead(at) || kind === "flag" ? null : "figure";
  };
  const line = (row) => h("tr", null, ...row.map((cell, at) =>
    h(isHead(at) ? "th" : "td", { scope: isHead(at) ? "row" : null, class: className(at) }, value(cell, columns[at]))));
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("table.of", { caption }) },
    h("table", { class: "figures" }, h("caption", { class: "unseen" }, caption),
      h("thead", null, h("tr", null, ...columns.map(({ name }, at) => h("th", { scope: "col", class: className(at) }, words(name))))),
      h("tbody", null, ...rows.slice(0, most).map(line))),
    rows.length > most && h("p", { class: "soft" }, t("table.more", { shown: most, all: rows.length })));
}
