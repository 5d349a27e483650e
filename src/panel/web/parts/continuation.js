// Continue here: where the last conversation stopped, so that nobody has to tell it again.

import { h } from "../dom.js";
import { channelIcon, icon } from "../icons.js";
import { named, said, words } from "../said.js";
import { moment, section } from "./section.js";

/** A conversation that stopped longer ago than this is told as past. */
const RECENT_MS = 30 * 24 * 3_600_000;
const MESSAGES = 4;

export function continuation(ctx) {
  const { t, customer, now, readOnly } = ctx;
  const stopped = customer.continuation;
  if (!stopped) return null;
  // Nobody goes on in the past.
  const recent = !readOnly && now - new Date(stopped.stoppedAt) < RECENT_MS;
  const title = recent ? t("continue.title") : t("continue.title_past");
  return section("continue", title, { aside: moment(t, stopped.stoppedAt, now), className: recent ? "" : "past" },
    h("p", { class: "lead" }, ...headline(ctx, stopped)),
    route(ctx, stopped),
    promises(ctx, stopped),
    messages(ctx, stopped.lastMessages));
}

function headline({ t, now }, stopped) {
  const reason = stopped.openCase?.title ? words(stopped.openCase.title) : stopped.reason ? named(t, "reason", stopped.reason) : t("continue.no_reason");
  const facts = [];
  if (stopped.outcome) facts.push(t.word("outcome", stopped.outcome));
  if (stopped.department) facts.push(named(t, "department", stopped.department));
  if (stopped.agent) facts.push(h("span", null, t("continue.with"), " ", words(stopped.agent)));
  const rest = facts.flatMap((fact) => [" · ", fact]);
  return [h("strong", null, reason), h("span", { class: "soft" }, ...rest)];
}

/** The channels that it went through, to this contact. */
function route({ t, lookup, readOnly }, stopped) {
  const stops = stopped.channelsSoFar.map((channel) =>
    h("li", { class: channel === stopped.channel ? "chip last" : "chip" }, channelIcon(channel), t.channel(channel)));
  if (lookup.channel && !readOnly) stops.push(h("li", { class: "chip here" }, channelIcon(lookup.channel), t("continue.now", { channel: t.channel(lookup.channel) })));
  const count = stopped.contactsSoFar;
  return h("div", { class: "route" },
    h("ol", { "aria-label": t("continue.route") }, ...stops),
    h("span", { class: "soft" }, t("continue.contacts", { n: count })));
}

function promises({ t, promised, now }, stopped) {
  const made = promised?.conversation === stopped.conversation ? promised.list : [];
  return made.map(({ text, occurredAt, by }) =>
    h("p", { class: "promise" }, icon("clock"), h("span", null,
      h("b", null, t("continue.promised")), " ", words(text), " ",
      h("span", { class: "soft" }, by && h("span", null, words(by), ", "), moment(t, occurredAt, now)))));
}

function messages({ t, now }, list) {
  const shown = list.slice(-MESSAGES);
  if (!shown.length) return null;
  let day = t.day(now, now);
  const lines = shown.flatMap((message) => {
    const own = message.direction === "INBOUND";
    const by = own ? t("by.customer") : message.actor.id ?? t(`by.${message.actor.kind}`);
    const text = message.text ?? (message.redaction ? t(`redaction.${message.redaction}`) : t("text.none"));
    const when = new Date(message.occurredAt);
    // The day stands where it is another one than that before, or than today.
    const other = t.day(when, now) === day ? null : (day = t.day(when, now));
    const line = h("li", { class: own ? "line own" : "line" },
      h("span", { class: "by" }, message.actor.kind === "bot" && icon("chatbot"), words(by)),
      said(text, t, { class: message.text ? "words" : "words soft" }),
      h("time", { datetime: message.occurredAt, title: t.moment(when) }, t.time(when)));
    return other ? [h("li", { class: "of-day" }, other), line] : [line];
  });
  return h("ol", { class: "lines", "aria-label": t("continue.messages") }, ...lines);
}
