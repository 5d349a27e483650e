// A form in a dialog: its fields, its sending, and what the server says when it refuses.

import { fill, h, holdFocus } from "../dom.js";
import { icon } from "../icons.js";
import { words } from "../said.js";

let counted = 0;

/** What `submit` gives when the form shall stay open. */
export const STAY = Symbol("stay");

export class Dialog {
  /** The words; set before anything is opened. */
  t = null;
  #form = null;
  #back = () => {};

  /** `closed()` is called whenever a form was closed, in whichever way. */
  constructor(closed) {
    this.element = h("dialog", { class: "sheet" });
    /** Says what happens outside while a form is open: the rest of the page is out of reach then. */
    this.notice = h("div", { role: "status", "aria-live": "assertive" });
    // The browser gives the focus back to what had it, unless that was rendered anew meanwhile.
    this.element.addEventListener("close", () => { this.#back(); closed(); });
    // A click beside it closes it, but not what somebody has written; Escape asks first.
    this.element.addEventListener("click", (event) => event.target === this.element && !this.isWritten && this.element.close());
    this.element.addEventListener("cancel", (event) => {
      if (event.target !== this.element || !this.isWritten) return;
      event.preventDefault();
      this.#leave();
    });
  }

  get isOpen() {
    return this.element.open;
  }

  /** Whether anything was written in the form that is open. */
  get isWritten() {
    return this.isOpen && this.#form.controls.some(({ value }, at) => value() !== this.#form.first[at]);
  }

  /**
   * Opens a form. `fields` are those of below; `submit(values)` does it and throws what went wrong; `before` and
   * `extra` are nodes before and behind the fields. `of` is whose form it is: one that says so can be put aside.
   */
  open({ title, intro = null, fields = [], before = [], extra = [], action, submit, danger = false, of }) {
    const { t } = this;
    const heading = `dialog-${(counted += 1)}`;
    const problem = h("div", { class: "problem", role: "alert" });
    const button = action && h("button", { type: "submit", class: danger ? "main danger" : "main" }, action);
    const whose = h("div", { class: "warnings", id: `${heading}-whose` });
    const controls = fields.filter(Boolean);
    const leaving = this.#leaving();
    const node = h("form", { method: "dialog" },
      h("div", { class: "heading" }, h("h2", { id: heading }, title),
        h("button", { type: "button", class: "icon-button", "aria-label": t("form.close"), title: t("form.close"), onclick: () => this.#leave() }, icon("cross"))),
      whose, intro && h("p", { class: "soft" }, intro),
      ...before, ...controls.map((field) => field.element), ...extra, problem,
      leaving,
      h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => this.#leave() }, t("form.cancel")), button));
    node.addEventListener("submit", (event) => {
      event.preventDefault();
      if (hasBlank(controls)) return;
      this.#send({ form: node, button, problem, controls, submit });
    });
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) node.requestSubmit();
    });
    this.#show({ node, heading, whose, controls, leaving, title, of, first: controls.map(({ value }) => value()) });
  }

  /** Asks whether what was written is to be thrown away. */
  #leaving() {
    const { t } = this;
    const keep = () => { question.hidden = true; this.focus(); };
    const question = h("div", { class: "leaving", role: "alert", hidden: true }, h("b", null, t("form.discard_question")),
      h("button", { type: "button", onclick: keep }, t("form.keep")),
      h("button", { type: "button", class: "danger", onclick: () => this.element.close() }, t("form.discard")));
    return question;
  }

  /** Closes the form; one in which something was written only after a question. */
  #leave() {
    const { leaving } = this.#form;
    if (!this.isWritten) return this.element.close();
    leaving.hidden = false;
    leaving.querySelector("button").focus();
  }

  /** `warning` stands above all in the form, and is told with its name. */
  #show(form, warning = null) {
    this.#form = form;
    form.leaving.hidden = true;
    fill(form.whose, warning);
    this.element.setAttribute("aria-labelledby", form.heading);
    if (warning) this.element.setAttribute("aria-describedby", form.whose.id);
    else this.element.removeAttribute("aria-describedby");
    this.element.replaceChildren(this.notice, form.node);
    if (!this.element.open) {
      const opener = this.element.getRootNode().activeElement;
      this.#back = holdFocus(opener?.closest("[data-part]") ?? this.element.parentNode);
      this.element.showModal();
    }
    this.focus();
  }

  /** Where writing begins. */
  focus() {
    const { node } = this.#form;
    (node.querySelector("[autofocus]") ?? node.querySelector("input, textarea, select") ?? node.querySelector("[type=submit]"))?.focus();
  }

  /** Closes the form; when there is something in it that can be gone on with, a draft for `takeUp`. */
  putAside() {
    const draft = this.isWritten && this.#form.of !== undefined ? this.#form : null;
    this.element.close();
    return draft;
  }

  /** Opens a form as it was put aside; `warning` says what has changed around it. */
  takeUp(draft, warning) {
    this.#show(draft, warning);
  }

  async #send({ form, button, problem, controls, submit }) {
    if (!button || form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    button.disabled = true;
    problem.replaceChildren();
    try {
      const done = await submit(Object.fromEntries(controls.map(({ name, value }) => [name, value()])));
      if (done !== STAY && this.#form.node === form) this.element.close();
    } catch (cause) {
      problem.replaceChildren(...told(this.t, cause));
    } finally {
      form.removeAttribute("aria-busy");
      button.disabled = false;
    }
  }
}

/** Whether a field that is required has nothing but spaces: the browser says so then as it does of an empty one. */
function hasBlank(fields) {
  const blank = fields.find(({ control, value }) => control?.required && value() === "" && control.value !== "");
  if (!blank) return false;
  blank.control.value = "";
  return !blank.control.reportValidity();
}

/** What went wrong and what to do, in the viewer's words; of what the server says, which is in English, what it comes to first. */
export function told(t, cause) {
  if (cause.code === "OFFLINE") return [icon("alert"), h("div", null, h("b", null, t("problem.offline")), h("p", null, t("problem.offline_help")))];
  const { message, help } = cause;
  const key = `problem.${cause.code}`;
  const comesTo = t(key);
  if (cause.isTold && comesTo !== key) return [icon("alert"), h("div", null, h("b", null, comesTo),
    h("p", { lang: "en" }, words(message), help && ". ", help && words(help)))];
  return [icon("alert"), h("div", null, h("b", null, words(message)), help && h("p", null, words(help)))];
}
