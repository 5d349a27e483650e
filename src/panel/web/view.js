// The panel's frame: where each part stands. Parts are rendered anew only when what they show has changed.

import { fill, h, holdFocus, refill } from "./dom.js";
import { LANGUAGES } from "./i18n.js";
import { icon } from "./icons.js";
import { cases } from "./parts/cases.js";
import { channels } from "./parts/channels.js";
import { continuation } from "./parts/continuation.js";
import { facts } from "./parts/facts.js";
import { guidance } from "./parts/guidance.js";
import { journey } from "./parts/journey.js";
import { links } from "./parts/links.js";
import { notes } from "./parts/notes.js";
import { voice } from "./parts/voice.js";
import { who } from "./parts/who.js";

/** Each part, and the fields of the customer that it shows. */
const PARTS = [
  ["continue", continuation, ["continuation"]],
  ["notes", notes, ["pinnedNotes"]],
  ["facts", facts, ["facts"]],
  ["cases", cases, ["cases"]],
  ["guidance", guidance, ["guidance"]],
  ["channels", channels, ["channelPreference", "consents"]],
  ["voice", voice, ["feedback", "satisfaction"]],
  ["journey", journey, ["stage", "milestones"]],
  ["links", links, ["linked", "linkSuggestions"]],
];

/** Deeds with a button of their own, and those behind the last one. */
const MAIN = [["note", "note"], ["fact", "fact"], ["case", "case"]];
const MORE = [["feedback", "feedback"], ["preference", "heart"], ["link", "link"], ["past", "clock"]];

export class View {
  constructor(root) {
    this.who = h("header", { class: "who" });
    this.waiting = h("div", { class: "banners", role: "status" });
    this.banner = h("div", { class: "banners" });
    this.context = h("div", { class: "context" });
    this.history = h("div", { class: "history" });
    this.actions = h("footer", { class: "actions" });
    this.languages = h("nav", { class: "languages" });
    this.spoken = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.panel = h("main", { class: "panel", part: "panel" }, this.who, this.waiting, this.banner,
      // Not below the timeline: what stands behind a list without an end is never reached.
      h("div", { class: "columns" }, h("div", { class: "first" }, this.context, this.languages), this.history), this.actions);
    root.append(this.panel, this.spoken);
    this.shown = new Map();
  }

  /** Says something to screen readers. */
  say(text) {
    this.spoken.textContent = "";
    requestAnimationFrame(() => { this.spoken.textContent = text; });
  }

  /** Everything, as it is now. `force` renders also what has not changed: times pass. */
  show(ctx, force = false) {
    refill(this.who, ...who(ctx));
    this.#parts(ctx, force);
    this.#actions(ctx);
    this.#languages(ctx);
  }

  /** Nobody yet: what was shown of somebody else goes away before it can be taken for theirs. */
  wait() {
    this.shown.clear();
    fill(this.who, h("h1", { class: "unknown", "aria-hidden": "true" }, "…"));
    fill(this.context);
    fill(this.history);
    fill(this.banner);
    this.actions.hidden = true;
  }

  /** The head alone: who it is, and whether it is live. */
  head(ctx) {
    refill(this.who, ...who(ctx));
  }

  #parts(ctx, force) {
    if (!ctx.customer) {
      this.shown.clear();
      return fill(this.context, ctx.welcome);
    }
    if (!this.shown.size) fill(this.context, ...PARTS.map(([name]) => h("div", { "data-part": name })));
    for (const [name, render, fields] of PARTS) {
      const key = JSON.stringify([fields.map((field) => ctx.customer[field]), ctx.t.tag, ctx.revealed, ctx.readOnly, ctx.lookup.channel,
        ctx.expanded.has(name), name === "continue" && ctx.promised, name === "voice" && ctx.filters.feedback, [...ctx.expanded]]);
      const place = this.context.querySelector(`:scope > [data-part="${name}"]`);
      const reading = force && place.querySelector(".long.open");
      if (this.shown.get(name) === key && (!force || reading)) continue;
      this.shown.set(name, key);
      refill(place, render(ctx));
    }
  }

  #languages({ t, speak }) {
    this.languages.setAttribute("aria-label", t("language.choose"));
    refill(this.languages, ...Object.entries(LANGUAGES).map(([tag, name]) =>
      h("button", { type: "button", class: "link", lang: tag, "data-key": `language-${tag}`, "aria-pressed": String(tag === t.tag), onclick: () => speak(tag) }, name)));
  }

  #actions(ctx) {
    const { t, open, readOnly, canAct } = ctx;
    this.actions.hidden = readOnly || !canAct;
    // Kept as it is while nothing in it changes.
    const key = JSON.stringify([t.tag, Boolean(ctx.customer)]);
    if (this.actions.hidden || this.acting === key) return;
    this.acting = key;
    const button = ([name, symbol], className, act = () => open(name, {})) =>
      h("button", { type: "button", class: className, "data-key": `do-${name}`, onclick: act }, icon(symbol), h("span", null, t(`do.${name}`)));
    const chosen = (name) => { menu.hidePopover(); more.focus(); open(name, {}); };
    const menu = h("div", { class: "menu", popover: "auto", id: "more" }, ...MORE.filter(([name]) => ctx.customer || name !== "past").map((each) => button(each, "", () => chosen(each[0]))));
    // Left with Escape it gives the focus back to its button, which browsers do not do inside of a shadow root.
    menu.addEventListener("beforetoggle", ({ newState }) => newState === "closed" && menu.matches(":focus-within") && more.focus());
    const place = () => beside(menu, more);
    // What arrives while the menu is open moves its button without a scroll: the panel grows.
    const grown = new ResizeObserver(place);
    menu.addEventListener("beforetoggle", ({ newState }) => {
      if (newState === "open") {
        place();
        for (const each of [document.documentElement, this.actions.parentElement, more]) grown.observe(each);
      } else {
        grown.disconnect();
      }
      for (const moved of ["resize", "scroll"]) globalThis[newState === "open" ? "addEventListener" : "removeEventListener"](moved, place, true);
    });
    const more = h("button", { type: "button", "data-key": "do-more", popovertarget: "more", "aria-haspopup": "true" }, icon("more"), h("span", null, t("do.more")));
    const opened = this.actions.querySelector("#more:popover-open");
    const back = holdFocus(this.actions);
    opened?.hidePopover();
    fill(this.actions, ...MAIN.map((each, at) => button(each, at === 0 ? "main" : "")), more, menu);
    // Whoever opened it before the customer was there goes on in it.
    if (opened) menu.showPopover();
    back();
  }
}

const BETWEEN_PX = 6;

/** Places what opens over all beside its button: on the side where the window has more room, up or down, and as well along it. */
function beside(menu, button) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const isAbove = top > height - bottom;
  const isBefore = left + right > width;
  Object.assign(menu.style, {
    top: isAbove ? "auto" : `${bottom + BETWEEN_PX}px`,
    bottom: isAbove ? `${height - top + BETWEEN_PX}px` : "auto",
    left: isBefore ? "auto" : `${left}px`,
    right: isBefore ? `${width - right}px` : "auto",
  });
}
