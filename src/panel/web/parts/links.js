// Which strands make this customer, and which may be theirs as well.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { masked, pretty } from "../identifiers.js";
import { plain, words } from "../said.js";
import { section } from "./section.js";

export function links(ctx) {
  const { t, customer, readOnly, expanded, expand } = ctx;
  const { linked, linkSuggestions } = customer;
  if (!linked.length && !linkSuggestions.length) return null;
  const open = expanded.has("links");
  return section("links", t("links.title"), {},
    linkSuggestions.length > 0 && h("ul", { class: "suggestions" }, ...linkSuggestions.map((each) => h("li", null, icon("link"),
      h("span", null, t("links.maybe"), " ", name(ctx, each), " ", h("span", { class: "soft" }, because(t, each.because))),
      !readOnly && h("button", { type: "button", class: "link", "data-key": `link-${each.subject}`, "aria-label": `${t("links.look")}: ${label(ctx, each)}`, onclick: () => ctx.open("link", { other: { id: each.subject } }) }, t("links.look"))))),
    linked.length > 0 && !open && h("button", { type: "button", class: "link", "data-key": "links-all", onclick: () => expand("links") }, t("links.linked", { n: linked.length })),
    open && h("ul", { class: "strands" }, ...linked.map((each) => h("li", null,
      name(ctx, each),
      h("span", { class: "soft" }, t.code("rule", each.rule), " · ", t("links.events", { n: each.events })),
      !readOnly && h("button", { type: "button", class: "link", "data-key": `unlink-${each.subject}`, "aria-label": `${t("links.unlink")}: ${label(ctx, each)}`, onclick: () => ctx.open("unlink", { strand: each }) }, t("links.unlink"))))));
}

function name({ t, revealed }, { identifiers }) {
  const [first] = identifiers;
  if (!first) return h("span", null, t("links.erased"));
  return h("span", { class: "strand" }, h("span", { class: "kind" }, t.word("identifier", first.kind)), " ", words(shown(first, revealed)));
}

/** The same as a plain text, for the name of a button. */
function label({ t, revealed }, { identifiers: [first] }) {
  return first ? `${t.word("identifier", first.kind)} ${plain(shown(first, revealed))}` : t("links.erased");
}

function shown(identifier, revealed) {
  if (identifier.masked) return identifier.value;
  return revealed ? pretty(identifier) : masked(identifier);
}

/** `shared:phone` and the like in words. */
export function because(t, text) {
  const [reason, kind] = text.split(":");
  return kind ? t(`because.${reason}`, { kind: t.word("identifier", kind) }) : t(`because.${reason}`);
}
