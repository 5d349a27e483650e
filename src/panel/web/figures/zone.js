// Days and buckets in the time zone of the store, whichever zone the browser is in.

const formats = new Map();

function format(tag, options) {
  const key = tag + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(tag, options));
  return formats.get(key);
}

/** The clock on the wall of a zone: `{year, month, day, hour, minute, second}`. */
function wall(date, timeZone) {
  const options = { timeZone, year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" };
  const parts = format("en-u-ca-gregory-nu-latn", options).formatToParts(date);
  return Object.fromEntries(parts.filter(({ type }) => type !== "literal").map(({ type, value }) => [type, Number(value)]));
}

/** How many milliseconds the wall of a zone is ahead of UTC. */
function ahead(date, timeZone) {
  const { year, month, day, hour, minute, second } = wall(date, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(date / 1000) * 1000;
}

/** The day that a moment is in, as `2025-05-12`. */
export function dayOf(date, timeZone) {
  const { year, month, day } = wall(date, timeZone);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

/** Another day, so many days later. */
export function daysLater(day, count) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** When a day begins in a zone. */
export function beginOf(day, timeZone) {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  // The second time is for days at which the clocks are changed.
  const once = wanted - ahead(new Date(wanted), timeZone);
  const begin = new Date(wanted - ahead(new Date(once), timeZone));
  // Where the clocks skip midnight, the day begins behind what is skipped.
  return dayOf(begin, timeZone) === day ? begin : new Date(once);
}

/** The hour of the day, from 0. */
export function hourOf(date, timeZone) {
  return wall(date, timeZone).hour;
}

/** What a bucket is called, by when it begins. */
export function bucketName(t, iso, bucket, timeZone) {
  const date = new Date(iso);
  const thisYear = wall(date, timeZone).year === wall(new Date(), timeZone).year;
  const year = thisYear ? {} : { year: "numeric" };
  switch (bucket) {
    case "hour":
      return format(t.tag, { timeZone, day: "numeric", month: "short", ...year, hour: "2-digit", minute: "2-digit" }).format(date);
    case "week":
      return t("bucket.week_of", { day: format(t.tag, { timeZone, day: "numeric", month: "short", ...year }).format(date) });
    case "month":
      return format(t.tag, { timeZone, month: "short", year: "numeric" }).format(date);
    case "quarter":
      return t("bucket.quarter_of", { quarter: String(Math.floor((wall(date, timeZone).month - 1) / 3) + 1), year: String(wall(date, timeZone).year) });
    case "year":
      return String(wall(date, timeZone).year);
    default:
      return format(t.tag, { timeZone, day: "numeric", month: "short", ...year }).format(date);
  }
}

/** A bucket as a cell of a table: in words there, in a file as the server writes it, no finer than it is long. */
export function bucketCell(t, iso, bucket, timeZone) {
  const { year, month, hour, minute } = wall(new Date(iso), timeZone);
  const day = dayOf(new Date(iso), timeZone);
  const value = { hour: `${day} ${two(hour)}:${two(minute)}`, month: `${year}-${two(month)}`, quarter: `${year}-${two(month)}`, year: String(year) }[bucket] ?? day;
  return { kind: "when", value, name: bucketName(t, iso, bucket, timeZone) };
}

function two(number) {
  return String(number).padStart(2, "0");
}

/** The same below a chart, where there is less room. */
export function tickName(t, iso, bucket, timeZone) {
  return bucketName(t, iso, bucket === "week" ? "day" : bucket, timeZone);
}

/** A day in words. */
export function dayName(t, iso, timeZone) {
  return format(t.tag, { timeZone, day: "numeric", month: "short", year: "numeric" }).format(new Date(iso));
}

/** A moment in words, to the minute. */
export function momentName(t, iso, timeZone) {
  return format(t.tag, { timeZone, dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}
