// Who it is, how sure we are, and whether the panel is live.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { masked, pretty } from "../identifiers.js";
import { isEmpty } from "../lookup.js";
import { brief, words } from "../said.js";

/** What is said of an identifier that cannot be read, by why not. */
const UNREADABLE = { withheld: "who.unreadable_help", placeholder: "who.placeholder", cpf: "who.wrong_cpf", cnpj: "who.wrong_cnpj", email: "who.wrong_email", kind: "who.wrong_kind" };

/** So many characters of what was asked for are shown. */
const LONGEST = 80;

export function who(ctx) {
  const { t, customer, lookup } = ctx;
  const known = Boolean(customer?.displayName);
  const name = known
    ? h("h1", { tabindex: -1 }, words(customer.displayName))
    : h("h1", { class: "unknown", tabindex: -1 }, customer ? t("who.no_name") : t("who.unknown"));
  return [
    h("div", { class: "who-line" }, name, live(ctx)),
    h("p", { class: "who-sub" }, ...subtitle(ctx)),
    identifiers(ctx, customer?.identifiers ?? [lookup.identifier].filter(Boolean)),
    !customer && missing(ctx).map(([key, value]) => h("p", { class: "missing" }, t(key), " ", h("b", null, value))),
    !customer && h("p", { class: "hint" }, hint(ctx)),
  ];
}

/** What was asked for and nobody has: a message each, and a node with what was asked for. An identifier stands below the name as it is. */
export function missing({ lookup, unreadable }) {
  const { identifier, contact, protocol, customer } = lookup;
  return [
    protocol && ["who.no_protocol", protocol],
    // To a caller whose contact has just begun nothing is missing.
    contact && !identifier && !unreadable && ["who.no_contact", contact],
    customer && ["who.no_customer", customer],
  ].filter(Boolean).map(([key, value]) => [key, brief(value, LONGEST)]);
}

/** What can be done where nobody is known. */
function hint({ t, lookup, unreadable }) {
  if (unreadable) return t(UNREADABLE[unreadable]);
  if (lookup.contact && !lookup.identifier) return t("who.kept_help");
  return lookup.identifier || lookup.contact ? t("who.unknown_help") : t("who.nobody_help");
}

/** Says honestly whether what is shown follows the store. */
export function live({ t, customer, lookup, live: followed, readOnly, refresh }) {
  if (readOnly || isEmpty(lookup)) return null;
  const state = customer ? followed : "looking";
  const label = t(`live.${state}`);
  return h("span", { class: `live live-${state}`, title: t(`live.${state}_why`) },
    h("span", { class: "dot", "aria-hidden": "true" }), label,
    state !== "live" && h("button", { type: "button", class: "icon-button small", "data-key": "refresh", "aria-label": t("live.refresh"), title: t("live.refresh"), onclick: refresh }, icon("refresh")));
}

function subtitle({ t, customer, lookup, attributes }) {
  if (!customer) return [];
  const parts = [];
  const since = attributes("customer_since")?.value ?? customer.totals.firstSeenAt?.slice(0, 4);
  if (since) parts.push(t("who.since", { year: String(since).slice(0, 4) }));
  const { contacts } = customer.totals;
  parts.push(t("who.contacts", { n: contacts }));
  const city = attributes("city")?.value;
  if (city) parts.push(words(city));
  const segment = attributes("segment")?.value;
  if (segment) parts.push(h("span", { class: "badge" }, words(segment)));
  const nodes = parts.flatMap((part, at) => (at === 0 ? [part] : [" · ", part]));
  const sure = sureness({ t, customer, lookup });
  return sure ? [...nodes, " · ", sure] : nodes;
}

/** Whether the identifier of this very contact is known to be theirs. */
function sureness({ t, customer, lookup }) {
  const asked = lookup.identifier;
  if (!asked) return null;
  const digits = (text) => text.replace(/\W/g, "").toLowerCase();
  const same = customer.identifiers.find(({ kind, value }) => kind === asked.kind && digits(value).endsWith(digits(asked.value)));
  if (!same) return null;
  const kind = t.word("identifier", same.kind);
  return same.verified
    ? h("span", { class: "sure", title: t("who.verified_why") }, icon("check"), t("who.verified", { kind }))
    : h("span", { class: "unsure", title: t("who.unverified_why") }, t("who.unverified", { kind }));
}

function identifiers(ctx, list) {
  const { t, revealed, reveal } = ctx;
  if (!list.length) return null;
  const shown = grouped(list).map(({ kinds, first, verified }) => {
    const text = first.masked ? first.value : revealed ? pretty(first) : masked(first);
    return h("li", null,
      h("span", { class: "kind" }, kinds.map((kind) => t.word("identifier", kind)).join(", ")),
      words(text, { class: "value" }),
      verified && h("span", { class: "verified", title: t("who.verified_why") }, icon("check"), h("span", { class: "unseen" }, t("who.verified_short"))));
  });
  const label = revealed ? t("who.hide") : t("who.reveal");
  return h("div", { class: "identifiers" },
    h("ul", { "aria-label": t("who.identifiers") }, ...shown),
    h("button", { type: "button", class: "link", "data-key": "reveal", onclick: reveal }, label));
}


/** A telephone that is an account of WhatsApp as well is shown once. */
function grouped(list) {
  const groups = new Map();
  for (const identifier of list) {
    const group = groups.get(identifier.value) ?? { kinds: [], first: identifier, verified: true };
    group.kinds.push(identifier.kind);
    group.verified &&= identifier.verified;
    groups.set(identifier.value, group);
  }
  return [...groups.values()];
}
