// The journey map: the picture, its legend, how it is drawn, and the same as a table.

import { fill, h, refill } from "../dom.js";
import { Chart } from "../figures/chart.js";
import { groupName, valueName } from "../figures/naming.js";
import { feelOf } from "./cell.js";
import { grid } from "./grid.js";
import { highlights } from "./highlights.js";
import { legend } from "./legend.js";
import { shownBands } from "./model.js";
import { stack } from "./stack.js";

/** From this width on there is room for what stands across. */
const WIDE = matchMedia("(min-width: 720px)");

const TABLE = [["events", "count"], ["contacts", "count"], ["satisfaction", "share"], ["responses", "count"], ["complaints", "count"], ["suggestions", "count"], ["praises", "count"], ["questions", "count"], ["reports", "count"], ["chosen", "count"], ["imposed", "count"]];

/** What the colour shows at first: what is known of more places. */
function telling(map, size) {
  const cells = shownBands(map).flatMap(({ rows }) => rows.flatMap((row) => [...row.cells.values()]));
  const known = (feel) => cells.filter((cell) => feelOf(cell, { feel, size, total: map.total }) !== null).length;
  return known("voice") > known("survey") ? "voice" : "survey";
}

export class JourneyMap {
  #view = null;
  #unfolded = new Set();
  /** What size shows, and what the colour does; null is what there is most of. */
  #size = "events";
  #feel = null;
  chosen = null;

  /** `on`: `choose(place)` and `across(group)`. */
  constructor(t, on) {
    Object.assign(this, { t, on });
    this.chart = new Chart(t, { name: "map", title: t("map.title"), className: "journey-map" });
    this.element = this.chart.element;
    this.turned = () => this.#view && this.paint();
    WIDE.addEventListener("change", this.turned);
  }

  /** It is not shown any more. */
  leave() {
    WIDE.removeEventListener("change", this.turned);
  }

  /** `view`: `{map, steps, funnel, wentOn, across, isFallback, empty, provisional}`. */
  show(view) {
    this.#view = view;
    this.paint();
  }

  /** Shows nothing: what was there is not of what is looked at. */
  clear() {
    this.#view = null;
    fill(this.chart.extra);
    this.chart.clear();
  }

  /** The cell of a place, where it is drawn. */
  cell(key) {
    return this.element.querySelector(`[data-key="${CSS.escape(`cell-${key}`)}"]`);
  }

  /** Brings a cell into sight sideways: beside a place the map has less room. */
  reveal(key) {
    const cell = this.cell(key)?.getBoundingClientRect();
    const frame = this.element.querySelector(".map-scroll");
    if (!cell || !frame) return;
    const { left, right } = frame.getBoundingClientRect();
    if (cell.left < left || cell.right > right) frame.scrollLeft += cell.left - left - (right - left - cell.width) / 2;
  }

  paint() {
    const { t } = this;
    const { map, steps, funnel, wentOn, across, provisional, empty } = this.#view;
    // Where the usual measure of size is nothing, the other one is taken, and its button says so.
    const size = map.total[this.#size] ? this.#size : "events";
    const feel = this.#feel ?? telling(map, size);
    // A step from nowhere is somebody's first: it goes from no place of the map.
    const shown = across === "stage" ? steps.filter(({ of, from, to }) => of === "stage" && from !== null && map.across.includes(from) && map.across.includes(to)) : [];
    const look = { across, size, feel, wentOn, total: map.total, largest: map.largest(size), hasHops: WIDE.matches && shown.length > 0 };
    refill(this.chart.extra, !empty && highlights(t, map, look, (place) => this.on.choose(place)), !empty && this.#looks(look), !empty && legend(t, look));
    const draw = WIDE.matches ? grid : stack;
    const notes = [
      map.total.responses ? t("map.note_surveys", { n: map.total.responses }) : t("map.note_no_surveys"),
      map.total.chosen + map.total.imposed ? t("map.note_choice", { n: map.total.chosen + map.total.imposed, share: t.percent(map.total.imposedShare) }) : t("map.note_no_choice"),
      ...map.bands.filter(({ isSilent, rows }) => isSilent && rows.length).map(({ group }) => t(`map.silent_${group}`)),
      provisional && t("map.note_provisional"),
    ].filter(Boolean);
    this.chart.show({
      empty,
      picture: () => draw(t, {
        map, steps: shown, funnel, look, chosen: this.chosen, unfolded: this.#unfolded,
        on: { choose: (place) => this.on.choose(place), unfold: (fold) => { this.#unfolded.add(fold); this.paint(); } },
      }),
      table: () => this.#table(map, across),
      note: !empty && h("ul", { class: "notes-list" }, ...notes.map((note) => h("li", null, note))),
    });
  }

  #looks({ across, size, feel }) {
    const { t } = this;
    const group = (key, label, options, current, choose) => h("div", { class: "choice" }, h("span", { id: `look-${key}` }, label),
      h("div", { class: "chips", role: "group", "aria-labelledby": `look-${key}` }, ...options.map(([value, text]) =>
        h("button", { type: "button", class: "chip", "data-key": `look-${key}-${value}`, "aria-pressed": String(value === current), onclick: () => choose(value) }, text))));
    return h("div", { class: "looks" },
      group("across", t("look.across"), ["stage", "channel"].map((each) => [each, t(`look.across_${each}`)]), across, (value) => this.on.across(value)),
      group("size", t("look.size"), ["events", "contacts"].map((each) => [each, t(`look.size_${each}`)]), size, (value) => { this.#size = value; this.paint(); }),
      group("feel", t("look.feel"), ["survey", "voice"].map((each) => [each, t(`look.feel_${each}`)]), feel, (value) => { this.#feel = value; this.paint(); }));
  }

  #table(map, across) {
    const { t } = this;
    const rows = shownBands(map).flatMap((band) => band.rows.flatMap((row) => map.across.filter((code) => row.cells.has(code)).map((code) => {
      const cell = row.cells.get(code);
      return [groupName(t, band.group), valueName(t, band.group, row.code), valueName(t, across, code), ...TABLE.map(([name]) => cell[name])];
    })));
    return {
      caption: t("map.title"),
      columns: [{ name: t("map.kind"), kind: "text" }, { name: t("map.place"), kind: "text" }, { name: groupName(t, across), kind: "text" }, ...TABLE.map(([name, kind]) => ({ name: t(`measure.${name}`), kind }))],
      rows,
    };
  }
}
