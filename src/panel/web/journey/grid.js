// The map on a wide screen: stages across, touchpoints and departments down. One stop of the tabulator; the arrows go from cell to cell.

import { hops } from "../charts/hops.js";
import { measured } from "../charts/measured.js";
import { h } from "../dom.js";
import { short, written } from "../figures/measures.js";
import { groupName, valueName } from "../figures/naming.js";
import { called, plain } from "../said.js";
import { figures } from "./cell.js";
import { shownBands } from "./model.js";

/** So many rows of a band are drawn at first. */
export const FIRST_ROWS = 8;

/** The rows that are drawn at first: those where most happens, and the one where nothing was said, which may hold more than all. */
function firstOf(rows) {
  return [...rows.slice(0, FIRST_ROWS), ...rows.slice(FIRST_ROWS).filter(({ code }) => code === null)];
}

/** `look` says how it is drawn, `on.choose(place)` goes into a cell, `on.unfold(group)` shows all rows of a band. */
export function grid(t, { map, steps, funnel, look, chosen, unfolded, on }) {
  const { across } = map;
  const cells = [];
  const cellAt = (band, row, code, line, column) => {
    const cell = row.cells.get(code);
    if (!cell || !cell[look.size]) return h("td", { class: "nothing" }, h("span", { class: "unseen" }, t("map.nothing")));
    const key = JSON.stringify([band.group, row.code, code]);
    const name = `${plain(valueName(t, band.group, row.code))}, ${plain(valueName(t, look.across, code))}`;
    const button = h("button", { type: "button", class: "cell", "data-key": `cell-${key}`, tabindex: "-1", "aria-pressed": String(chosen === key), onclick: () => on.choose({ group: band.group, row: row.code, across: code, cell, key }) }, ...figures(t, cell, look, name));
    cells.push({ button, line, column });
    return h("td", null, button);
  };
  let line = -1;
  const bands = shownBands(map).flatMap((band) => {
    const all = unfolded.has(band.group) || band.rows.length <= FIRST_ROWS + 1;
    const rows = all ? band.rows : firstOf(band.rows);
    return h("tbody", null,
      h("tr", { class: "band" }, h("td", { colspan: across.length + 1 }, h("span", null, t(`map.band_${band.group}`)))),
      ...rows.map((row) => {
        line += 1;
        return h("tr", null, h("th", { scope: "row" }, h("span", { class: row.code === null ? "row-name unsaid" : "row-name" }, called(valueName(t, band.group, row.code)))), ...across.map((code, column) => cellAt(band, row, code, line, column)));
      }),
      !all && h("tr", { class: "unfold" }, h("td", { colspan: across.length + 1 }, h("button", { type: "button", class: "link", "data-key": `unfold-${band.group}`, onclick: () => on.unfold(band.group) }, t(`map.all_${band.group}`, { n: band.rows.length })))));
  });
  const ways = (code) => steps.filter(({ from, to }) => from === code && to !== code);
  const head = (code) => {
    const of = funnel?.get(code);
    const total = map.acrossTotals.get(code);
    // Each line of the heads has one unit, so that they can be compared: some stages have no customers who entered them.
    return h("th", { scope: "col" }, h("span", { class: code === null ? "stage-name unsaid" : "stage-name" }, called(valueName(t, look.across, code))),
      h("small", { class: "of-size" }, t(`map.${look.size}`, { n: total?.[look.size] ?? 0 })),
      of?.customers?.value > 0 && h("small", { class: "of-customers" }, t("map.customers", { n: of.customers.value })),
      of?.customers?.value > 0 && typeof of.went_on?.value === "number" && h("small", { class: "went-on", title: t("map.went_on_why") }, wentOn(t, of, look, ways(code))));
  };
  const table = h("table", { class: "map", "aria-label": t("map.title") },
    h("thead", null, h("tr", null, h("td", null, h("span", { class: "unseen" }, groupName(t, look.across))), ...across.map(head))), ...bands);
  table.style.setProperty("--columns", across.length);
  roam(table, cells, chosen);
  const named = steps.map((step) => ({ ...step, label: short(t, "count", step.count), title: t("map.step", { from: valueName(t, "stage", step.from), to: valueName(t, "stage", step.to), n: step.count }) }));
  const inner = h("div", { class: "map-inner" }, named.length > 0 && measured((width) => hops(across, named, width), "hops-place"), table);
  inner.style.setProperty("--columns", across.length);
  return h("div", { class: "map-scroll" }, inner);
}

/**
 * Which part of the entries into a stage was followed by one into another, and into which: the stage beside it need not be that one.
 * A customer may enter a stage again. `ways` are the steps out of it.
 */
export function wentOn(t, { customers, entries, went_on: went }, { wentOn: kind }, ways) {
  const all = kind === "share" ? went.over : (entries ?? customers).value;
  const share = kind === "share" ? went.value : went.value / all;
  if (!(share > 0)) return t("map.went_nowhere");
  const [most] = ways.toSorted((a, b) => b.count - a.count);
  const key = ways.length === 0 ? "map.went_on" : ways.length === 1 ? "map.went_on_to" : "map.went_on_most";
  return t(key, { share: written(t, "share", share), n: all, to: most ? valueName(t, "stage", most.to) : "" });
}

/** Arrows, Home and End lead through the cells. */
function roam(table, cells, chosen) {
  if (!cells.length) return;
  const first = cells.find(({ button }) => button.dataset.key === `cell-${chosen}`) ?? cells[0];
  first.button.tabIndex = 0;
  const go = (target) => {
    for (const { button } of cells) button.tabIndex = button === target.button ? 0 : -1;
    target.button.focus();
    target.button.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  table.addEventListener("focusin", ({ target }) => {
    if (cells.some(({ button }) => button === target)) for (const { button } of cells) button.tabIndex = button === target ? 0 : -1;
  });
  table.addEventListener("keydown", (event) => {
    const here = cells.find(({ button }) => button === event.target);
    if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = cells.filter(({ line }) => line === here.line);
    const beyond = { ArrowUp: (each) => each.line < here.line, ArrowDown: (each) => each.line > here.line }[event.key];
    const target = {
      ArrowRight: () => row.find(({ column }) => column > here.column),
      ArrowLeft: () => row.findLast(({ column }) => column < here.column),
      Home: () => row[0],
      End: () => row.at(-1),
    }[event.key]?.() ?? (beyond && nearest(cells.filter(beyond), here));
    if (!["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    if (target) go(target);
  });
}

/** The cell of the next line that lies nearest below or above. */
function nearest(cells, { line, column }) {
  const far = (each) => Math.abs(each.line - line) * 1000 + Math.abs(each.column - column);
  return cells.toSorted((a, b) => far(a) - far(b))[0];
}
