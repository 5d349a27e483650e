// Already told us: do not ask again.

import { h } from "../dom.js";
import { channelIcon, icon } from "../icons.js";
import { named, said } from "../said.js";
import { iconButton, moment, section } from "./section.js";

const FIRST = 6;
/** A fact longer than this is cut at first. */
const SHORT = 140;

export function facts(ctx) {
  const { t, customer, expanded, expand } = ctx;
  const all = customer.facts;
  if (!all.length) return null;
  const shown = expanded.has("facts") ? all : all.slice(0, FIRST);
  return section("facts", t("facts.title"), { aside: t("facts.hint") },
    h("ul", { class: "facts" }, ...shown.map((fact) => row(ctx, fact))),
    all.length > shown.length && h("button", { type: "button", class: "link", "data-key": "facts-all", onclick: () => expand("facts") }, t("facts.more", { n: all.length - shown.length })));
}

function row(ctx, fact) {
  const { t, now, readOnly } = ctx;
  const value = fact.value === null ? t("redaction.ERASED") : typeof fact.value === "object" ? JSON.stringify(fact.value) : String(fact.value);
  const key = t.code("fact", fact.key);
  return h("li", { class: "fact", "data-key": `fact-${fact.key}` },
    h("span", { class: "key" }, named(t, "fact", fact.key)),
    said(value, t, { class: "value" }, SHORT),
    h("span", { class: "source" }, channelIcon(fact.channel), h("span", null, t.channel(fact.channel), ", "), moment(t, fact.toldAt, now),
      fact.confirmed && h("span", { class: "confirmed", title: t("facts.confirmed_why") }, icon("check"), h("span", { class: "unseen" }, t("facts.confirmed")))),
    !readOnly && h("span", { class: "tools" },
      !fact.confirmed && iconButton("check", t("facts.confirm", { key }), `confirm-${fact.key}`, () => ctx.confirm(fact)),
      iconButton("edit", t("facts.correct", { key }), `correct-${fact.key}`, () => ctx.open("correct", { fact })),
      iconButton("cross", t("facts.withdraw", { key }), `withdraw-${fact.key}`, () => ctx.open("withdraw", { fact }))));
}
