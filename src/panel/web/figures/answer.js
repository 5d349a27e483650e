// Asking for figures, and reading what comes.

import { kindsOf, nothingOf } from "./measures.js";

/** All of a range in one bucket. */
export const ONE_BUCKET = "all";

/** From fine to coarse; weeks make up no months. */
const BUCKETS = ["hour", "day", "week", "month", "quarter", "year"];

/** The buckets that figures in buckets of one kind can be put together to. */
export function coarser(bucket) {
  const at = BUCKETS.indexOf(bucket);
  return at < 0 ? [] : BUCKETS.slice(at).filter((each) => each === bucket || bucket !== "week");
}

/** The rows of a result, the figures by the names of their measures: `{bucket, group: {channel}, provisional, of: {contacts: {value, over}}}`. */
export function rowsOf({ rows, groups, measures }) {
  return rows.map(({ bucket, group, figures, provisional }) => ({
    bucket, provisional,
    group: Object.fromEntries(groups.map((name, at) => [name, group[at]])),
    of: Object.fromEntries(measures.map((name, at) => [name, figures[at]])),
  }));
}

/** The one row of figures that are all in one; null where there is none. */
export function single(result) {
  return result ? rowsOf(result)[0] ?? null : null;
}

/** The analyses that a server has, by their names, with what kinds their measures are, and what they are of nothing. */
export async function analysesOf(api, t, signal) {
  const { analyses } = await api.ask("analyses", { language: t.tag }, signal);
  return new Map(analyses.map((each) => [each.name, { ...each, kinds: kindsOf(each), nothing: nothingOf(each) }]));
}

/** The value of a group as a condition. */
export function conditions(filters) {
  return Object.entries(filters).filter(([, value]) => value !== undefined).map(([name, value]) => ({ name, value }));
}
