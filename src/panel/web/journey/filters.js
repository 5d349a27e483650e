// Which part of all that happened is looked at: by channel, stage and department.

import { h, refill } from "../dom.js";
import { groupName, valueName } from "../figures/naming.js";
import { cut } from "../figures/naming.js";

export const FILTERS = Object.freeze(["channel", "stage", "department"]);
/** What stands in the address for those that say nothing. */
const NOTHING = "-";

/** Reads filters from the parameters of an address: a value each, null for what is not said, undefined for all. */
export function readFilters(parameters) {
  const read = (value) => (value === NOTHING ? null : value);
  return Object.fromEntries(FILTERS.filter((name) => parameters[name] !== undefined).map((name) => [name, read(parameters[name])]));
}

/** The same for an address. */
export function writtenFilters(filters) {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined).map(([name, value]) => [name, value ?? NOTHING]));
}

export class FilterRow {
  /** `change(filters)` is called with what is chosen. */
  constructor(t, change) {
    Object.assign(this, { t, change });
    this.element = h("div", { class: "filter-row", role: "group", "aria-label": t("filters.title") });
  }

  /** `values`: those that there are, by group. What is chosen can always be let go, also where it is not there. */
  show(filters, values) {
    const { t } = this;
    const chosen = FILTERS.filter((name) => filters[name] !== undefined);
    refill(this.element, ...FILTERS.map((name) => this.#select(name, filters, values[name] ?? [])),
      chosen.length > 0 && h("button", { type: "button", class: "link", "data-key": "filters-off", onclick: () => this.change({}) }, t("filters.off")));
  }

  #select(name, filters, found) {
    const { t } = this;
    const current = filters[name];
    const values = current === undefined || found.includes(current) ? found : [...found, current];
    const field = h("select", { name, "data-key": `filter-${name}` },
      h("option", { value: "" }, t(`filters.all_${name}`)),
      ...values.map((value, at) => h("option", { value: String(at), selected: current !== undefined && value === current }, cut(valueName(t, name, value), 60))));
    field.addEventListener("change", () => this.change({ ...filters, [name]: field.value === "" ? undefined : values[Number(field.value)] }));
    return h("label", { class: current === undefined ? null : "on" }, h("span", null, groupName(t, name)), field);
  }
}
