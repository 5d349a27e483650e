// What the journey's page asks the store.

import { ONE_BUCKET, conditions, rowsOf, single } from "../figures/answer.js";
import { BANDS, mapOf } from "./model.js";

export class Asking {
  #signal = null;

  constructor(api) {
    this.api = api;
  }

  /** Whoever waited for an answer before does not any more. */
  anew() {
    this.#signal?.abort();
    this.#signal = new AbortController();
  }

  /** The map with stages across, with its flows and through where it goes. */
  async byStage(range, filters) {
    const { journeyMap } = await this.#ask("journey_map", { range, where: conditions(filters) });
    const cells = journeyMap.cells.map((cell) => ({ ...cell, across: cell.stage }));
    return { ...journeyMap, map: mapOf(cells, journeyMap.stages) };
  }

  /** The cells of a map with channels across: one set for every band. */
  async byChannel(range, filters) {
    const bands = await Promise.all(BANDS.map(async (group) => {
      const by = ["channel", group];
      const figures = await this.figures("journey", { range, filters, by });
      return rowsOf(figures).map((row) => {
        const { chosen, imposed } = row.of;
        return { across: row.group.channel, [group]: row.group[group], chosen: chosen?.value ?? 0, imposed: imposed?.value ?? 0, ...cellOf(row) };
      });
    }));
    return mapOf(bands.flat());
  }

  /** The values that a group has in a range, the most frequent first, null where some say nothing. */
  async values(group, range) {
    const rows = rowsOf(await this.figures("journey", { range, filters: {}, by: [group] }));
    return rows.sort((a, b) => (b.of.events?.value ?? 0) - (a.of.events?.value ?? 0)).map((row) => row.group[group]);
  }

  /** Customers by stage, and how many of them went on. */
  async funnel(range) {
    return new Map(rowsOf(await this.figures("funnel", { range, filters: {}, by: ["stage"] })).map(({ group, of }) => [group.stage, of]));
  }

  /** All of one place: its figures, and the same by the groups that it does not name. */
  async place(range, filters, groups) {
    const [whole, ...parts] = await Promise.all([[], ...groups.map((group) => [group])].map((by) => this.figures("journey", { range, filters, by })));
    return { whole: single(whole), parts: groups.map((group, at) => [group, rowsOf(parts[at]).sort((a, b) => b.of.events.value - a.of.events.value)]) };
  }

  /** Customers who were at a place: a stage, a touchpoint, a department; null is where none is said. */
  async examples(place, range) {
    return (await this.#ask("journey_examples", { where: conditions(place), range, first: 6 })).journeyExamples;
  }

  /** Figures of an analysis, the whole range in one. */
  async figures(name, { range, filters, by }) {
    return (await this.#ask("analysis", { name, range, where: conditions(filters), by, bucket: ONE_BUCKET, limit: 1000 })).analysis ?? { rows: [], groups: [], measures: [] };
  }

  #ask(name, variables) {
    return this.api.ask(name, variables, this.#signal?.signal);
  }
}

function cellOf({ of }) {
  const value = (name) => of[name]?.value ?? 0;
  return {
    events: value("events"), contacts: value("contacts"), complaints: value("complaints"), suggestions: value("suggestions"),
    praises: value("praises"), questions: value("questions"), reports: value("reports"), responses: value("responses"),
    satisfaction: of.satisfaction?.value ?? null,
  };
}
