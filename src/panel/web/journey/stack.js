// The map on a narrow screen: the stages one below the other, as the way goes, each with its touchpoints and departments.

import { h } from "../dom.js";
import { valueName } from "../figures/naming.js";
import { called, plain } from "../said.js";
import { figures } from "./cell.js";
import { wentOn } from "./grid.js";
import { shownBands } from "./model.js";

const FIRST_ROWS = 3;

export function stack(t, { map, steps, funnel, look, chosen, unfolded, on }) {
  return h("ol", { class: "stack" }, ...map.across.map((code, at) => {
    const of = funnel?.get(code);
    const customers = of?.customers?.value;
    const total = map.acrossTotals.get(code);
    const onward = steps.filter(({ from, to }) => from === code && to === map.across[at + 1] && to !== null)[0];
    return h("li", null,
      h("h3", null, called(valueName(t, look.across, code))),
      h("p", { class: "soft" }, [t(`map.${look.size}`, { n: total?.[look.size] ?? 0 }), customers && t("map.customers", { n: customers }), customers && typeof of.went_on?.value === "number" && wentOn(t, of, look, steps.filter(({ from, to }) => from === code && to !== code))].filter(Boolean).join(" · ")),
      ...shownBands(map).map((band) => rowsOf(band, code)),
      onward && h("p", { class: "onward" }, t("map.step_short", { to: valueName(t, look.across, onward.to), n: onward.count })));
  }));

  function rowsOf(band, code) {
    const there = band.rows.filter((row) => row.cells.get(code)?.[look.size]);
    if (!there.length) return null;
    there.sort((a, b) => b.cells.get(code)[look.size] - a.cells.get(code)[look.size]);
    const fold = `${band.group}-${code}`;
    const shown = unfolded.has(fold) || there.length <= FIRST_ROWS + 1 ? there : there.slice(0, FIRST_ROWS);
    return [
      h("h4", null, t(`map.band_${band.group}`)),
      h("ul", null, ...shown.map((row) => {
        const cell = row.cells.get(code);
        const key = JSON.stringify([band.group, row.code, code]);
        const name = valueName(t, band.group, row.code);
        return h("li", null, h("button", { type: "button", class: "cell row", "data-key": `cell-${key}`, "aria-pressed": String(chosen === key), onclick: () => on.choose({ group: band.group, row: row.code, across: code, cell, key }) },
          ...figures(t, cell, look, plain(name)), h("span", { class: row.code === null ? "row-name unsaid" : "row-name", "aria-hidden": "true" }, called(name))));
      })),
      shown.length < there.length && h("button", { type: "button", class: "link", "data-key": `unfold-${fold}`, onclick: () => on.unfold(fold) }, t(`map.all_${band.group}`, { n: there.length })),
    ];
  }
}
