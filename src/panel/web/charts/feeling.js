// How customers feel, in five steps from bad to good. Each step has a colour, and each colour a word.

/** Where each step begins, from 0 to 1. */
const STEPS = [0, 0.35, 0.5, 0.65, 0.8];

/** Classes of the steps; the last one is for where nobody has said anything. */
export const FEELINGS = Object.freeze(["feel-0", "feel-1", "feel-2", "feel-3", "feel-4"]);
export const SILENT = "feel-none";

/** The class of a value between 0 and 1; null when nothing is known. */
export function feeling(value) {
  if (value === null || value === undefined) return SILENT;
  return FEELINGS[STEPS.findLastIndex((from) => value >= from)] ?? FEELINGS[0];
}

/** Praises among those who complained, reported or praised; null where nobody did. */
export function mood({ complaints, reports, praises }) {
  const said = complaints + reports + praises;
  return said ? praises / said : null;
}
