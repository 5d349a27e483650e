// Which entries of the timeline are shown: by channel, by kind, by what the customer felt, and by words.

import { h, refill } from "../dom.js";
import { channelIcon, icon } from "../icons.js";

/** Kinds that an agent looks for together. */
export const GROUPS = Object.freeze({
  said: ["message.sent", "self_service.used"],
  contacts: ["contact.started", "contact.queued", "contact.answered", "contact.transferred", "contact.ended"],
  cases: ["case.opened", "case.updated", "case.resolved", "case.reopened"],
  feedback: ["feedback.given", "survey.sent", "survey.answered"],
  facts: ["fact.told", "fact.withdrawn", "preference.stated"],
  notes: ["note.added", "note.unpinned"],
  journey: ["stage.entered", "milestone.reached", "activity.tracked", "campaign.touched"],
  record: ["profile.observed", "consent.changed", "identity.claimed", "identity.linked", "identity.unlinked", "privacy.held", "privacy.released", "privacy.shredded", "record.viewed", "custom"],
});

const TYPING_MS = 250;

export const NOTHING = Object.freeze({ channel: null, group: null, feedback: null, text: "" });

export function isOpen(filters) {
  return !filters.channel && !filters.group && !filters.feedback && !filters.text;
}

/** The filter as the server takes it; null when everything is wanted. */
export function input(filters) {
  if (isOpen(filters)) return null;
  const { channel, group, feedback, text } = filters;
  return {
    ...(channel && { channels: [channel] }),
    ...(group && { kinds: GROUPS[group] }),
    ...(feedback && { feedback: [feedback] }),
    ...(text && { text }),
  };
}

/** The bar of filters. `change(part)` is called with what changes. */
export class FilterBar {
  #typing = null;

  constructor(t, change) {
    this.t = t;
    this.change = change;
    this.channels = h("div", { class: "chips", role: "group", "aria-label": t("filter.channels") });
    this.groups = h("div", { class: "chips", role: "group", "aria-label": t("filter.kinds") });
    // Browsers take a button for seen when a part of it is: all of what has the focus is scrolled to.
    for (const row of [this.channels, this.groups]) row.addEventListener("focusin", ({ target }) => target.scrollIntoView({ block: "nearest", inline: "nearest" }));
    this.text = h("input", { type: "search", name: "text", placeholder: t("filter.text"), "aria-label": t("filter.text"), autocomplete: "off", spellcheck: "false" });
    this.text.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => change({ text: this.text.value.trim() }), TYPING_MS);
    });
    this.element = h("div", { class: "filters" }, h("label", { class: "search" }, icon("search"), this.text), this.channels, this.groups);
  }

  /** Shows which filters are on; `counts` has how many entries each lets through, as far as it is known. */
  show(filters, channels, counts) {
    const { t } = this;
    if (this.text.value.trim() !== filters.text && this.text.getRootNode().activeElement !== this.text) this.text.value = filters.text;
    // All is all: no filter is on, whichever it would be.
    refill(this.channels, this.#chip("channel-all", isOpen(filters), t("filter.all"), NOTHING), ...channels.map((channel) => this.#one("channel", channel, filters, [channelIcon(channel), t.channel(channel)], counts)));
    const groups = Object.keys(GROUPS).filter((group) => counts.get(`group:${group}`) !== 0 || filters.group === group);
    refill(this.groups,
      filters.feedback && this.#chip("feedback-all", true, [t(`feedback.${filters.feedback}`), icon("cross")], { feedback: null }),
      ...groups.map((group) => this.#one("group", group, filters, t(`group.${group}`), counts)));
  }

  /** One of several values that a filter may have; pressed again it is off. */
  #one(part, value, filters, label, counts) {
    const on = filters[part] === value;
    const count = counts.get(`${part}:${value}`);
    return this.#chip(`${part}-${value}`, on, [label, typeof count === "number" && h("span", { class: "n" }, this.t.number(count))], { [part]: on ? null : value });
  }

  #chip(key, on, label, change) {
    return h("button", { type: "button", class: "chip", "aria-pressed": String(on), "data-key": `filter-${key}`, onclick: () => this.change(change) }, label);
  }
}
