// What an agent does that is one event: the form of each, and the event that it becomes.

import { Problem } from "../api.js";
import { newId } from "../record.js";
import { said } from "../said.js";
import { choice, line, lines, radios, tick } from "./fields.js";
import { isFree, isPinned, isSame, stands } from "./meanwhile.js";

const DAY_MS = 86_400_000;
/** Days in which a customer must have an answer: Decreto 11.034/2022, article 13. */
const SAC_DAYS = 7;
const FACT_KEYS = ["order", "delivery_address", "address", "best_time", "reason", "name", "occupation", "delivery_note"];
const CHANNELS = ["whatsapp", "voice", "email", "sms", "chat", "letter", "app", "store", "video"];
const DEMANDS = ["complaint", "request", "question", "information", "contestation", "cancellation", "suspension"];
const FEEDBACKS = ["complaint", "suggestion", "praise", "question", "report"];
const HOURS = ["8-12", "12-18", "18-21"];

/** A fact's value as it is edited: what is no text stands there as JSON. */
function written(value) {
  return typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
}

/** What was written, of the type that the value had before. */
function read(t, text, before) {
  if (typeof before === "string" || before === null || before === undefined) return text;
  try {
    const value = JSON.parse(text);
    // A number with more digits than JavaScript keeps stays as it was written.
    return typeof value === "number" && String(value) !== text ? text : value;
  } catch {
    if (typeof before !== "object") return text;
    throw new Problem(t("correct.broken"), { help: t("correct.broken_help"), code: "INVALID_INPUT" });
  }
}

/** Each gives a form for `dialog.open`; `send(kind, fields)` records. */
export const DEEDS = Object.freeze({
  note: ({ t, send }) => ({
    title: t("note.title"), action: t("form.save"),
    fields: [lines("text", t("note.text"), { required: true }), tick("pinned", t("note.pin"))],
    submit: ({ text, pinned }) => send("note.added", { text, pinned }),
  }),
  unpin: ({ t, send, note }) => ({
    title: t("unpin.title"), intro: t("unpin.intro"), action: t("unpin.action"),
    before: note.text === null ? [] : [said(note.text, t, { class: "quote" })],
    still: isPinned(note),
    submit: () => send("note.unpinned", { note: note.eventId }),
  }),
  fact: ({ t, send, customer }) => {
    const known = [...FACT_KEYS, ...(customer?.facts ?? []).map((fact) => fact.key), ...t.codes("fact")];
    // However it is written, it is the fact of that name: another one beside it would be asked for again.
    const keys = new Map(known.flatMap((key) => [[folded(key), key], [folded(t.code("fact", key)), key]]));
    return {
      title: t("fact.title"), intro: t("fact.intro"), action: t("form.save"),
      fields: [
        line("key", t("fact.key"), { required: true, list: FACT_KEYS.map((key) => t.code("fact", key)) }),
        line("value", t("fact.value"), { required: true }),
        tick("confirmed", t("fact.confirmed")),
      ],
      submit: ({ key, value, confirmed }) => send("fact.told", { key: keys.get(folded(key)) ?? key, value, confirmed }),
    };
  },
  correct: ({ t, send, fact }) => ({
    title: t("correct.title", { key: t.code("fact", fact.key) }), action: t("form.save"),
    fields: [line("value", t("fact.value"), { value: written(fact.value), required: true }), tick("confirmed", t("fact.confirmed"))],
    still: isSame(fact),
    submit: ({ value, confirmed }) => send("fact.told", { key: fact.key, value: read(t, value, fact.value), confirmed, valid_until: fact.validUntil ?? undefined }),
  }),
  withdraw: ({ t, send, fact }) => ({
    title: t("withdraw.title", { key: t.code("fact", fact.key) }), intro: t("withdraw.intro"), action: t("withdraw.action"), danger: true,
    still: isSame(fact, { withdrawn: false }),
    submit: () => send("fact.withdrawn", { key: fact.key }),
  }),
  feedback: ({ t, send, channel }) => ({
    title: t("feedback.title"), action: t("form.save"),
    fields: [
      radios("feedback", t("feedback.kind"), FEEDBACKS.map((each) => [each, t(`feedback.${each.toUpperCase()}`)])),
      line("topic", t("feedback.topic"), { hint: t("feedback.topic_hint") }),
      lines("text", t("feedback.text"), { rows: 3 }),
      // Feedback is counted by channel: where no contact is going on, the agent says in which it came.
      !channel && choice("channel", t("preference.channel"), CHANNELS.map((each) => [each, t.channel(each)]), { value: "voice" }),
    ],
    submit: ({ feedback, topic, text, channel: said }) => send("feedback.given", { feedback, ...given({ topic, text }), ...(said && { channel: said }) }),
  }),
  case: ({ t, send }) => {
    const id = `case-${newId()}`;
    return {
      title: t("case.title"), action: t("case.action"),
      fields: [
        line("title", t("case.matter"), { required: true }),
        choice("demand", t("case.demand"), DEMANDS.map((each) => [each, t.word("demand", each)])),
        line("protocol", t("case.protocol"), { value: newProtocol(t), required: true, hint: t("case.protocol_hint") }),
        due(t),
        lines("description", t("case.description"), { rows: 3 }),
      ],
      still: isFree,
      submit: ({ title, demand, protocol, due, description }) =>
        send("case.opened", { case: id, title, demand, protocol, due_at: t.momentOf(due).toISOString(), ...given({ description }) }),
    };
  },
  resolve: ({ t, send, case: { id, protocol } }) => ({
    title: t("resolve.title", { protocol: protocol ?? id }), action: t("cases.resolve"),
    fields: [line("resolution", t("resolve.how"), { hint: t("resolve.hint") }), lines("note", t("resolve.note"), { rows: 3 })],
    still: stands(id, "OPEN"),
    submit: ({ resolution, note }) => send("case.resolved", { case: id, ...given({ resolution, note }) }),
  }),
  reopen: ({ t, send, case: { id, protocol, status } }) => ({
    title: t("reopen.title", { protocol: protocol ?? id }), action: t("cases.reopen"),
    fields: [
      due(t),
      lines("note", t("reopen.note"), { rows: 3, required: true }),
    ],
    still: stands(id, status),
    submit: ({ due, note }) => send("case.reopened", { case: id, due_at: t.momentOf(due).toISOString(), note }),
  }),
  preference: ({ t, send }) => ({
    title: t("preference.title"), intro: t("preference.intro"), action: t("form.save"),
    fields: [
      choice("channel", t("preference.channel"), CHANNELS.map((each) => [each, t.channel(each)])),
      choice("hours", t("preference.hours"), [["", t("preference.any")], ...HOURS.map((each) => [each, t("preference.between", { from: each.split("-")[0], to: each.split("-")[1] })])]),
    ],
    submit: ({ channel, hours }) => send("preference.stated", { preferred_channel: channel, purpose: "service", ...given({ hours }) }),
  }),
});

/** A name as people compare them: without regard to case, accents and how it is spaced. */
function folded(name) {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[\s_]+/g, " ").trim();
}

/** Fields that were filled in. */
function given(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

/** Until when it is answered: from now on, seven days where nobody says otherwise. */
function due(t) {
  const field = line("due", t("case.due"), { type: "datetime-local", value: t.local(new Date(Date.now() + SAC_DAYS * DAY_MS)), required: true, hint: t("case.due_hint") });
  field.control.min = t.local(new Date());
  return field;
}

/** A number to read to the customer: the day and six digits. */
function newProtocol(t) {
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  return `${t.local(new Date()).slice(0, 10).replaceAll("-", "")}${String(random % 1_000_000).padStart(6, "0")}`;
}
