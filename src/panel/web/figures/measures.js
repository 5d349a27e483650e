// What a figure is, so that it can be written: a count, a share, a span of time, or a number of any other kind.

/** Names that the built-in analyses give to shares. */
const SHARE = /(^|_)(share|rate|fcr|containment|abandonment|service_level|csat|satisfaction)$/;

/** The kinds of an analysis' measures by their names: what the definition says of them, else what the name does. */
export function kindsOf({ measures, definition = "" }) {
  return Object.fromEntries(measures.map((name) => [name, kindOf(name, expressionOf(definition, name))]));
}

/** What the measures of an analysis are where there are no rows: 0 for what is counted or summed, null for all that is taken of rows. */
export function nothingOf({ measures, definition = "" }) {
  return Object.fromEntries(measures.map((name) => [name, valueOfNothing(expressionOf(definition, name))]));
}

const ADDED = ["count", "distinct", "sum"];

function valueOfNothing(expression) {
  const parts = [];
  // What is added to and taken from each other, each a call: a share or a rate of nothing is none.
  for (let rest = expression; rest; rest = rest.slice(parts.at(-1).length).replace(/^\s*[-+]\s*/, "")) {
    const call = callOf(rest);
    if (!call || !ADDED.includes(call.name)) return null;
    parts.push(call.text);
  }
  return parts.length ? 0 : null;
}

/** The call that an expression begins with: its name and all of its text. */
function callOf(expression) {
  const name = /^(\w+)\s*\(/.exec(expression)?.[1];
  if (!name) return null;
  let depth = 0, quote = null;
  for (let at = name.length; at < expression.length; at += 1) {
    const letter = expression[at];
    if (quote) {
      if (letter === "\\") at += 1;
      else if (letter === quote) quote = null;
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "(") depth += 1;
    else if (letter === ")" && (depth -= 1) === 0) return { name, text: expression.slice(0, at + 1) };
  }
  return null;
}

function expressionOf(definition, name) {
  const line = definition.split("\n").find((each) => each.replace(/\s/g, "").startsWith(`${name}=`)) ?? "";
  const value = line.slice(line.indexOf("=") + 1).trim();
  const [, single, double] = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")/.exec(value) ?? [];
  return (single ?? double?.replace(/\\(.)/g, "$1") ?? "").trim();
}

export function kindOf(name, expression = "") {
  if (/_ms$/.test(name)) return "span";
  if (/^100\s*\*/.test(expression)) return "number";
  if (/^share\s*\(/.test(expression) || SHARE.test(name)) return "share";
  const call = callOf(expression);
  if (call?.text === expression && ["count", "distinct"].includes(call.name)) return "count";
  return "number";
}

const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1000]];

/** The largest unit that is in a span, in milliseconds. */
export function unitOfSpan(millis) {
  return UNITS.find(([, length]) => millis >= length)?.[1] ?? 1;
}

/** A span of time in its two largest units: `4 min 32 s`. */
export function span(t, millis) {
  const size = Math.abs(millis);
  const write = (count, unit, digits = 0) => t.number(count, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits });
  const at = UNITS.findIndex(([, length]) => size >= length);
  if (at < 0) return write(millis / 1000, "second", 2);
  const [unit, length] = UNITS[at];
  if (unit === "second") return write(millis / length, unit, size < 10_000 ? 1 : 0);
  if (unit === "day") return write(millis / length, unit, 1);
  const whole = Math.trunc(millis / length);
  const rest = Math.trunc((size % length) / UNITS[at + 1][1]);
  return rest ? `${write(whole, unit)} ${write(rest, UNITS[at + 1][0])}` : write(whole, unit);
}

/** A figure in words. Where there is none, it says so with a dash. */
export function written(t, kind, value) {
  if (value === null || value === undefined) return "–";
  if (kind === "share") return t.percent(value, Math.abs(value) < 0.1 ? 1 : 0);
  if (kind === "span") return span(t, value);
  if (kind === "count") return t.number(value, { maximumFractionDigits: 0 });
  return t.number(value, { maximumFractionDigits: 2 });
}

/** The same where there is little room. */
export function short(t, kind, value) {
  const large = value !== null && value !== undefined && kind !== "share" && kind !== "span" && Math.abs(value) >= 10_000;
  return large ? t.number(value, { notation: "compact", maximumFractionDigits: 1 }) : written(t, kind, value);
}
