// The figures of the day: what each card shows, and of which analysis it is.

import { rowsOf } from "../figures/answer.js";
import { hourOf } from "../clock.js";

/** Each subscription: the analysis, its buckets, whether it is of the last days or of all, and a condition of its own. */
export const SOURCES = Object.freeze({
  contacts: { name: "contacts", bucket: "hour", isRecent: true },
  service: { name: "service", bucket: "day", isRecent: true },
  resolution: { name: "resolution", bucket: "all", isRecent: false },
  feedback: { name: "feedback", bucket: "day", isRecent: true },
  satisfaction: { name: "satisfaction", bucket: "day", isRecent: true, where: { instrument: "csat" } },
});

/** The cards in their order. `good`: whether more or less is better. */
export const CARDS = Object.freeze([
  { source: "contacts", measure: "contacts", kind: "count" },
  { source: "service", measure: "service_level", good: "more" },
  { source: "service", measure: "aht_ms" },
  { source: "service", measure: "asa_ms", good: "less" },
  { source: "service", measure: "abandonment", good: "less" },
  { source: "resolution", measure: "pending", kind: "count" },
  { source: "feedback", measure: "complaints", kind: "count" },
  { source: "feedback", measure: "suggestions", kind: "count" },
  { source: "feedback", measure: "praises", kind: "count" },
  { source: "satisfaction", measure: "csat", good: "more" },
]);

/**
 * What a card shows: `{value, over, provisional, usual, points}`, the points `{at, value, over, isNow}` in the order of time.
 * `days` are the beginnings of the last days, the last of them today's; `now` is the moment, in `zone`.
 */
export function reading(card, result, { days, now, zone }) {
  const rows = rowsOf(result);
  const figure = (row) => row?.of[card.measure] ?? null;
  if (!SOURCES[card.source].isRecent) {
    const all = figure(rows[0]);
    return { value: all?.value ?? 0, over: rows[0]?.of.cases?.value ?? 0, provisional: false, usual: null, points: [] };
  }
  if (card.source === "contacts") return ofHours(rows, figure, { days, now, zone });
  const points = days.map((day, at) => {
    const row = rows.find(({ bucket }) => Date.parse(bucket) === day.getTime());
    const told = figure(row);
    return { at: day, value: told?.value ?? (card.kind === "count" ? 0 : null), over: told?.over ?? 0, isNow: at === days.length - 1, provisional: row?.provisional ?? false };
  });
  const today = points.at(-1);
  return { ...today, usual: card.kind === "count" ? null : usual(points.slice(0, -1)), points };
}

/** A mean over the days before, each by how many it was taken over. */
function usual(points) {
  const told = points.filter(({ value, over }) => value !== null && over > 0);
  const over = told.reduce((sum, each) => sum + each.over, 0);
  return over ? told.reduce((sum, each) => sum + each.value * each.over, 0) / over : null;
}

/** Contacts hour by hour, and how many there usually are by this time of the day. */
function ofHours(rows, figure, { days, now, zone }) {
  const begin = days.at(-1).getTime();
  const hour = hourOf(now, zone);
  const sums = new Map();
  let before = 0;
  for (const row of rows) {
    const at = new Date(row.bucket);
    const count = figure(row)?.value ?? 0;
    if (at.getTime() >= begin) sums.set(hourOf(at, zone), (sums.get(hourOf(at, zone)) ?? 0) + count);
    else if (hourOf(at, zone) <= hour) before += count;
  }
  const points = Array.from({ length: 24 }, (_, each) => ({ at: new Date(begin + each * 3_600_000), value: sums.get(each) ?? 0, over: sums.get(each) ?? 0, isNow: each === hour }));
  const value = [...sums.values()].reduce((sum, each) => sum + each, 0);
  return { value, over: value, provisional: false, usual: before / (days.length - 1), points };
}
