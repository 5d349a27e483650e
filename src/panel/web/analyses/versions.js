// Two versions of an analysis beside each other: which figures differ, and by how much; and the way back to the one before.

import { fill, h } from "../dom.js";
import { groupName, measureName, valueName } from "../figures/naming.js";
import { bucketCell } from "../figures/zone.js";
import { table } from "../figures/table.js";
import { csv, csvButton } from "../figures/csv.js";

export class Versions {
  #asked = 0;

  constructor(t, { api, told }) {
    Object.assign(this, { t, api, told });
    this.element = h("section", { class: "part versions", hidden: true, "aria-label": t("versions.title") });
  }

  hide() {
    this.#asked += 1;
    this.element.hidden = true;
    fill(this.element);
  }

  /** Compares the version `from` with the version `to`. */
  async show(analysis, from, to) {
    const { t } = this;
    const number = (this.#asked += 1);
    this.element.hidden = false;
    const title = h("h2", { tabindex: "-1" }, t("versions.compared", { from: String(from), to: String(to) }));
    const body = h("div", { "aria-busy": "true" }, h("p", { class: "soft" }, t("place.loading")));
    const tools = h("div", { class: "tools" });
    fill(this.element, h("div", { class: "heading" }, title, tools), body);
    title.focus();
    try {
      const { analysisDiff: diff } = await this.api.ask("analysis_diff", { name: analysis.name, from, to });
      if (number !== this.#asked) return;
      fill(body, h("p", null, [t("versions.differing", { n: diff.differing }), t("versions.same", { n: diff.same }), t("versions.only_from", { n: diff.onlyFrom, version: String(from) }), t("versions.only_to", { n: diff.onlyTo, version: String(to) })].join(" · ")),
        diff.cells.length ? table(t, this.#table(analysis, diff, from, to)) : h("p", { class: "good" }, t("versions.all_same")));
      if (diff.cells.length) fill(tools, csvButton(t, { name: `${analysis.name}-${from}-${to}`, key: "csv-diff", text: () => csv(t, this.#table(analysis, diff, from, to)), trouble: (problem) => fill(body, ...this.told(problem)) }));
    } catch (problem) {
      if (number === this.#asked) fill(body, h("div", { class: "problem", role: "alert" }, ...this.told(problem)));
    }
    body.removeAttribute("aria-busy");
  }

  #table({ bucket, timezone, kinds }, { groups, cells }, from, to) {
    const { t } = this;
    const cell = (measure, figure) => figure && { kind: kinds[measure] ?? "number", value: figure.value };
    const change = ({ from: a, to: b, measure }) => (typeof a?.value === "number" && typeof b?.value === "number" ? { kind: kinds[measure] ?? "number", value: b.value - a.value } : null);
    return {
      caption: t("versions.compared", { from: String(from), to: String(to) }),
      columns: [...(bucket ? [{ name: t("table.when"), kind: "text", isWhen: true }] : []), ...groups.map((group) => ({ name: groupName(t, group), kind: "text" })), { name: t("table.figure"), kind: "text" },
        { name: t("versions.version", { version: String(from) }), kind: "number" }, { name: t("versions.version", { version: String(to) }), kind: "number" }, { name: t("versions.change"), kind: "number" }],
      rows: cells.map((each) => [...(bucket ? [each.bucket ? bucketCell(t, each.bucket, bucket, timezone) : "–"] : []), ...groups.map((group, at) => valueName(t, group, each.group[at])), measureName(t, each.measure),
        cell(each.measure, each.from), cell(each.measure, each.to), change(each)]),
    };
  }
}
