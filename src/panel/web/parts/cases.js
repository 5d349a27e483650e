// Open cases with their protocol and the time that is left; overdue ones in plain sight.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { named, plain, words } from "../said.js";
import { age, moment, section } from "./section.js";

const DAY_MS = 86_400_000;
const CLOSED_FIRST = 2;

export function cases(ctx) {
  const { t, customer, expanded, expand } = ctx;
  const open = customer.cases.filter((each) => each.status === "OPEN").sort((a, b) => deadline(a).at - deadline(b).at);
  const closed = customer.cases.filter((each) => each.status !== "OPEN");
  if (!open.length && !closed.length) return null;
  const shown = expanded.has("cases") ? closed : [];
  return section("cases", open.length ? t("cases.title", { n: open.length }) : t("cases.none"), {},
    open.length > 0 && h("ul", { class: "cases" }, ...open.map((each) => row(ctx, each))),
    shown.length > 0 && h("ul", { class: "cases closed" }, ...shown.map((each) => row(ctx, each))),
    closed.length > shown.length && h("button", { type: "button", class: "link", "data-key": "cases-all", onclick: () => expand("cases") }, t("cases.closed", { n: closed.length })));
}

/** Until when it must be answered, and whether its source says so. */
function deadline(each) {
  return { at: new Date(each.deadline), given: each.dueAt !== null };
}

function row(ctx, each) {
  const { t, now, readOnly } = ctx;
  const open = each.status === "OPEN";
  const details = [t.word("demand", each.demand)];
  if (each.department) details.push(named(t, "department", each.department));
  // Guidance tells it in full days.
  details.push(h("span", { class: "opened" }, t("cases.opened"), " ", age(t, each.openedAt, now)));
  if (each.reopenedCount) details.push(h("span", { class: "again" }, t("cases.reopened", { n: each.reopenedCount })));
  const name = each.protocol ?? each.id;
  const act = open ? "resolve" : "reopen";
  return h("li", { class: "case", "data-key": `case-${each.id}` },
    h("span", { class: "title" }, words(each.title?.trim() || t.word("demand", each.demand))),
    open ? due(ctx, each) : h("span", { class: "due done" }, icon("check"), each.resolvedAt && moment(t, each.resolvedAt, now)),
    h("span", { class: "soft details" }, h("span", { class: "protocol" }, words(name)), ...details.flatMap((detail) => [" · ", detail])),
    !readOnly && h("button", { type: "button", class: "link", "data-key": `${act}-${each.id}`, "aria-label": `${t(`cases.${act}`)} ${plain(name)}`, onclick: () => ctx.open(act, { case: each }) }, t(`cases.${act}`)));
}

function due({ t, now }, each) {
  const { at, given } = deadline(each);
  const left = at - now;
  const label = left < 0 ? t("cases.overdue", { span: t.span(left) }) : t("cases.left", { span: t.span(left, atMost) });
  const level = left < 0 ? "late" : left < 2 * DAY_MS ? "soon" : "fine";
  const why = `${t(given ? "cases.due_given" : "cases.due_sac")} ${t.moment(at)}`;
  return h("span", { class: `due ${level}`, title: why }, icon(left < 0 ? "alert" : "clock"), label);
}

/** So many that are left; what lacks a twentieth of one counts as whole: a case of seven days has seven in its first hour. */
function atMost(count) {
  return Math.floor(count + 0.05);
}
