// A form in a dialog: its fields, its sending, and what the server says when it refuses.

import { h, holdFocus } from "../dom.js";
import { icon } from "../icons.js";
import { words } from "../said.js";

let counted = 0;

/** What `submit` gives when the form shall stay open. */
export const STAY = Symbol("stay");

export class Dialog {
  constructor(t) {
    this.t = t;
    this.element = h("dialog", { class: "sheet" });
    this.back = () => {};
    this.element.addEventListener("click", (event) => event.target === this.element && this.element.close());
    // The browser gives the focus back to what had it, unless that was rendered anew meanwhile.
    this.element.addEventListener("close", () => this.back());
  }

  /**
   * Opens a form. `fields` are those of below; `submit(values)` does it and throws what went wrong; `before` and
   * `extra` are nodes before and behind the fields.
   */
  open({ title, intro = null, fields = [], before = [], extra = [], action, submit, danger = false }) {
    const { t } = this;
    const heading = `dialog-${(counted += 1)}`;
    const problem = h("div", { class: "problem", role: "alert" });
    const button = action && h("button", { type: "submit", class: danger ? "main danger" : "main" }, action);
    const controls = fields.filter(Boolean);
    const form = h("form", { method: "dialog" },
      h("div", { class: "heading" }, h("h2", { id: heading }, title),
        h("button", { type: "button", class: "icon-button", "aria-label": t("form.close"), title: t("form.close"), onclick: () => this.element.close() }, icon("cross"))),
      intro && h("p", { class: "soft" }, intro),
      ...before, ...controls.map((field) => field.element), ...extra, problem,
      h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => this.element.close() }, t("form.cancel")), button));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send({ form, button, problem, controls, submit });
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    this.element.setAttribute("aria-labelledby", heading);
    this.element.replaceChildren(form);
    if (!this.element.open) {
      const opener = this.element.getRootNode().activeElement;
      this.back = holdFocus(opener?.closest("[data-part]") ?? this.element.parentNode);
      this.element.showModal();
    }
    (form.querySelector("[autofocus]") ?? form.querySelector("input, textarea, select") ?? button)?.focus();
  }

  async #send({ form, button, problem, controls, submit }) {
    if (!button || form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    button.disabled = true;
    problem.replaceChildren();
    try {
      const done = await submit(Object.fromEntries(controls.map(({ name, value }) => [name, value()])));
      if (done !== STAY) this.element.close();
    } catch (cause) {
      problem.replaceChildren(...told(this.t, cause));
    } finally {
      form.removeAttribute("aria-busy");
      button.disabled = false;
    }
  }
}

/** What went wrong and what to do, as the server says it. */
export function told(t, cause) {
  if (cause.code === "OFFLINE") return [icon("alert"), h("div", null, h("b", null, t("problem.offline")), h("p", null, t("problem.offline_help")))];
  return [icon("alert"), h("div", null, h("b", null, words(cause.message)), cause.help && h("p", null, words(cause.help)))];
}

function labelled(label, control, hint) {
  const id = `field-${(counted += 1)}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, hint && h("small", { id: `${id}-hint` }, hint));
}

/** A line of text. */
export function line(name, label, { value = "", required = false, hint, list, type = "text", placeholder, autofocus } = {}) {
  const control = h("input", { type, name, required, placeholder, autofocus, autocomplete: "off" });
  control.value = value;
  const options = list && h("datalist", { id: `list-${(counted += 1)}` }, ...list.map((each) => h("option", { value: each })));
  if (options) control.setAttribute("list", options.id);
  const element = labelled(label, control, hint);
  if (options) element.append(options);
  return { name, element, control, value: () => control.value.trim() };
}

/** Several lines of text. */
export function lines(name, label, { value = "", required = false, hint, rows = 4 } = {}) {
  const control = h("textarea", { name, rows, required });
  control.value = value;
  return { name, element: labelled(label, control, hint), control, value: () => control.value.trim() };
}

/** One of a few: `[value, label]` each. */
export function choice(name, label, options, { value, hint } = {}) {
  const control = h("select", { name }, ...options.map(([key, text]) => h("option", { value: key, selected: key === value }, text)));
  return { name, element: labelled(label, control, hint), control, value: () => control.value };
}

/** One of very few, all in sight. */
export function radios(name, label, options, { value } = {}) {
  const buttons = options.map(([key, text]) => {
    const control = h("input", { type: "radio", name, value: key, checked: key === value, required: true });
    return h("label", { class: "radio" }, control, text);
  });
  const element = h("fieldset", { class: "field radios" }, h("legend", null, label), ...buttons);
  return { name, element, value: () => element.querySelector("input:checked")?.value ?? "" };
}

/** Yes or no. */
export function tick(name, label, { value = false } = {}) {
  const control = h("input", { type: "checkbox", name, checked: value });
  return { name, element: h("label", { class: "tick-field" }, control, label), value: () => control.checked };
}
