// The three languages: messages from one file each; dates, numbers and spans of time by the browser.

import { dayOf, fieldOf, format as formatOf, momentOf, wall } from "./clock.js";
import { plain } from "./said.js";

export const LANGUAGES = Object.freeze({ "pt-BR": "Português", en: "English", es: "Español" });

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** The language for a wish such as `pt`, `es-MX` or `de`; English for those that are not there. */
export function language(...wishes) {
  for (const wish of wishes) {
    const primary = String(wish ?? "").toLowerCase().split(/[-_]/)[0];
    const found = Object.keys(LANGUAGES).find((tag) => tag.toLowerCase().split("-")[0] === primary);
    if (found) return found;
  }
  return "en";
}

/**
 * Fetches the messages of a language; gives `t(key, values)` with its ways to write times and numbers. `names` gives what
 * codes are called, and the time zone of the store, in which all moments are told; `more` are folders of messages that a page has beside those that all have.
 */
export async function load(base, tag, names = () => ({}), more = []) {
  const fetched = ["", ...more.map((folder) => `${folder}/`)].map(async (folder) => {
    const answer = await fetch(`${base}/panel/messages/${folder}${tag}.json`);
    if (!answer.ok) throw new Error(`messages ${tag}: ${answer.status}`);
    return answer.json();
  });
  const [{ names: codes, timezone }, ...messages] = await Promise.all([names(tag), ...fetched]);
  return speaker(tag, Object.assign({}, ...messages), codes, timezone);
}

export function speaker(tag, messages, codes = [], zone = undefined) {
  const names = new Map(codes.map(({ group, code, name }) => [`${group} ${code}`, name]));
  const plural = new Intl.PluralRules(tag);
  const number = new Intl.NumberFormat(tag);
  const t = (key, values = {}) => {
    // None is many in each of the languages, whatever CLDR says of Portuguese.
    const counted = "n" in values ? `${key}.${values.n !== 0 && plural.select(values.n) === "one" ? "one" : "other"}` : key;
    const text = messages[counted] ?? messages[key];
    if (text === undefined) return key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
      const value = values[name];
      return typeof value === "number" ? number.format(value) : plain(value ?? whole);
    });
  };
  t.tag = tag;
  t.number = (value, options) => new Intl.NumberFormat(tag, options).format(value);
  t.percent = (share, digits = 0) => percent(t, share, digits);
  t.size = (characters) => (characters < 2000 ? t("text.characters", { n: characters }) : `${t.number(Math.round(characters / 1000))} KB`);
  t.list = (items) => new Intl.ListFormat(tag, { type: "conjunction" }).format(items);
  const spaced = (code) => plain(code).replaceAll("_", " ");
  /** A word of the vocabulary: a channel, what a customer wants, how a contact ended. */
  t.word = (group, code) => messages[`${group}.${code}`] ?? spaced(code);
  /** What a company calls a code of its own; one without a name is shown as it is, without its underscores. */
  t.code = (group, code) => names.get(`${group} ${code}`) ?? spaced(code);
  /** The codes of a group that have names. */
  t.codes = (group) => codes.filter((each) => each.group === group).map(({ code }) => code);
  t.channel = (channel) => {
    const inner = /^(social|other)\((.*)\)$/.exec(channel);
    if (!inner) return t.word("channel", channel);
    if (inner[2] === "none") return t("channel.none");
    return inner[2].charAt(0).toUpperCase() + inner[2].slice(1).replaceAll("_", " ");
  };
  return Object.assign(t, times(tag, t, zone));
}

/**
 * A share with so many digits, or with as many as are needed: what is not quite all is not written as all, nor what is more than
 * nothing as nothing.
 */
function percent(t, share, digits) {
  const write = (value, most) => t.number(value, { style: "percent", maximumFractionDigits: most });
  if (share <= 0 || share >= 1) return write(share, digits);
  const ends = [write(0, 0), write(1, 0)];
  const found = [digits, 1].map((most) => write(share, most)).find((text) => !ends.includes(text));
  return found ?? (share < 0.5 ? t("share.below", { share: write(0.001, 1) }) : t("share.above", { share: write(0.999, 1) }));
}

function times(tag, t, zone) {
  const format = (options) => formatOf(tag, { timeZone: zone, ...options });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto", style: "long" });
  const counting = new Intl.RelativeTimeFormat(tag, { numeric: "always", style: "long" });
  const midnight = (date) => Date.parse(dayOf(date, zone));
  const sameYear = (date, now = new Date()) => wall(date, zone).year === wall(now, zone).year;
  const units = (span) => {
    const size = Math.abs(span);
    if (size < HOUR) return ["minute", MINUTE];
    if (size < DAY) return ["hour", HOUR];
    if (size < 60 * DAY) return ["day", DAY];
    if (size < 730 * DAY) return ["month", 30.44 * DAY];
    return ["year", 365.25 * DAY];
  };
  return {
    zone: zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    /** The day that a moment is in, as a text that sorts. */
    dayOf: (date) => dayOf(date, zone),
    /** A moment as `datetime-local` writes it, and the other way round. */
    local: (date) => fieldOf(date, zone),
    momentOf: (text) => momentOf(text, zone),
    time: (date) => format({ hour: "2-digit", minute: "2-digit" }).format(date),
    moment: (date) => format({ dateStyle: "medium", timeStyle: "short" }).format(date),
    date: (date) => format({ day: "numeric", month: "short", ...(sameYear(date) ? {} : { year: "numeric" }) }).format(date),
    hour: (hour) => format({ hour: "numeric", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1, hour))).replace(/^0(?=\d)/, ""),
    month: (date) => format({ month: "long", year: "numeric" }).format(date),
    day: (date, now = new Date()) => {
      const days = Math.round((midnight(date) - midnight(now)) / DAY);
      if (days === 0 || days === -1) return relative.format(days, "day");
      const options = { weekday: "long", day: "numeric", month: "long" };
      return format(sameYear(date, now) ? options : { ...options, year: "numeric" }).format(date);
    },
    ago: (date, now = Date.now()) => {
      const span = date - now;
      if (Math.abs(span) < 45 * SECOND) return t("time.now");
      const [unit, size] = units(span);
      // Yesterday is the day before, not 24 hours ago.
      const count = unit === "day" ? Math.round((midnight(date) - midnight(new Date(now))) / DAY) : Math.trunc(span / size);
      return relative.format(count || Math.sign(span), unit);
    },
    /** The same in full units: what is 47 hours old is one day old. */
    aged: (date, now = Date.now()) => {
      const span = date - now;
      if (Math.abs(span) < 45 * SECOND) return t("time.now");
      const [unit, size] = units(span);
      return counting.format(Math.trunc(span / size) || Math.sign(span), unit);
    },
    /** How long a span is: `5 days`, `3 hours`. */
    span: (millis, whole = Math.floor) => {
      const [unit, size] = units(millis);
      const count = Math.max(1, whole(Math.abs(millis) / size));
      return t.number(count, { style: "unit", unit, unitDisplay: "long" });
    },
  };
}
