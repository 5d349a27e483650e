// What customers and other systems wrote. It may be anything: markup, marks that turn the reading direction, 100 KB.

import { h } from "./dom.js";

/** So many characters are shown at first. */
const CLAMP_CHARACTERS = 420;
const CLAMP_LINES = 6;

/** Characters that would change how the text around them reads, and those that cannot be seen at all. */
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text by somebody else where only a plain one can stand, such as a name for screen readers. */
export function plain(text) {
  return String(text).replace(HIDDEN, "·");
}

/** A short text by somebody else, isolated from the text around it. */
export function words(text, attributes) {
  return h("bdi", { dir: "auto", ...attributes }, ...visible(String(text)));
}

/** A key that a machine made: nobody reads more of it than its beginning. */
const KEY = /^(?=.*\d)[0-9a-f-]{20,}$/i;
const KEY_SHOWN = 8;

/** A name with no more of a machine's key than tells it apart. */
export function shortKey(name) {
  return KEY.test(name) ? `${name.slice(0, KEY_SHOWN)}…` : name;
}

/** A name, isolated from the text around it; who points at a key that is not shown whole sees all of it. */
export function called(name, attributes) {
  const short = shortKey(name);
  if (short === name) return words(name, attributes);
  return words(short, { title: plain(name), ...attributes, class: ["machine", attributes?.class].filter(Boolean).join(" ") });
}

/** A text by somebody else as a part of a sentence: a long one is cut. */
export function brief(text, limit) {
  const short = clamped(text, limit);
  return words(short.length === text.length ? text : `${short}…`);
}

/** A company's code in words; who points at it sees the code. */
export function named(t, group, code) {
  const name = t.code(group, code);
  return words(name, { title: name === code ? null : plain(code) });
}

/** A text of any length by somebody else: a long one is cut, with a button for all of it. */
export function said(text, t, attributes, limit = CLAMP_CHARACTERS) {
  const short = clamped(text, limit);
  if (short.length === text.length) return h("div", attributes, words(text));
  const shown = h("div", { class: "long" }, words(`${short}…`));
  const all = h("button", { type: "button", class: "link" }, t("text.all", { size: t.size(text.length) }));
  all.setAttribute("aria-expanded", "false");
  all.addEventListener("click", () => {
    const open = all.getAttribute("aria-expanded") === "true";
    shown.replaceChildren(words(open ? `${short}…` : text));
    shown.classList.toggle("open", !open);
    if (open) shown.removeAttribute("tabindex");
    else shown.tabIndex = 0;
    all.textContent = open ? t("text.all", { size: t.size(text.length) }) : t("text.less");
    all.setAttribute("aria-expanded", String(!open));
    all.scrollIntoView({ block: "nearest" });
  });
  return h("div", attributes, shown, all);
}

function clamped(text, limit) {
  const lines = text.split("\n", CLAMP_LINES + 1);
  const few = lines.length > CLAMP_LINES ? lines.slice(0, CLAMP_LINES).join("\n") : text;
  if (few.length <= limit) return few;
  // A cut must not go through the middle of a pair of surrogates.
  return few.slice(0, limit).replace(/[\ud800-\udbff]$/, "");
}

/** The text in pieces: hidden characters stand as a small mark that says which they are. */
function visible(text) {
  const pieces = [];
  let from = 0;
  for (const found of text.matchAll(HIDDEN)) {
    if (pieces.length > 200) break;
    if (found.index > from) pieces.push(text.slice(from, found.index));
    const code = `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    pieces.push(h("span", { class: "hidden-mark", title: code }, "·"));
    from = found.index + found[0].length;
  }
  if (from < text.length) pieces.push(plain(text.slice(from)));
  return pieces;
}
