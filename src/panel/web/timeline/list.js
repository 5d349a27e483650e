// The timeline's entries as nodes: newest first, by day, and in a day by conversation. Nodes out of sight cost nothing: their
// blocks are skipped by the browser (`content-visibility`).

import { h, holdFocus } from "../dom.js";
import { channelIcon } from "../icons.js";
import { named } from "../said.js";
import { entry, tell, thread } from "./entry.js";

/** A block has no more entries than this, so that it can be skipped. */
const BLOCK = 24;

export class List {
  /** `cases` are the customer's, by id. */
  constructor(t) {
    this.t = t;
    this.cases = new Map();
    this.element = h("div", { class: "days" });
    this.clear();
  }

  clear() {
    this.events = [];
    this.nodes = new Map();
    this.tail = null;
    this.element.replaceChildren();
  }

  /** Learns which cases there are. */
  know(cases) {
    this.cases = new Map(cases.map((each) => [each.id, each]));
    this.element.querySelectorAll(".about:empty").forEach((node) => tell(node, this.cases));
  }

  has(id) {
    return this.nodes.has(id);
  }

  /** Gives an entry the focus, though the tabulator does not lead to it. */
  focus(id) {
    const node = this.nodes.get(id);
    if (!node) return;
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
  }

  get size() {
    return this.events.length;
  }

  /** Adds older entries, newest first, behind all others. */
  append(events) {
    for (const event of events) {
      if (this.has(event.id)) continue;
      this.events.push(event);
      this.#atTail(event);
    }
  }

  /** Adds an entry wherever it belongs. */
  insert(event) {
    if (this.has(event.id)) return;
    const at = this.#place(event);
    if (at === this.events.length) return this.append([event]);
    this.events.splice(at, 0, event);
    this.#layout(this.#dayOf(event), event.id);
  }

  /** Where an entry belongs among the others, by binary search. */
  #place(event) {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isNewer(this.events[middle], event)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #node(event) {
    if (!this.nodes.has(event.id)) this.nodes.set(event.id, entry(this.t, event, this.cases));
    return this.nodes.get(event.id);
  }

  #atTail(event) {
    const day = this.#dayOf(event);
    if (this.tail?.day !== day) this.tail = { day, ...this.#newDay(day, event), block: null };
    this.tail.block = this.#intoBlock(this.tail, event);
  }

  /** The day of an entry. */
  #dayOf({ occurredAt }) {
    return this.t.dayOf(new Date(occurredAt));
  }

  #newDay(day, event) {
    const blocks = h("div", { class: "blocks" });
    const node = h("section", { class: "day", "data-day": day }, h("h3", null, this.t.day(new Date(event.occurredAt))), blocks);
    this.element.append(node);
    return { node, blocks };
  }

  /** Puts an entry at the end of the last block of a day, or of a new one; the block that it is in. */
  #intoBlock({ blocks, block }, event) {
    const of = thread(event);
    const goesOn = block && block.thread === of && (of !== null || block.count > 0);
    if (goesOn && block.count < BLOCK) {
      block.list.append(this.#node(event));
      block.count += 1;
    } else {
      const list = h("ol", null, this.#node(event));
      const head = h("div", { class: "thread" });
      block = { thread: of, list, head, count: 1, seen: new Set(), goesOn };
      blocks.append(h("div", { class: of === null ? "block" : "block together" }, head, list));
    }
    this.#head(block, event);
    return block;
  }

  /** A conversation is headed by the channels that it went through. */
  #head(block, event) {
    if (block.thread === null || block.goesOn || block.seen.has(event.channel)) return;
    block.seen.add(event.channel);
    if (!block.head.childElementCount && event.department) block.head.append(h("span", { class: "area" }, named(this.t, "department", event.department)));
    block.head.prepend(h("span", { class: "via" }, channelIcon(event.channel), this.t.channel(event.channel)));
  }

  /** Lays a day out anew, after an entry came into it. */
  #layout(day, newId) {
    const events = this.events.filter((event) => this.#dayOf(event) === day);
    let node = this.element.querySelector(`[data-day="${day}"]`);
    if (!node) {
      node = this.#newDay(day, events[0]).node;
      const older = [...this.element.children].find((other) => other !== node && other.dataset.day < day);
      if (older) older.before(node);
    }
    const blocks = node.querySelector(".blocks");
    const back = holdFocus(blocks);
    blocks.replaceChildren();
    let block = null;
    for (const event of events) block = this.#intoBlock({ blocks, block }, event);
    back();
    if (this.tail?.day === day) this.tail.block = block;
    this.nodes.get(newId)?.classList.add("fresh");
  }
}

/** The order of the server's pages: by moment, then by position. Moments differ in how many digits their seconds have. */
function isNewer(a, b) {
  const [left, right] = [micros(a.occurredAt), micros(b.occurredAt)];
  return left === right ? BigInt(a.position) > BigInt(b.position) : left > right;
}

function micros(iso) {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? "";
  return Math.floor(Date.parse(iso) / 1000) * 1e6 + Number(fraction.slice(0, 6).padEnd(6, "0"));
}
