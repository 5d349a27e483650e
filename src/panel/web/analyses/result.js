// The figures of an analysis: by which groups, in which buckets and of which days, as a picture, a table and a file.

import { bars } from "../charts/bars.js";
import { lines } from "../charts/lines.js";
import { measured } from "../charts/measured.js";
import { h, refill } from "../dom.js";
import { Chart } from "../figures/chart.js";
import { ONE_BUCKET, coarser, conditions, rowsOf } from "../figures/answer.js";
import { bucketsOf, keyOf } from "../figures/buckets.js";
import { hasCommas } from "../figures/csv.js";
import { short, unitOfSpan, written } from "../figures/measures.js";
import { capital, groupName, measureName, valueName } from "../figures/naming.js";
import { bounds, isBackwards, rangeName } from "../figures/range.js";
import { RangeBar } from "../figures/range_bar.js";
import { bucketName, tickName } from "../figures/zone.js";
import { words } from "../said.js";

/** So many rows come at once, and so many are drawn at most. */
const PAGE = 1000;
const PAGE_OF_FILE = 10_000;
const MOST_ROWS = 5000;
const LINES = 6;
const BARS = 24;
/** The group whose values have an order of their own: that of the journey. */
const STAGE = "stage";

/** By which groups figures are shown at first: own ones by all that they name, else by the first. */
function usualGroups({ builtIn, groups }) {
  return builtIn ? groups.slice(0, 1) : groups;
}

/** In which buckets figures are shown at first: not more of them than can be looked at. */
function usualBucket({ bucket }, { range }) {
  const wish = { today: bucket, "7d": "day", "30d": "day", "90d": "week" }[range] ?? "month";
  return coarser(bucket).includes(wish) ? wish : bucket;
}

export class Result {
  #number = 0;
  #analysis = null;
  #answer = null;

  /** `change(view)` is called with what is looked at: `{range, by, bucket, measure, where}`. */
  constructor(t, { api, change, told }) {
    Object.assign(this, { t, api, change, told });
    this.controls = h("div", { class: "result-controls" });
    this.chart = new Chart(t, { name: "result", title: t("result.title"), className: "result" });
    this.chart.extra.append(this.controls);
    this.range = new RangeBar(t, (range) => this.#turn({ range }));
    this.element = this.chart.element;
  }

  /** Asks for the figures of an analysis as `view` says, and shows them; what is not said there is as usual. */
  async show(analysis, view) {
    const number = (this.#number += 1);
    this.#analysis = analysis;
    this.view = { ...view, by: view.by ?? usualGroups(analysis), bucket: view.bucket ?? usualBucket(analysis, view.range) };
    if (view.isTable) this.chart.isTable = true;
    this.#controlsOf();
    if (isBackwards(view.range)) return this.chart.show({ empty: this.t("range.backwards") });
    this.element.setAttribute("aria-busy", "true");
    try {
      const answer = await this.#ask(0);
      if (answer) await this.#complete(answer, MOST_ROWS);
      const stages = await this.#stages();
      if (number !== this.#number) return;
      Object.assign(this, { stages });
      this.#answer = answer;
      if (answer) this.#paint();
      else this.chart.show({ empty: this.t("result.none_yet") });
    } catch (problem) {
      if (number !== this.#number) return;
      // Before it has been built for the first time there is nothing to answer.
      if (analysis.state === "building") this.chart.show({ empty: this.t("result.none_yet") });
      else this.chart.fail(this.told(problem));
    }
    this.element.removeAttribute("aria-busy");
  }

  /** The stages in the order of the journey, where figures are of stages; null where that is not known. */
  async #stages() {
    const { by, range } = this.view;
    if (by.length !== 1 || by[0] !== STAGE) return null;
    const asked = this.api.ask("journey_map", { range: bounds(range, this.#analysis.timezone), where: [] });
    return asked.then(({ journeyMap }) => journeyMap.stages, () => null);
  }

  /** Rows, or what is made of them, in the order of the journey; `stageOf` gives the stage of each. What the journey does not know comes last. */
  #inOrder(list, stageOf) {
    const { stages } = this;
    if (!stages) return list;
    const place = (each) => (stages.includes(stageOf(each)) ? stages.indexOf(stageOf(each)) : stages.length);
    return list.toSorted((a, b) => place(a) - place(b));
  }

  async #ask(offset) {
    return (await this.api.ask("analysis", { ...this.#question(), limit: PAGE, offset })).analysis;
  }

  /** What is asked for, in the terms of the server. */
  #question() {
    const { name, timezone } = this.#analysis;
    const { range, by, bucket, where } = this.view;
    return { name, range: bounds(range, timezone), by, bucket, where: conditions(where) };
  }

  #turn(part) {
    this.view = { ...this.view, isTable: false, ...part };
    this.change(this.view);
  }

  #controlsOf() {
    const { t, view } = this;
    const { groups, measures, bucket } = this.#analysis;
    const { by } = view;
    this.range.show(view.range);
    const chip = (key, on, text, act) => h("button", { type: "button", class: "chip", "data-key": key, "aria-pressed": String(on), onclick: act }, text);
    const choice = (key, ...nodes) => h("div", { class: "choice" }, h("span", { id: `result-${key}` }, t(`result.${key}`)), h("div", { class: "chips", role: "group", "aria-labelledby": `result-${key}` }, ...nodes));
    const buckets = [...coarser(bucket), ONE_BUCKET];
    const measure = this.#measure();
    refill(this.controls, this.range.element,
      groups.length > 0 && choice("by", ...groups.map((group) => chip(`by-${group}`, by.includes(group), groupName(t, group), () => this.#turn({ by: groups.filter((each) => (each === group) !== by.includes(each)) })))),
      bucket && choice("bucket", ...buckets.map((each) => chip(`bucket-${each}`, view.bucket === each, t(`bucket.${each}`), () => this.#turn({ bucket: each })))),
      measures.length > 1 && h("label", { class: "choice" }, h("span", null, t("result.measure")), this.#select(measures, measure)),
      h("div", { class: "chips" }, ...Object.entries(view.where).filter(([, value]) => value !== undefined).map(([group, value]) =>
        h("button", { type: "button", class: "chip", "aria-pressed": "true", "data-key": `where-${group}`, onclick: () => this.#turn({ where: { ...view.where, [group]: undefined } }) }, `${groupName(t, group)}: `, words(valueName(t, group, value)), " ×", h("span", { class: "unseen" }, t("result.drop"))))));
  }

  #select(measures, chosen) {
    const { t } = this;
    const field = h("select", { name: "measure", "data-key": "measure" }, ...measures.map((name) => h("option", { value: name, selected: name === chosen }, capital(t, measureName(t, name)))));
    field.addEventListener("change", () => this.#turn({ measure: field.value }));
    return field;
  }

  #measure() {
    const { measures } = this.#analysis;
    return measures.includes(this.view.measure) ? this.view.measure : measures[0];
  }

  #paint() {
    const { t } = this;
    const answer = this.#answer;
    const measure = this.#measure();
    const kind = this.#analysis.kinds[measure];
    const rows = rowsOf(answer);
    const isProvisional = rows.some((row) => row.provisional);
    const range = rangeName(t, this.view.range, answer.timezone);
    const notes = [
      answer.totalRows > rows.length && t("result.first", { shown: rows.length, all: answer.totalRows }),
      isProvisional && t("result.provisional"),
      isProvisional && answer.bucket && t("result.hollow"),
      rows.some((row) => row.of[measure]?.error > 0) && t("result.error", { error: t.percent(Math.max(...rows.map((row) => row.of[measure]?.error ?? 0)), 1) }),
    ].filter(Boolean);
    this.chart.show({
      empty: rows.length ? null : t("result.empty", { range }),
      picture: () => (answer.bucket ? this.#lines(rows, measure, kind) : this.#bars(rows, measure, kind)),
      table: () => this.#table(rows),
      file: () => this.#file(),
      note: notes.length > 0 && notes.join(" "),
    });
  }

  /** All rows as the server writes them, also those that did not come at once. */
  async #file() {
    const variables = { ...this.#question(), commas: hasCommas(this.t), limit: PAGE_OF_FILE };
    const parts = [];
    for (let all = 1; parts.length * PAGE_OF_FILE < all;) {
      const { analysis } = await this.api.ask("analysis_csv", { ...variables, offset: parts.length * PAGE_OF_FILE });
      all = analysis?.totalRows ?? 0;
      parts.push(analysis?.csv ?? "");
    }
    return parts.join("");
  }

  /** Fetches the rows that did not come at once, up to so many. */
  async #complete(answer, most) {
    while (answer.rows.length < Math.min(answer.totalRows, most)) {
      const more = await this.#ask(answer.rows.length);
      if (!more?.rows.length) return;
      answer.rows.push(...more.rows);
    }
  }

  #nameOf(row) {
    const { t } = this;
    const names = Object.entries(row.group).map(([group, value]) => valueName(t, group, value));
    return names.length ? names.join(" · ") : t("result.whole");
  }

  /** One line for each group, the largest by what they were taken over. */
  #lines(rows, measure, kind) {
    const { t } = this;
    const { bucket, timezone } = this.#answer;
    const groups = new Map();
    for (const row of rows) {
      const key = JSON.stringify(Object.values(row.group));
      if (!groups.has(key)) groups.set(key, { name: this.#nameOf(row), over: 0, at: new Map() });
      const group = groups.get(key);
      group.over += row.of[measure].over;
      group.at.set(row.bucket && keyOf(row.bucket, bucket, timezone), row);
    }
    const largest = [...groups.values()].sort((a, b) => b.over - a.over).slice(0, LINES);
    const shown = this.#inOrder(largest, ({ at }) => [...at.values()][0].group[STAGE]);
    const isCut = this.#answer.totalRows > rows.length;
    const buckets = bucketsOf(rows.map((row) => row.bucket).filter(Boolean), { bucket, timeZone: timezone, range: bounds(this.view.range, timezone), isCut });
    if (!buckets) return h("p", { class: "empty" }, t("result.too_fine"));
    // Of the last bucket of rows that are cut off, some rows may be missing.
    const missing = (place) => (isCut && place === buckets.length - 1 ? null : this.#analysis.nothing[measure]);
    const series = shown.map(({ at }, number) => ({
      className: `series-${number}`,
      values: buckets.map(({ key }, place) => (at.has(key) ? at.get(key).of[measure].value : missing(place))),
      provisional: buckets.map(({ key, isOver }) => at.get(key)?.provisional ?? !isOver),
    }));
    const isBroken = series.some(({ values }) => values.includes(null));
    const label = (value) => short(t, kind, value);
    return [
      h("p", { class: "chart-of" }, capital(t, measureName(t, measure))),
      measured((width) => lines({ times: buckets.map(({ at }) => at), series, label, unitOf: kind === "span" ? unitOfSpan : undefined, isWhole: kind === "count", at: (place) => tickName(t, buckets[place].at, bucket, timezone) }, width)),
      h("ul", { class: "series" }, ...shown.map(({ name }, number) => h("li", { class: `series-${number}` }, h("span", { class: "sample", "aria-hidden": "true" }), words(name)))),
      groups.size > shown.length && h("p", { class: "soft" }, t("result.top", { shown: shown.length, all: groups.size })),
      isBroken && h("p", { class: "soft" }, t("result.broken")),
    ];
  }

  #bars(rows, measure, kind) {
    const { t } = this;
    const largest = [...rows].sort((a, b) => (b.of[measure].value ?? -Infinity) - (a.of[measure].value ?? -Infinity)).slice(0, BARS);
    const sorted = this.#inOrder(largest, ({ group }) => group[STAGE]);
    return [
      h("p", { class: "chart-of" }, capital(t, measureName(t, measure))),
      bars(sorted.map((row) => {
        const { value, over } = row.of[measure];
        return { name: this.#nameOf(row), value, label: written(t, kind, value), note: kind === "count" ? null : t("figure.over", { n: over }) };
      })),
      rows.length > sorted.length && h("p", { class: "soft" }, t("result.top", { shown: sorted.length, all: rows.length })),
    ];
  }

  #table(rows) {
    const { t } = this;
    const { bucket, timezone, groups, measures } = this.#answer;
    const { kinds } = this.#analysis;
    const cell = ({ value, text }, name) => (value === null && text !== null ? text : { kind: kinds[name], value });
    return {
      caption: t("result.title"),
      columns: [
        ...(bucket ? [{ name: capital(t, t(`bucket.${bucket}`)), kind: "text", isWhen: true }] : []),
        ...groups.map((group) => ({ name: groupName(t, group), kind: "text" })),
        ...measures.flatMap((name) => [{ name: capital(t, measureName(t, name)), kind: kinds[name] }, ...(kinds[name] === "count" ? [] : [{ name: t("table.over_of", { measure: measureName(t, name) }), kind: "count" }])]),
        { name: t("figure.provisional"), kind: "flag" },
      ],
      rows: (bucket ? rows : this.#inOrder(rows, ({ group }) => group[STAGE])).map((row) => [
        ...(bucket ? [row.bucket ? bucketName(t, row.bucket, bucket, timezone) : "–"] : []),
        ...groups.map((group) => valueName(t, group, row.group[group])),
        ...measures.flatMap((name) => [cell(row.of[name], name), ...(kinds[name] === "count" ? [] : [row.of[name].over])]),
        row.provisional,
      ]),
    };
  }
}
