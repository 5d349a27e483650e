// The day as it goes: ten figures with their small charts, which follow by themselves.

import { UNAVAILABLE } from "../api.js";
import { LIVE_URL } from "../base.js";
import { columns } from "../charts/columns.js";
import { fill, h } from "../dom.js";
import { Chart } from "../figures/chart.js";
import { beginOf, dayOf, daysLater } from "../clock.js";
import { bucketCell } from "../figures/zone.js";
import { conditions } from "../figures/answer.js";
import { kindOf, short, written } from "../figures/measures.js";
import { groupName, measureName, valueName } from "../figures/naming.js";
import { plain } from "../said.js";
import { State, Wire } from "../wire.js";
import { CARDS, SOURCES, reading } from "./cards.js";

/** So many days are shown, today the last of them. */
const DAYS = 14;
const EVERY_MS = 2000;

export class Today {
  #results = new Map();
  #problems = new Map();
  #view = null;
  #turn = null;
  #state = State.OFF;

  constructor(t, { api }) {
    Object.assign(this, { t, api });
    this.chart = new Chart(t, { name: "today", title: t("today.title"), className: "today" });
    this.live = h("p", { class: "live" });
    this.chart.tools.before(this.live);
    this.element = this.chart.element;
    this.wire = new Wire({ url: LIVE_URL, onState: (state) => this.#turned(state) });
  }

  /** Follows the day in a zone, as far as `filters` reach; `analyses` are those that there are. */
  start({ zone, filters, analyses }) {
    clearTimeout(this.#turn);
    const now = new Date();
    const today = dayOf(now, zone);
    const days = Array.from({ length: DAYS }, (_, at) => beginOf(daysLater(today, at + 1 - DAYS), zone));
    this.#view = { zone, filters, analyses, days };
    this.#results.clear();
    this.#problems.clear();
    this.#paint();
    this.wire.start(Object.entries(SOURCES).filter(([, { name }]) => analyses.has(name)).map(([key, source]) => ({
      document: () => this.api.operation("live_analysis"),
      variables: () => this.#variables(source, days[0]),
      onData: ({ analysis }) => this.#take(key, analysis),
      onProblem: (error) => { this.#problems.set(key, error); this.#paint(); },
    })));
    // Another day begins.
    this.#turn = setTimeout(() => this.start(this.#view), beginOf(daysLater(today, 1), zone) - now + 1000);
  }

  stop() {
    clearTimeout(this.#turn);
    this.wire.stop();
  }

  /** What comes again as it was is not painted again. */
  #take(key, analysis) {
    const before = this.#results.get(key);
    this.#results.set(key, analysis);
    if (!before || JSON.stringify(before.rows) !== JSON.stringify(analysis.rows)) this.#paint();
  }

  #variables({ name, bucket, isRecent, where }, from) {
    const { filters, analyses } = this.#view;
    const { groups } = analyses.get(name);
    const has = (given) => Object.fromEntries(Object.entries(given).filter(([group]) => groups.includes(group)));
    return { name, bucket, by: [], everyMs: EVERY_MS, limit: 1000, range: isRecent ? { from: from.toISOString(), to: null } : null, where: conditions(has({ ...filters, ...where })) };
  }

  #turned(state) {
    this.#state = state;
    const { t } = this;
    this.live.className = `live live-${state}`;
    fill(this.live, h("span", { class: "dot", "aria-hidden": "true" }), h("span", { title: t(`live.${state}_why`) }, t(`live.${state}`)));
  }

  #paint() {
    const { t } = this;
    const { filters, analyses, days, zone } = this.#view;
    const cards = CARDS.map((card) => {
      const { name } = SOURCES[card.source];
      const analysis = analyses.get(name);
      const result = this.#results.get(card.source);
      const kind = card.kind ?? analysis?.kinds[card.measure] ?? kindOf(card.measure);
      const unfiltered = Object.keys(filters).filter((group) => filters[group] !== undefined && !analysis?.groups.includes(group));
      return { ...card, kind, analysis, unfiltered, problem: this.#problems.get(card.source), read: result && reading(card, result, { days, now: new Date(), zone }) };
    });
    const chosen = Object.entries(filters).filter(([, value]) => value !== undefined);
    this.chart.show({
      picture: () => h("ul", { class: "cards" }, ...cards.map((card) => h("li", { class: `card ${card.measure}` }, ...this.#card(card)))),
      table: () => this.#table(cards),
      note: chosen.length > 0 && t("today.filtered", { list: t.list(chosen.map(([group, value]) => `${groupName(t, group)}: ${plain(valueName(t, group, value))}`)) }),
    });
  }

  #card({ measure, kind, good, analysis, unfiltered, problem, read, source }) {
    const { t } = this;
    const head = h("h3", { title: t(`card.why_${measure}`) }, t(`card.${measure}`));
    if (!analysis) return [head, h("p", { class: "soft" }, t("card.missing"))];
    if (problem?.extensions?.code === UNAVAILABLE) return [head, h("p", { class: "soft" }, t("card.counting"))];
    if (problem) return [head, h("p", { class: "problem" }, plain(problem.message))];
    if (!read) return [head, h("p", { class: "value soft" }, "…")];
    const { value, over, usual, provisional, points } = read;
    const notes = [
      kind === "count" ? null : over ? t("figure.over", { n: over }) : t("card.nothing_yet"),
      measure === "pending" && over > 0 && t("card.of_cases", { n: over }),
      usual !== null && t(source === "contacts" ? "card.usual_by_now" : "card.usual", { value: written(t, kind, source === "contacts" ? Math.round(usual) : usual) }),
      provisional && t("figure.provisional"),
      unfiltered.length > 0 && t("card.unfiltered", { list: t.list(unfiltered.map((group) => groupName(t, group))) }),
    ].filter(Boolean);
    return [head,
      h("p", { class: `value ${tone(good, value, usual)}` }, short(t, kind, value)),
      points.length > 0 && columns(points.map((point) => point.value), { now: points.findIndex(({ isNow }) => isNow), top: kind === "share" && good === "more" ? 1 : null, mark: source === "contacts" ? null : usual }),
      h("p", { class: "soft" }, notes.join(" · "))];
  }

  #table(cards) {
    const { t } = this;
    const { zone } = this.#view;
    const rows = cards.filter(({ read }) => read).flatMap(({ measure, kind, source, read }) => {
      const when = (at) => bucketCell(t, at.toISOString(), SOURCES[source].bucket, zone);
      const line = (name, { value, over, provisional }) => [t(`card.${measure}`), name, { kind, value }, over, Boolean(provisional)];
      return [line(t(SOURCES[source].isRecent ? "range.today" : "today.now"), read), ...read.points.filter(({ value, isNow }) => value !== null && (source === "contacts" || !isNow)).map((point) => line(when(point.at), point))];
    });
    return { caption: t("today.title"), columns: [{ name: t("table.figure"), kind: "text" }, { name: t("table.when"), kind: "text", isWhen: true }, { name: t("table.value"), kind: "number" }, { name: t("table.over"), kind: "count" }, { name: t("figure.provisional"), kind: "flag" }], rows };
  }
}

/** Whether a figure is better or worse than usual, by more than a tenth. */
function tone(good, value, usual) {
  if (!good || value === null || usual === null || !usual) return "";
  const change = (value - usual) / usual;
  if (Math.abs(change) < 0.1) return "";
  return (change > 0) === (good === "more") ? "better" : "worse";
}
