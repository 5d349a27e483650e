// One place of the journey from near by: its figures, whence customers came to it and whither they went, and examples to read.

import { bars } from "../charts/bars.js";
import { feeling } from "../charts/feeling.js";
import { fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { groupName, measureName, valueName } from "../figures/naming.js";
import { written } from "../figures/measures.js";
import { momentName } from "../figures/zone.js";
import { called } from "../said.js";

const VOICE = ["complaints", "reports", "suggestions", "questions", "praises"];
const SHOWN = 6;

export class Place {
  #asked = 0;

  /** `on`: `close()`; `links`: `analysis(place)` and `panel(customer)` give addresses. */
  constructor(t, { asking, on, links, told }) {
    Object.assign(this, { t, asking, on, links, told });
    this.element = h("aside", { class: "part place", hidden: true });
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && on.close());
  }

  /** Shows a place; `view` says what is looked at: `{range, filters, across, steps, zone}`. */
  async show(place, view) {
    const { t } = this;
    const number = (this.#asked += 1);
    const names = { [view.across]: place.across, [place.group]: place.row };
    const rest = ["touchpoint", "department", "channel", "stage"].filter((group) => !(group in names) && view.filters[group] === undefined);
    const details = h("div", { class: "details", "aria-busy": "true" }, h("p", { class: "soft" }, t("place.loading")));
    const title = h("h2", { tabindex: "-1", id: "place-title" }, called(valueName(t, place.group, place.row)), h("small", null, called(valueName(t, view.across, place.across))));
    fill(this.element, h("div", { class: "heading" }, title, h("button", { type: "button", class: "icon-button", "aria-label": t("form.close"), title: t("form.close"), "data-key": "place-close", onclick: () => this.on.close() }, icon("cross"))),
      ...this.#figures(place.cell), details);
    this.element.setAttribute("aria-labelledby", "place-title");
    this.element.hidden = false;
    title.focus({ preventScroll: true });
    title.scrollIntoView({ block: "nearest" });
    try {
      const [{ whole, parts }, examples] = await Promise.all([this.asking.place(view.range, { ...view.filters, ...names }, rest.slice(0, 2)), this.#examples(names, view)]);
      if (number !== this.#asked) return;
      fill(details, this.#customers(whole), this.#ways(place, view.steps), ...parts.map(([group, rows]) => this.#part(group, rows)), this.#timelines(examples, names, view));
    } catch (problem) {
      if (problem.name !== "AbortError" && number === this.#asked) fill(details, h("div", { class: "problem", role: "alert" }, ...this.told(problem)));
    }
    details.removeAttribute("aria-busy");
    details.append(h("p", { class: "way-on" }, h("a", { href: this.links.analysis(names), "data-key": "place-analysis" }, t("place.analysis"))));
  }

  hide() {
    this.#asked += 1;
    this.element.hidden = true;
    fill(this.element);
  }

  #figures(cell) {
    const { t } = this;
    const told = VOICE.reduce((sum, name) => sum + cell[name], 0);
    const known = cell.chosen + cell.imposed;
    return [
      h("dl", { class: "key-figures" },
        figure(t("measure.events"), written(t, "count", cell.events)),
        figure(t("measure.contacts"), written(t, "count", cell.contacts)),
        cell.responses
          ? figure(t("measure.satisfaction"), [h("span", { class: `tag ${feeling(cell.satisfaction)}`, "aria-hidden": "true" }), written(t, "share", cell.satisfaction)], t("figure.over_answers", { n: cell.responses }))
          : figure(t("measure.satisfaction"), "–", t("place.no_surveys"))),
      h("h3", null, t("place.voice")),
      told ? bars(VOICE.filter((name) => cell[name]).map((name) => ({ name: measureName(t, name), value: cell[name], label: t.number(cell[name]), className: `voice-${name}` }))) : h("p", { class: "soft" }, t("place.no_voice")),
      h("h3", null, t("place.choice")),
      known ? bars(["chosen", "imposed"].map((name) => ({ name: t(`measure.${name}`), value: cell[name], label: written(t, "share", cell[name] / known), note: t("figure.of", { n: cell[name], all: known }), className: name })), { top: known }) : h("p", { class: "soft" }, t("place.no_choice")),
    ];
  }

  /** Different people cannot be added up over cells: they are counted anew. */
  #customers(whole) {
    const customers = whole?.of.customers;
    if (!customers || customers.value === null) return null;
    return h("p", null, this.t("map.customers", { n: Math.round(customers.value) }), customers.error > 0 && h("span", { class: "soft" }, ` · ${this.t("figure.about", { error: this.t.percent(customers.error, 1) })}`));
  }

  #ways(place, steps) {
    const { t } = this;
    if (place.group !== "touchpoint") return null;
    const list = (side, other, key) => {
      const found = steps.filter((step) => step.of === "touchpoint" && step[side] === place.row && step.from !== step.to).sort((a, b) => b.count - a.count).slice(0, SHOWN);
      if (!found.length) return null;
      return [h("h3", null, t(key)), bars(found.map((step) => ({ name: step[other] === null ? t("flow.start") : valueName(t, "touchpoint", step[other]), value: step.count, label: t.number(step.count) })))];
    };
    return [list("to", "from", "place.came_from"), list("from", "to", "place.went_to")];
  }

  #part(group, rows) {
    const { t } = this;
    if (!rows.length || rows.every((row) => row.group[group] === null)) return null;
    return [h("h3", null, t("place.by", { group: groupName(t, group).toLocaleLowerCase(t.tag) })), bars(rows.slice(0, SHOWN).map(({ group: names, of }) => ({ name: valueName(t, group, names[group]), value: of.events.value, label: t.number(of.events.value) })))];
  }

  /** Who was there; what is not said is asked for as such. Channels are not told apart. */
  #examples(names, { range, filters }) {
    const place = { ...filters, ...names };
    const asked = Object.entries(place).filter(([group, value]) => group !== "channel" && value !== undefined);
    return this.asking.examples(Object.fromEntries(asked), range);
  }

  #timelines(examples, names, { zone }) {
    const { t } = this;
    const heading = h("h3", null, t("place.examples"));
    if (!examples.length) return [heading, h("p", { class: "soft" }, t("place.no_examples"))];
    return [heading, "channel" in names && h("p", { class: "soft" }, t("place.any_channel")),
      h("ul", { class: "examples" }, ...examples.map(({ customer, at }, number) =>
        h("li", null, h("a", { href: this.links.panel(customer), "data-key": `example-${number}` }, icon("person"), t("place.example", { moment: momentName(t, at, zone) })))))];
  }
}

function figure(name, value, note = null) {
  return h("div", null, h("dt", null, name), h("dd", null, value, note && h("small", null, note)));
}
