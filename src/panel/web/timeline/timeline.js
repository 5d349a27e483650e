// The timeline: pages by cursor from the newest entry back, filters with counts, and what comes in while it is looked at.

import { h } from "../dom.js";
import { FilterBar, GROUPS, NOTHING, input, isOpen } from "./filters.js";
import { List } from "./list.js";

const PAGE = 100;
/** The next page is fetched so far before its place comes into sight. */
const AHEAD = "900px";

export class Timeline {
  #paging = null;
  #asked = 0;
  #counting = false;

  /** `scope` is `{id, asOf}`: whose timeline it is, and when; `onFilter(filters)` hears of changes. */
  constructor({ t, api, scope, onFilter, onProblem }) {
    Object.assign(this, { t, api, scope, onFilter, onProblem, filters: NOTHING, counts: new Map() });
    this.list = new List(t);
    this.bar = new FilterBar(t, (part) => this.filter(part));
    this.status = h("span", { class: "aside" });
    this.more = h("button", { type: "button", class: "more", hidden: true, onclick: () => this.#older() });
    this.empty = h("p", { class: "soft empty", hidden: true }, t("timeline.empty"));
    this.element = h("section", { class: "part timeline", "aria-label": t("timeline.title") },
      h("div", { class: "heading" }, h("h2", null, t("timeline.title")), this.status),
      this.bar.element, this.list.element, this.empty, this.more);
    this.observer = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.#older(), { rootMargin: AHEAD });
  }

  /** Shows the first page of somebody's timeline. */
  show(customer) {
    this.counts = new Map();
    this.channels = channelsOf(customer);
    this.list.know(customer.cases);
    this.total = null;
    this.#fresh(customer.timeline);
  }

  /** Shows what is new in the newest page of the same timeline, and everything between it and what is shown. */
  async merge(customer) {
    this.channels = [...new Set([...channelsOf(customer), ...this.channels])];
    this.list.know(customer.cases);
    let page = customer.timeline;
    const asked = this.#asked;
    const unknown = [];
    for (;;) {
      const nodes = page.nodes.filter((event) => !this.list.has(event.id));
      unknown.push(...nodes);
      // As soon as a page holds something that is shown already, all that is newer has been read.
      if (nodes.length < page.nodes.length || !page.pageInfo.hasPreviousPage || this.list.size === 0) break;
      page = await this.#page(page.pageInfo.startCursor);
      if (asked !== this.#asked) return;
    }
    for (const event of unknown) this.list.insert(event);
    this.#total(customer.timeline);
  }

  /** Shows an entry that was just stored, whenever it happened; whether it is shown. */
  take(event) {
    if (!isOpen(this.filters) || !event.summary) return false;
    const oldest = this.list.events.at(-1);
    const beyond = this.page?.hasPreviousPage && oldest && event.occurredAt < oldest.occurredAt;
    if (!beyond) this.list.insert(event);
    return !beyond;
  }

  /** Whether it shows everything. */
  plain() {
    return isOpen(this.filters);
  }

  /** Changes a part of the filter. */
  async filter(part) {
    this.filters = { ...this.filters, ...part };
    this.onFilter(this.filters);
    this.#bar();
    const asked = (this.#asked += 1);
    this.list.element.classList.add("waiting");
    try {
      const page = await this.#page(null);
      if (asked === this.#asked) this.#fresh(page);
    } catch (problem) {
      if (asked === this.#asked) this.list.element.classList.remove("waiting");
      this.onProblem(problem);
    }
  }

  #fresh(connection) {
    this.#asked += 1;
    this.list.element.classList.remove("waiting");
    this.list.clear();
    this.page = connection.pageInfo;
    this.list.append(connection.nodes.toReversed());
    this.#total(connection);
    this.#watch();
  }

  async #older() {
    if (this.#paging || !this.page?.hasPreviousPage) return;
    const asked = this.#asked;
    this.#paging = this.#page(this.page.startCursor);
    try {
      const page = await this.#paging;
      if (asked !== this.#asked) return;
      this.page = { ...page.pageInfo, startCursor: page.pageInfo.startCursor ?? this.page.startCursor };
      const read = this.more.matches(":focus");
      this.list.append(page.nodes.toReversed());
      this.#total(page);
      // Where the button goes away with the last page, reading goes on at the first entry that came.
      if (read && this.more.hidden) this.list.focus(page.nodes.at(-1)?.id);
    } catch (problem) {
      this.onProblem(problem);
    } finally {
      this.#paging = null;
      this.#watch();
    }
  }

  async #page(before) {
    const variables = { ...this.scope, last: PAGE, before, filter: input(this.filters), language: this.t.tag };
    const { timeline } = (await this.api.ask("timeline", variables)).customer;
    return { ...timeline, nodes: timeline.edges.map((edge) => edge.node) };
  }

  /** Looks at the end of the list anew: it may be in sight still. */
  #watch() {
    this.observer.disconnect();
    if (this.page.hasPreviousPage) this.observer.observe(this.more);
  }

  #total({ totalCount, filteredCount }) {
    const { t } = this;
    // However the entries came, the numbers beside the filters are of all of them.
    if (totalCount !== this.total) {
      this.total = totalCount;
      this.#countLater();
    }
    const shown = t.number(this.list.size);
    const all = t.number(filteredCount);
    this.status.textContent = isOpen(this.filters) ? t("timeline.n_of", { shown, all }) : t("timeline.n_of_filtered", { shown, all, total: t.number(totalCount) });
    this.more.hidden = !this.page.hasPreviousPage;
    this.more.textContent = t("timeline.older", { n: Math.max(0, filteredCount - this.list.size) });
    this.empty.hidden = this.list.size > 0;
    this.#bar();
  }

  #bar() {
    this.bar.show(this.filters, this.channels.filter((channel) => this.counts.get(`channel:${channel}`) !== 0), this.counts);
  }

  /** Counts what each filter lets through, when the browser has time for it. What came meanwhile is counted after that. */
  #countLater() {
    if (this.#counting) return;
    this.#counting = true;
    const run = async () => {
      const counted = this.total;
      try {
        await this.#count();
      } catch (problem) {
        this.onProblem(problem);
      } finally {
        this.#counting = false;
      }
      if (this.total !== counted) this.#countLater();
    };
    if (globalThis.requestIdleCallback) requestIdleCallback(run, { timeout: 1500 });
    else setTimeout(run, 50);
  }

  async #count() {
    const { customer } = await this.api.ask("timeline_count", this.scope);
    if (!customer) return;
    const { groups } = customer.timeline;
    const sum = (wanted) => groups.filter(wanted).reduce((total, { entries }) => total + entries, 0);
    const channels = groups.map(({ channel }) => channel);
    this.channels = [...new Set([...this.channels, ...channels])];
    this.counts = new Map([
      ...this.channels.map((name) => [`channel:${name}`, sum(({ channel }) => channel === name)]),
      ...Object.entries(GROUPS).map(([name, kinds]) => [`group:${name}`, sum(({ kind }) => kinds.includes(kind))]),
    ]);
    this.#bar();
  }
}

/** The channels in which anything happened, as far as it is known at first: the most used first. */
function channelsOf(customer) {
  const used = [...customer.totals.byChannel].sort((a, b) => b.contacts - a.contacts).map((each) => each.channel);
  const seen = customer.timeline.nodes.map((event) => event.channel);
  return [...new Set([...used, ...seen])];
}
