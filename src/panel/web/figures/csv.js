// Tables as CSV (RFC 4180), for a spreadsheet in the reader's language: where numbers have a comma, columns have a semicolon.

import { h } from "../dom.js";
import { icon } from "../icons.js";

/** A spreadsheet would carry out what begins so. */
const FORMULA = /^[=+\-@\t\r]/;

/** The text of a table. */
export function csv(t, { columns, rows }) {
  const decimal = new Intl.NumberFormat(t.tag).formatToParts(1.5).find(({ type }) => type === "decimal").value;
  const comma = decimal === "," ? ";" : ",";
  const cell = (given) => {
    const value = given !== null && typeof given === "object" ? given.value : given;
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value).replace(".", decimal);
    if (typeof value === "boolean") return t(value ? "table.yes" : "table.no");
    const text = String(value);
    const safe = FORMULA.test(text) ? `'${text}` : text;
    return new RegExp(`["\n\r${comma}]`).test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map(({ name }) => name), ...rows];
  return lines.map((line) => line.map(cell).join(comma)).join("\r\n") + "\r\n";
}

/** A button that saves a table; `table()` gives it, or a promise of it, and `trouble(problem)` hears why it does not come. */
export function csvButton(t, { name, table, trouble, key = `csv-${name}` }) {
  const save = async () => {
    try {
      // The mark of the byte order tells spreadsheets that it is UTF-8.
      const url = URL.createObjectURL(new Blob(["\ufeff", csv(t, await table())], { type: "text/csv;charset=utf-8" }));
      h("a", { href: url, download: `novelo-${name}.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (problem) {
      trouble(problem);
    }
  };
  return h("button", { type: "button", class: "link", "data-key": key, onclick: save }, icon("download"), t("table.csv"));
}
