// One analysis: what it asks, how far it is, its figures, its definition, and its versions.

import { h, refill } from "../dom.js";
import { icon } from "../icons.js";
import { groupName } from "../figures/naming.js";
import { plain, words } from "../said.js";
import { progress, troubles } from "./progress.js";
import { Result } from "./result.js";
import { Versions } from "./versions.js";

export class Detail {
  #shown = null;

  /** `on`: `change(view)`, `edit(definition)`, `serve(name, version)`, `remove(analysis)`. */
  constructor(t, { api, on, told }) {
    Object.assign(this, { t, on });
    this.head = h("section", { class: "part about", "aria-label": t("about.title") });
    this.result = new Result(t, { api, told, change: (view) => on.change(view) });
    this.versions = new Versions(t, { api, told });
    this.definition = h("div");
    this.element = h("div", { class: "detail" }, this.head, this.result.element, this.versions.element, this.definition);
  }

  /** An analysis that was chosen, with its figures as `view` says. */
  show(analysis, view) {
    if (this.#shown?.name !== analysis.name) this.versions.hide();
    this.#shown = analysis;
    this.#about();
    this.#definition();
    return this.result.show(analysis, view);
  }

  /** The same analysis, further than it was; its figures are asked for anew when there are others. */
  follow(analysis, view) {
    const before = this.#shown;
    if (JSON.stringify(before) === JSON.stringify(analysis)) return false;
    this.#shown = analysis;
    this.#about();
    const isOther = before.version !== analysis.version || (before.state !== "live" && analysis.state === "live");
    if (!isOther) {
      if (before.through !== analysis.through && analysis.state === "live") this.result.show(analysis, view);
      return false;
    }
    this.#definition();
    this.versions.hide();
    this.result.show(analysis, view);
    return true;
  }

  /** Where reading begins. */
  focus() {
    this.head.querySelector("h2")?.focus();
  }

  #about() {
    const { t, on } = this;
    const analysis = this.#shown;
    const { name, version, title, over, groups, bucket, builtIn, definition, building, previous } = analysis;
    const list = groups.map((group) => groupName(t, group).toLocaleLowerCase(t.tag));
    const asks = [t("about.over", { rows: t(`over.${over}`) }), list.length > 0 && t("about.by", { list: t.list(list) }), bucket && t("about.bucket", { bucket: t(`bucket.${bucket}`) })].filter(Boolean).join(", ");
    const button = (key, symbol, text, act, className = "") => h("button", { type: "button", class: className, "data-key": key, onclick: act }, icon(symbol), text);
    const waiting = [analysis, building].find((each) => each?.state === "ready");
    const unfolded = [...this.head.querySelectorAll("details")].map(({ open }) => open);
    refill(this.head,
      h("div", { class: "heading" }, h("h2", { tabindex: "-1", "data-key": "analysis-title" }, words(title || name)), h("span", { class: "soft" }, plain(name), " · ", t("versions.version", { version: String(version) }), " · ", t(builtIn ? "about.built_in" : "about.own"))),
      h("p", { class: "soft" }, asks),
      progress(t, analysis),
      building && progress(t, building, { isBeside: true }),
      troubles(t, analysis), building && troubles(t, building),
      h("div", { class: "choices" },
        button("as-start", "edit", t(builtIn ? "about.as_start" : "about.change"), () => on.edit(analysis, definition)),
        building && button("compare-building", "table", t("versions.compare", { from: String(version), to: String(building.version) }), () => this.versions.show(analysis, version, building.version)),
        waiting && button("serve-waiting", "check", t("versions.serve", { version: String(waiting.version) }), () => on.serve(name, waiting.version)),
        previous !== null && button("compare", "table", t("versions.compare", { from: String(previous), to: String(version) }), () => this.versions.show(analysis, previous, version)),
        previous !== null && button("serve", "refresh", t("versions.back", { version: String(previous) }), () => on.serve(name, previous)),
        !builtIn && button("remove", "cross", t("about.remove"), () => on.remove(analysis))));
    this.head.querySelectorAll("details").forEach((each, at) => { each.open = unfolded[at] ?? false; });
  }

  #definition() {
    const { t } = this;
    refill(this.definition, h("details", { class: "part definition" }, h("summary", null, t("about.definition")), h("pre", { tabindex: "0", role: "region", "aria-label": t("about.definition") }, words(this.#shown.definition))));
  }
}
