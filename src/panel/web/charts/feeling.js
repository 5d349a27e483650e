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

/** Where each step begins, in how many times the share of all together; more is worse. */
const TIMES = [0.6, 0.87, 1.15, 1.5];
/** Fewer complaints than these, also as expected, say nothing. */
const LEAST_EXPECTED = 3;

/** How complaints, `upset` of so many, compare with those of all together, from 0 to 1 as a feeling; null where there are too few. */
export function compared({ upset, of }, all) {
  const usual = all.of ? all.upset / all.of : 0;
  if (!usual || !of || Math.max(upset, usual * of) < LEAST_EXPECTED) return null;
  const times = upset / of / usual;
  const at = TIMES.findIndex((each) => times < each);
  return [0.9, 0.7, 0.55, 0.4, 0.1][at < 0 ? 4 : at];
}
