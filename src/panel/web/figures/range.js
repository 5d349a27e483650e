// Which days are looked at.

import { beginOf, dayOf, daysLater } from "../clock.js";
import { dayName } from "./zone.js";

/** Days that each of the usual ranges goes back, today among them. */
const DAYS = { today: 1, "7d": 7, "30d": 30, "90d": 90 };

export const RANGES = Object.freeze([...Object.keys(DAYS), "all", "custom"]);

const DAY = /^\d{4}-\d\d-\d\d$/;

/** Reads a range from the parameters of an address; null when none is said there. */
export function readRange(parameters) {
  const range = parameters.get("range");
  if (!RANGES.includes(range)) return null;
  const day = (name) => (DAY.test(parameters.get(name) ?? "") ? parameters.get(name) : null);
  return { range, from: day("from"), to: day("to") };
}

/** Whether it ends before it begins: nothing can be asked of such a one. */
export function isBackwards({ range, from, to }) {
  return range === "custom" && from !== null && to !== null && to < from;
}

/** From when to when it goes, `to` exclusive, as the server takes it; null when it is all that ever happened. */
export function bounds({ range, from, to }, timeZone, now = new Date()) {
  const begin = (day) => day && beginOf(day, timeZone).toISOString();
  if (range === "all") return null;
  if (range === "custom") return from || to ? { from: begin(from), to: begin(to && daysLater(to, 1)) } : null;
  return { from: begin(daysLater(dayOf(now, timeZone), 1 - DAYS[range])), to: null };
}

/** A range in words. */
export function rangeName(t, { range, from, to }, timeZone) {
  if (range !== "custom") return t(`range.in_${range}`);
  const day = (value) => dayName(t, beginOf(value, timeZone), timeZone);
  if (from && to) return t("range.from_to", { from: day(from), to: day(to) });
  if (from) return t("range.since", { from: day(from) });
  return to ? t("range.until", { to: day(to) }) : t("range.in_all");
}
