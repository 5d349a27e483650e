// Days and buckets in the time zone of the store, whichever zone the browser is in.

import { dayOf, format, wall } from "../clock.js";

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
