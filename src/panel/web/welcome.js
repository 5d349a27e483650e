// Where nobody is shown: customers are looked for, and an identifier that nobody knew is said to be somebody's.

import { fill, h } from "./dom.js";
import { told } from "./forms/dialog.js";
import { candidate, candidates } from "./forms/link.js";
import { icon } from "./icons.js";

/** `chosen(by)` goes on with the customer that is chosen. */
export function welcome({ t, api, title, chosen }) {
  const found = h("div", { class: "results", role: "status" });
  const field = h("input", { type: "search", name: "search", required: true, "aria-label": t("link.search"), placeholder: t("link.search_hint"), autocomplete: "off" });
  const form = h("form", { class: "finder" }, field, h("button", { type: "submit", class: "main" }, icon("search"), t("link.find")));
  const failed = (problem) => fill(found, h("div", { class: "problem" }, ...told(t, problem)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const list = await candidates(api, field.value.trim());
      const choose = (by) => Promise.resolve(chosen(by)).catch(failed);
      fill(found, list.length ? list.map((each) => candidate(t, each, choose)) : h("p", { class: "soft" }, t("link.nobody")));
    } catch (problem) {
      failed(problem);
    }
  });
  return h("section", { class: "part welcome" }, h("h2", null, title), form, found);
}
