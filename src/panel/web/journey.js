// The page `/journey`: where customers were and how they felt, the figures of the day, and the way to single customers.

import { UNAVAILABLE } from "./api.js";
import { fill, h } from "./dom.js";
import { ONE_BUCKET, analysesOf, conditions } from "./figures/answer.js";
import { notThere } from "./figures/not_there.js";
import { Page } from "./figures/page.js";
import { bounds, isBackwards, rangeName, readRange } from "./figures/range.js";
import { RangeBar } from "./figures/range_bar.js";
import { Asking } from "./journey/asking.js";
import { FILTERS, FilterRow, readFilters, writtenFilters } from "./journey/filters.js";
import { JourneyMap } from "./journey/map.js";
import { Place } from "./journey/place.js";
import { Steps } from "./journey/steps.js";
import { Today } from "./journey/today.js";
import { words } from "./said.js";

/** How long it waits before it looks again at what is still being counted. */
const AGAIN_MS = 2000;
const USUAL = { range: "30d", from: null, to: null };

class JourneyPage {
  #parts = null;
  #number = 0;
  /** What is looked at, in whichever language. */
  #range = readRange(new URLSearchParams(location.search));
  #filters = {};
  #across = null;
  /** Set when nothing was in the usual range, so that all is shown. */
  #widened = false;
  #place = null;
  #shown = null;
  /** The analysis that the address asks for; this page draws one alone. */
  #asked = null;

  constructor() {
    this.page = new Page("journey", () => this.#build());
    this.#filters = readFilters(this.page.parameters);
    const { across, analysis } = this.page.parameters;
    this.#asked = analysis ?? null;
    if (across === "stage" || across === "channel") this.#across = across;
    this.asking = new Asking(this.page.api);
  }

  start() {
    return this.page.speak();
  }

  /** The page in the words of the moment. */
  async #build() {
    const { page } = this;
    const { t, api } = page;
    this.#parts?.today.stop();
    this.#parts?.map.leave();
    const map = new JourneyMap(t, { choose: (place) => this.#choose(place), across: (group) => { this.#across = group; this.#close(); this.#look(); } });
    const place = new Place(t, {
      asking: this.asking, told: (problem) => page.told(problem), on: { close: () => this.#close(true) },
      links: {
        analysis: (names) => page.to("/analyses", { analysis: "journey", show: "table", bucket: ONE_BUCKET, ...this.#rangeParameters(), ...writtenFilters({ ...this.#filters, ...names }), by: ["stage", "touchpoint", "department", "channel"].filter((group) => !(group in names)).slice(0, 2).join(",") }),
        panel: (customer) => page.to("/panel", { customer }),
      },
    });
    const range = new RangeBar(t, (chosen) => { this.#range = chosen; this.#widened = false; this.#close(); this.#look(); });
    const filters = new FilterRow(t, (chosen) => { this.#filters = chosen; this.#close(); this.#look(); });
    this.#parts = { map, place, range, filters, steps: new Steps(t), today: new Today(t, { api }), analyses: new Map(), problem: h("div", { class: "problem", role: "alert" }), said: h("p", { class: "banner said", role: "status", hidden: true }), asked: h("div", { class: "banner said", role: "status", hidden: true }) };
    const { today, steps, problem, said, asked } = this.#parts;
    this.#look();
    return [
      h("p", { class: "lead-in" }, t("page.journey_intro")),
      today.element,
      h("section", { class: "view", "aria-label": t("filters.view") }, range.element, filters.element),
      problem, asked, said,
      h("div", { class: "map-and-place" }, map.element, place.element),
      steps.element,
    ];
  }

  /** Asks for what is looked at, and shows it. */
  async #look() {
    const number = (this.#number += 1);
    const parts = this.#parts;
    const isLast = () => number === this.#number && parts === this.#parts;
    this.asking.anew();
    this.page.remember({ ...(this.#widened ? {} : this.#rangeParameters()), ...writtenFilters(this.#filters), across: this.#across });
    parts.range.show(this.#range ?? USUAL);
    parts.filters.show(this.#filters, this.#shown?.values ?? {});
    this.page.main.setAttribute("aria-busy", "true");
    try {
      await this.#load(parts, isLast);
    } catch (problem) {
      if (!isLast() || problem.name === "AbortError") return;
      const building = problem.code === UNAVAILABLE && this.#building(parts.analyses.get("journey"));
      if (building) return this.#wait(parts, building, isLast);
      this.#clear(parts);
      parts.problem.replaceChildren(...this.page.told(problem), h("button", { type: "button", class: "link", "data-key": "again", onclick: () => this.#look() }, this.page.t("problem.again")));
    }
    if (isLast()) this.page.main.removeAttribute("aria-busy");
  }

  /** How far the figures are, while they are not complete. */
  #building(journey) {
    const { t } = this.page;
    return journey && journey.state !== "live" && t("journey.building", { share: t.percent(journey.progress) });
  }

  /** Nothing is wrong but that the figures are not there yet: it is said, and all is asked for again in a while. */
  #wait(parts, building, isLast) {
    parts.problem.replaceChildren();
    parts.said.hidden = false;
    parts.said.textContent = building;
    parts.analyses = new Map();
    parts.followed = null;
    setTimeout(() => isLast() && this.#look(), AGAIN_MS);
  }

  async #load(parts, isLast) {
    const { t, api } = this.page;
    if (!parts.analyses.size) parts.analyses = await analysesOf(api, t);
    if (!isLast()) return;
    const { analyses } = parts;
    this.#answer(parts);
    const zone = analyses.get("journey")?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const followed = JSON.stringify([zone, this.#filters]);
    if (parts.followed !== followed) {
      parts.followed = followed;
      parts.today.start({ zone, filters: this.#filters, analyses });
    }
    const chosen = this.#range ?? USUAL;
    if (isBackwards(chosen)) return this.#clear(parts);
    const range = bounds(chosen, zone);
    const [answer, values] = await Promise.all([this.asking.byStage(range, this.#filters), this.#values(range)]);
    if (!isLast()) return;
    const isFiltered = conditions(this.#filters).length > 0;
    if (!this.#range && !answer.cells.length && !isFiltered) {
      // Nobody has chosen a range yet, and the usual one is empty: all is shown, and it is said.
      this.#range = { range: "all", from: null, to: null };
      this.#widened = true;
      return this.#look();
    }
    const across = this.#across ?? (answer.map.isSilent && answer.cells.length ? "channel" : "stage");
    const hasFunnel = across === "stage" && !isFiltered && analyses.has("funnel");
    const [map, funnel] = await Promise.all([across === "stage" ? answer.map : this.asking.byChannel(range, this.#filters), hasFunnel ? this.asking.funnel(range) : null]);
    if (!isLast()) return;
    this.#shown = { range, zone, values, across, steps: answer.flows };
    parts.problem.replaceChildren();
    parts.filters.show(this.#filters, values);
    this.#say(parts, analyses, { chosen, zone, isEmpty: !answer.cells.length, isSilent: answer.map.isSilent && across === "channel" && !this.#across });
    const empty = map.total.events ? null : this.#empty(chosen, zone, isFiltered);
    parts.map.show({ map, steps: answer.flows, funnel, wentOn: analyses.get("funnel")?.kinds.went_on, across, empty, provisional: answer.provisional });
    parts.steps.show(answer.flows, chosen.range === "all" ? t("steps.empty_ever") : t("steps.empty", { range: rangeName(t, chosen, zone) }));
  }

  /** No figures stand under a range that they are not of. */
  #clear({ map, steps, problem, said }) {
    map.clear();
    steps.chart.clear();
    fill(problem);
    said.hidden = true;
  }

  /** Says where the analysis is that the address asks for, or that there is none of its name. */
  #answer({ asked, analyses }) {
    const { t } = this.page;
    const name = this.#asked;
    if (name === null || name === "journey" || !asked.hidden) return;
    const to = (each) => this.page.to("/analyses", { analysis: each });
    asked.hidden = false;
    fill(asked, ...(analyses.has(name) ? [h("p", null, t("journey.elsewhere"), " ", h("a", { href: to(name), "data-key": "elsewhere" }, words(analyses.get(name).title)))] : notThere(t, { name, analyses, to })));
  }

  /** The values of the filters in a range; they are those of the whole range, whatever is filtered. */
  async #values(range) {
    const key = JSON.stringify(range);
    if (this.valuesOf !== key) {
      this.valuesFound = Object.fromEntries(await Promise.all(FILTERS.map(async (group) => [group, await this.asking.values(group, range)])));
      this.valuesOf = key;
    }
    return this.valuesFound;
  }

  /** What has to be known before the picture is read. */
  #say({ said, range }, analyses, { chosen, zone, isEmpty, isSilent }) {
    const { t } = this.page;
    range.show(chosen);
    const told = [
      this.#widened && !isEmpty && t("journey.widened"),
      isSilent && t("journey.no_stages"),
      this.#building(analyses.get("journey")),
    ].filter(Boolean);
    said.hidden = !told.length;
    said.textContent = told.join(" ");
    this.page.say(t("journey.showing", { range: rangeName(t, chosen, zone) }));
  }

  /** Nothing is there, and what can be done. */
  #empty(chosen, zone, isFiltered) {
    const { t } = this.page;
    const all = () => { this.#range = { range: "all", from: null, to: null }; this.#filters = {}; this.#look(); };
    const range = rangeName(t, chosen, zone);
    const why = isFiltered ? t("journey.empty_filtered", { range }) : chosen.range === "all" ? t("journey.empty_ever") : t("journey.empty", { range });
    return [h("p", null, why),
      (isFiltered || chosen.range !== "all") && h("button", { type: "button", "data-key": "show-all", onclick: all }, t("journey.show_all"))];
  }

  #choose(place) {
    const { map, place: panel } = this.#parts;
    this.#place = place;
    map.chosen = place.key;
    map.paint();
    panel.show(place, { ...this.#shown, filters: this.#filters });
    map.reveal(place.key);
  }

  /** Leaves the place; `back`: the focus goes to its cell again. */
  #close(back = false) {
    const { map, place } = this.#parts;
    const was = this.#place;
    if (!was) return;
    this.#place = null;
    map.chosen = null;
    place.hide();
    if (!back) return;
    map.paint();
    map.cell(was.key)?.focus();
  }

  #rangeParameters() {
    return this.#range ? { range: this.#range.range, from: this.#range.from, to: this.#range.to } : {};
  }
}

new JourneyPage().start();
