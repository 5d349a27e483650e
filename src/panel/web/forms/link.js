// Linking and unlinking, with a look at what will change before it does.

import { h } from "../dom.js";
import { masked } from "../identifiers.js";
import { words } from "../said.js";
import { STAY, told } from "./dialog.js";
import { line } from "./fields.js";

/** Asks who the other one is; `look(by)` goes on with the one that is chosen. */
export function search({ t, api, look }) {
  const found = h("div", { class: "results", role: "status" });
  const chosen = (by) => look(by).catch((cause) => found.replaceChildren(h("div", { class: "problem" }, ...told(t, cause))));
  return {
    title: t("link.title"), intro: t("link.intro"), extra: [found], action: t("link.find"),
    fields: [line("search", t("link.search"), { hint: t("link.search_hint"), required: true, type: "search" })],
    submit: async (values) => {
      found.replaceChildren();
      const list = await candidates(api, values.search);
      found.replaceChildren(...(list.length ? list.map((each) => candidate(t, each, chosen)) : [h("p", { class: "soft" }, t("link.nobody"))]));
      return STAY;
    },
  };
}

/** Customers that what was typed may mean. */
export async function candidates(api, search) {
  const { customers } = await api.ask("search", { search, first: 6 });
  return customers.edges.map((edge) => edge.node);
}

/** A customer that was found, as a button. */
export function candidate(t, { id, displayName, identifiers, totals }, chosen) {
  const [first] = identifiers;
  const name = displayName ?? (first ? masked(first) : t("who.no_name"));
  return h("button", { type: "button", class: "candidate", onclick: () => chosen({ id }) },
    h("b", null, words(name)),
    h("span", { class: "soft" }, identifiers.slice(displayName ? 0 : 1, 3).map((each) => masked(each)).join(" · ")),
    h("span", { class: "soft" }, t("who.contacts", { n: totals.contacts })));
}

/** Both customers side by side, and the button that makes them one. */
export async function preview({ t, api, self, by, finish }) {
  const { a, b } = await api.ask("link_preview", { a: self.by, b: by });
  if (a && b && a.id === b.id) return { title: t("link.title"), intro: t("link.same"), fields: [] };
  if (!b) return { title: t("link.title"), intro: t("link.nobody"), fields: [] };
  const why = line("because", t("link.because"), { required: true, hint: t("link.because_hint") });
  return {
    title: t("link.preview"), before: [sides(t, self, a, b)], fields: [why], action: t("link.action"),
    submit: ({ because }) => finish({ a, b, because }),
  };
}

/** Both, and what they will be together. */
function sides(t, self, a, b) {
  const left = a ?? { displayName: null, identifiers: self.identifier ? [self.identifier] : [], facts: [], totals: { events: 0, contacts: 0, openCases: 0 } };
  const clash = left.facts.filter((fact) => b.facts.some((other) => other.key === fact.key && JSON.stringify(other.value) !== JSON.stringify(fact.value)));
  const sum = (name) => left.totals[name] + b.totals[name];
  const names = [left, b].map(({ displayName }) => displayName).filter(Boolean);
  return h("div", { class: "preview" },
    h("div", { class: "sides" }, side(t, left), side(t, b)),
    h("p", null, h("b", null, t("link.together")), " ", t.list([
      t("link.identifiers", { n: left.identifiers.length + b.identifiers.length }), t("links.events", { n: sum("events") }),
      t("who.contacts", { n: sum("contacts") }), sum("openCases") ? t("cases.title", { n: sum("openCases") }) : null,
    ].filter(Boolean)), "."),
    new Set(names).size > 1 && h("p", { class: "warning" }, t("link.names_differ")),
    ...clash.map((fact) => h("p", { class: "warning" }, t("link.clash", { key: t.code("fact", fact.key) }))),
    h("p", { class: "soft" }, t("link.undo")));
}

function side(t, { displayName, identifiers, totals }) {
  return h("div", { class: "side" }, h("b", null, displayName ? words(displayName) : t("who.no_name")),
    h("ul", null, ...identifiers.map((each) => h("li", null, h("span", { class: "kind" }, t.word("identifier", each.kind)), " ", words(each.masked ? each.value : masked(each))))),
    h("span", { class: "soft" }, t("links.events", { n: totals.events }), " · ", t("who.contacts", { n: totals.contacts })));
}

/** Says that a strand is not this customer's. */
export function unlink({ t, strand, customer, finish }) {
  const [first] = strand.identifiers;
  const name = first ? `${t.word("identifier", first.kind)} ${masked(first)}` : t("links.erased");
  const why = line("because", t("link.because"), { required: true, hint: t("link.because_hint") });
  return {
    title: t("unlink.title"), danger: true, action: t("unlink.action"), fields: [why],
    before: [h("div", { class: "preview" },
      h("p", null, t("unlink.leaves", { name }), " ", t("links.events", { n: strand.events }), "."),
      h("p", null, t("unlink.stays", { events: t.number(Math.max(0, customer.totals.events - strand.events)) })),
      h("p", { class: "soft" }, t("unlink.forever")))],
    submit: ({ because }) => finish({ subject: strand.subject, because }),
  };
}

