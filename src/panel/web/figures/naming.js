// What groups and their values are called. Codes are a company's own, and may be anything.

import { plain } from "../said.js";

/** Groups whose values have names in the playbook. */
const CODES = new Set(["stage", "touchpoint", "department", "milestone", "campaign", "reason"]);
/** Groups whose values are words of the vocabulary. */
const WORDS = new Set(["direction", "demand", "instrument", "of", "outcome", "channel_choice", "feedback", "actor"]);
/** Groups whose values are yes or no. */
const TRUE_OR_FALSE = new Set(["resolved", "late", "queued", "answered", "abandoned", "handled", "ended", "repeat", "self_service", "self_service_offered", "contained", "switched"]);

/** A value of a group, in words; where nothing was said there, it says so. */
export function valueName(t, group, value) {
  if (value === null || value === undefined) return t("value.none");
  if (group === "channel" || group === "last_channel") return plain(t.channel(value));
  if (group === "from" || group === "to") return t.code("touchpoint", value);
  if (TRUE_OR_FALSE.has(group) && ["true", "false"].includes(value)) return t(`value.${value}`);
  if (CODES.has(group)) return t.code(group, value);
  return WORDS.has(group) ? t.word(group, value) : plain(value);
}

/** What a group is called. */
export function groupName(t, group) {
  const name = group.replace(/^dimensions\./, "");
  const key = `group_by.${name}`;
  const known = t(key);
  return known === key ? plain(name).replaceAll("_", " ") : known;
}

/** What a measure is called. */
export function measureName(t, measure) {
  const key = `measure.${measure}`;
  const known = t(key);
  return known === key ? plain(measure).replaceAll("_", " ") : known;
}

/** A name as it begins a line. */
export function capital(t, name) {
  const [first = "", ...rest] = name;
  return first.toLocaleUpperCase(t.tag) + rest.join("");
}

/** A name cut to a number of letters, where there is room for no more. */
export function cut(name, most) {
  const letters = [...name];
  return letters.length > most ? `${letters.slice(0, most - 1).join("").trimEnd()}…` : name;
}
