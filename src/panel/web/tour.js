// The page `/tour`: the customers of the demonstration, what each of them shows, and their panel beside it.

import { Api } from "./api.js";
import { BASE } from "./base.js";
import { fill, h } from "./dom.js";
import { channelIcon, icon } from "./icons.js";
import { LANGUAGES, language, load } from "./i18n.js";
import { parse } from "./identifiers.js";
import { words } from "./said.js";

/** From this width on the panel stands beside the list. */
const BESIDE = matchMedia("(min-width: 900px)");

const api = new Api(BASE);
const list = document.querySelector("#list");
const frame = document.querySelector("#panel");
const wish = new URLSearchParams(location.search).get("language");

const t = await load(BASE, language(wish, ...navigator.languages));
document.documentElement.lang = t.tag;
document.title = t("tour.title");
frame.title = t("tour.panel");

try {
  const customers = await (await fetch(`${BASE}/panel/tour-customers.json`)).json();
  const found = await Promise.all(customers.map(async (each) => ({ ...each, customer: await glance(each) })));
  show(found);
} catch (problem) {
  fill(list, head(), h("p", { role: "alert", class: "note" }, t("problem.offline"), " ", words(problem.message)));
}
list.removeAttribute("aria-busy");

async function glance({ identifier }) {
  return (await api.ask("glance", { by: { identifier: parse(identifier) } })).customer;
}

function show(found) {
  const there = found.filter(({ customer, unknown }) => Boolean(customer) || unknown);
  const demo = there.some(({ unknown }) => !unknown);
  if (!demo) {
    return fill(list, head(), h("p", { class: "note" }, t("tour.no_demo")), h("p", { class: "note" }, h("code", null, "novelo demo")),
      h("p", { class: "note" }, h("a", { href: panelOf({}) }, t("tour.open_panel"))), pages());
  }
  fill(list, head(), h("p", { class: "note" }, t("tour.intro")), pages(), h("ol", { class: "people" }, ...there.map(row)));
  if (BESIDE.matches) list.querySelector("a.person")?.click();
}

function head() {
  const switcher = Object.entries(LANGUAGES).map(([tag, name]) =>
    h("a", { href: `/tour?language=${encodeURIComponent(tag)}`, lang: tag, "aria-current": tag === t.tag ? "true" : null }, name));
  return h("header", null, h("h1", null, t("tour.title")), h("nav", { class: "languages", "aria-label": t("language.choose") }, ...switcher));
}

/** What supervisors and analysts see of all customers together. */
function pages() {
  const link = (path, key) => h("li", null, h("a", { href: `${path}?language=${encodeURIComponent(t.tag)}` }, t(key)));
  return h("ul", { class: "pages" }, link("/journey", "tour.journey"), link("/analyses", "tour.analyses"));
}

function row(each) {
  const { key, customer, channel } = each;
  const name = customer?.displayName ? words(customer.displayName) : t(customer ? "who.no_name" : "who.unknown");
  const link = h("a", { class: "person", href: panelOf(each) },
    h("span", { class: "ic" }, customer ? channelIcon(channel) : icon("person")),
    h("span", null, h("b", null, name), h("span", { class: "line" }, t(`tour.${key}`)),
      customer && h("small", null, t("who.contacts", { n: customer.totals.contacts }), customer.totals.openCases > 0 && ` · ${t("cases.title", { n: customer.totals.openCases })}`)));
  link.addEventListener("click", (event) => {
    for (const other of list.querySelectorAll("a.person")) other.toggleAttribute("aria-current", other === link);
    if (!BESIDE.matches || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    frame.hidden = false;
    frame.src = link.href;
  });
  return h("li", null, link);
}

function panelOf({ identifier, channel }) {
  const parameters = { ...(identifier && { identifier }), ...(channel && { channel }), language: t.tag, agent: "tour" };
  return `/panel?${Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}
