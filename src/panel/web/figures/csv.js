// Tables as CSV (RFC 4180), for a spreadsheet in the reader's language: where numbers have a comma, columns have a semicolon.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/** A spreadsheet would carry out what begins so. */
const FORMULA = /^[=+\-@\t\r]/;

/** Whether numbers have a comma in the language. */
export function hasCommas(t) {
  return new Intl.NumberFormat(t.tag).formatToParts(1.5).some(({ type, value }) => type === "decimal" && value === ",");
}

/** The text of a table. Spans of time are in milliseconds: their column says so, or another one where not all of a column are spans. */
export function csv(t, { columns, rows }) {
  const decimal = hasCommas(t) ? "," : ".";
  const comma = hasCommas(t) ? ";" : ",";
  const isSpan = (given) => given !== null && typeof given === "object" && given.kind === "span";
  const hasUnits = columns.every(({ kind }) => kind !== "span") && rows.some((row) => row.some(isSpan));
  const cell = (given) => {
    const value = given !== null && typeof given === "object" ? given.value : given;
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value).replace(".", decimal);
    if (typeof value === "boolean") return t(value ? "table.yes" : "table.no");
    const text = String(value);
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return new RegExp(`["\n\r${comma}]`).test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const head = columns.map(({ name, kind }) => (kind === "span" ? `${name} (ms)` : name));
  const lines = hasUnits ? [[...head, t("table.unit")], ...rows.map((row) => [...row, row.some(isSpan) ? "ms" : ""])] : [head, ...rows];
  return lines.map((line) => line.map(cell).join(comma)).join("\r\n") + "\r\n";
}

/** A button that saves a file; `text()` gives what is in it, or a promise of it, and `trouble(problem)` hears why it does not come. */
export function csvButton(t, { name, text, trouble, key = `csv-${name}` }) {
  const save = async () => {
    try {
      // The mark of the byte order tells spreadsheets that it is UTF-8.
      const url = URL.createObjectURL(new Blob(["\ufeff", await text()], { type: "text/csv;charset=utf-8" }));
      h("a", { href: url, download: `novelo-${name}.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (problem) {
      trouble(problem);
    }
  };
  return h("button", { type: "button", class: "link", "data-key": key, onclick: save }, icon("download"), t("table.csv"));
}
