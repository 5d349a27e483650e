// The clock on the wall of a time zone: that of the store, whichever zone the browser is in. A zone that is undefined is the browser's.

/** Ways to write moments are slow to make: each is made once. */
const formats = new Map();

export function format(tag, options) {
  const key = tag + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(tag, options));
  return formats.get(key);
}

/** Clocks are changed at a whole quarter of an hour. */
const QUARTER_MS = 900_000;
const WALL = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" };

/** How far zones are ahead, by zone and quarter of an hour: to find it out takes longer than all else that is done with a moment. */
const found = new Map();

/** How many milliseconds the wall of a zone is ahead of UTC. */
function ahead(date, timeZone) {
  const quarter = Math.floor(date / QUARTER_MS);
  if (!found.has(timeZone)) found.set(timeZone, new Map());
  const known = found.get(timeZone);
  if (!known.has(quarter)) {
    const begin = quarter * QUARTER_MS;
    const parts = format("en-u-ca-gregory-nu-latn", { timeZone, ...WALL }).formatToParts(new Date(begin));
    const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
    known.set(quarter, Date.UTC(year, month - 1, day, hour, minute, second) - begin);
  }
  return known.get(quarter);
}

/** A moment as one of UTC that shows what stands on the wall of a zone. */
function shown(date, timeZone) {
  return new Date(Number(date) + ahead(date, timeZone));
}

/** The clock on the wall of a zone: `{year, month, day, hour, minute, second}`. */
export function wall(date, timeZone) {
  const at = shown(date, timeZone);
  return {
    year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate(),
    hour: at.getUTCHours(), minute: at.getUTCMinutes(), second: at.getUTCSeconds(),
  };
}

/** The day that a moment is in, as `2025-05-12`. */
export function dayOf(date, timeZone) {
  return shown(date, timeZone).toISOString().slice(0, 10);
}

/** Another day, so many days later. */
export function daysLater(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** The moment of what stands on the wall of a zone, as `2025-05-12T10:30`; where the clocks are changed, also as it is before that. */
function moments(text, timeZone) {
  const wanted = Date.parse(`${text}Z`);
  const once = wanted - ahead(new Date(wanted), timeZone);
  return { begin: new Date(wanted - ahead(new Date(once), timeZone)), once: new Date(once) };
}

/** The moment of what is written in a field as `2025-05-12T10:30`. */
export function momentOf(text, timeZone) {
  return moments(text, timeZone).begin;
}

/** A moment as such a field writes it. */
export function fieldOf(date, timeZone) {
  return shown(date, timeZone).toISOString().slice(0, 16);
}

/** When a day begins in a zone. */
export function beginOf(day, timeZone) {
  const { begin, once } = moments(`${day}T00:00`, timeZone);
  // Where the clocks skip midnight, the day begins behind what is skipped.
  return dayOf(begin, timeZone) === day ? begin : once;
}

/** The hour of the day, from 0. */
export function hourOf(date, timeZone) {
  return wall(date, timeZone).hour;
}
