// What is being written of a definition, kept for as long as its window is open: a reload gives it back.

const KEY = "novelo.definition";

/** Where a browser keeps nothing, as some do for pages in frames, at least another language gives it back. */
let held = "";

/** What was kept. */
export function kept() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return held;
  }
}

/** Keeps a text instead; an empty one is none. */
export function keep(text) {
  held = text;
  try {
    if (text.trim()) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // It is held all the same.
  }
}
