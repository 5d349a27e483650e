// The fields of forms: each has its name, its node, and what is in it.

import { h } from "../dom.js";

let counted = 0;

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
