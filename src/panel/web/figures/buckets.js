// The buckets that a chart stands over, in the order of time: also those in which nothing happened.

import { beginOf, dayOf, daysLater } from "../clock.js";

/** More than these cannot be told apart on any screen. */
const MOST = 10_000;
const HOUR_MS = 3_600_000;
/** About how long they are, in hours. */
const HOURS = { hour: 1, day: 24, week: 168, month: 720, quarter: 2160, year: 8760 };
const MONTHS = { month: 1, quarter: 3, year: 12 };

/**
 * Of a range as it was asked, without a beginning or an end: as far as there are rows. Gives `{key, at}` each, the key that of
 * `keyOf`, or null where they are too many. `isCut`: not all rows are there, so nothing is known behind the last one.
 */
export function bucketsOf(moments, { bucket, timeZone, range, isCut = false, now = Date.now() }) {
  if (!moments.length) return [];
  const times = moments.map((each) => Date.parse(each)).sort((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  const from = range?.from ? Date.parse(range.from) : first;
  // Of what is yet to come nothing can be said.
  const to = isCut || !range ? last : Math.min(range.to ? Date.parse(range.to) : now, now);
  const begin = Math.min(first, Math.max(from, first - MOST * HOURS[bucket] * HOUR_MS));
  const end = Math.max(last, to);
  if ((end - begin) / (HOURS[bucket] * HOUR_MS) > MOST) return null;
  const found = [];
  const isInside = (at) => (at >= from && at < to) || (at >= first && at <= last);
  for (let at = begin; at <= end; at = next(at, bucket, timeZone)) {
    const begun = beginsAt(at, bucket, timeZone);
    if (isInside(begun)) found.push({ key: keyOf(begun, bucket, timeZone), at: begun, isOver: next(begun, bucket, timeZone) <= now });
    at = begun;
  }
  return found;
}

/** What tells buckets apart: the hour, or the day on which they begin. */
export function keyOf(moment, bucket, timeZone) {
  const date = new Date(moment);
  return bucket === "hour" ? date.toISOString() : dayOf(date, timeZone);
}

/** When the bucket begins that a moment is in. */
function beginsAt(at, bucket, timeZone) {
  if (bucket === "hour") return at;
  return beginOf(firstDay(dayOf(new Date(at), timeZone), bucket), timeZone).getTime();
}

/** When the bucket begins that follows the one of a moment. */
function next(at, bucket, timeZone) {
  if (bucket === "hour") return at + HOUR_MS;
  const day = firstDay(dayOf(new Date(at), timeZone), bucket);
  const following = bucket === "day" ? daysLater(day, 1) : bucket === "week" ? daysLater(day, 7) : firstDay(daysLater(day, MONTHS[bucket] * 31), bucket);
  return beginOf(following, timeZone).getTime();
}

/** The day with which the bucket begins that a day is in. */
function firstDay(day, bucket) {
  if (bucket === "day") return day;
  // Weeks begin on Mondays (ISO 8601).
  if (bucket === "week") return daysLater(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
  const month = Number(day.slice(5, 7)) - 1;
  return `${day.slice(0, 4)}-${String(month - (month % MONTHS[bucket]) + 1).padStart(2, "0")}-01`;
}
