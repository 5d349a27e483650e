// The channel that they like, why we think so, and the hours at which they come.

import { h, svg } from "../dom.js";
import { channelIcon } from "../icons.js";
import { section } from "./section.js";

const SHOWN = 4;
/** Below this the one channel is as good as the other: nothing is preferred yet. */
const LEAST_SURE = 0.1;

export function channels(ctx) {
  const { t, customer } = ctx;
  const { stated, confidence, ranking, bestHours, ...found } = customer.channelPreference;
  if (!ranking.length && !found.preferred) return null;
  const preferred = stated || confidence >= LEAST_SURE ? found.preferred : null;
  const contacts = ranking.reduce((sum, each) => sum + each.contacts, 0);
  const why = stated ? t("channels.stated") : preferred ? t("channels.inferred", { n: contacts, share: t.percent(confidence) }) : t("channels.too_few", { n: contacts });
  const title = preferred ? t("channels.title", { channel: t.channel(preferred) }) : t("channels.title_none");
  return section("channels", title, { aside: why },
    h("ul", { class: "bars" }, ...ranking.slice(0, SHOWN).map((each) => bar(t, each, preferred))),
    refused(ctx),
    bestHours.length > 0 && hours(t, bestHours));
}

function bar(t, { channel, score, contacts }, preferred) {
  const label = `${t.channel(channel)}: ${t.percent(score)}, ${t("channels.contacts", { n: contacts })}`;
  return h("li", { class: channel === preferred ? "bar preferred" : "bar", title: label },
    channelIcon(channel),
    h("span", { class: "name" }, t.channel(channel)),
    svg("svg", { class: "track", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "rest", width: 100, height: 6, rx: 1.5 }),
      svg("rect", { class: "fill", width: Math.max(1, score * 100), height: 6, rx: 1.5 })),
    h("span", { class: "share" }, t.percent(score)));
}

/** Where they said that they do not want to be reached. */
function refused({ t, customer }) {
  const denied = customer.consents.filter(({ state, channel }) => state !== "granted" && channel);
  if (!denied.length) return null;
  const names = denied.map(({ channel, purpose }) => `${t.channel(channel)} (${t.code("purpose", purpose)})`);
  return h("p", { class: "refused" }, t("channels.refused", { list: names.join(", ") }));
}

/** The 24 hours as a strip, the best ones tall. */
function hours(t, best) {
  const names = t.list([...best].sort((a, b) => a - b).map((hour) => t.hour(hour)));
  const heights = [14, 11, 9];
  const columns = Array.from({ length: 24 }, (_, hour) => {
    const rank = best.indexOf(hour);
    const height = rank < 0 ? 3 : heights[rank] ?? 8;
    return svg("rect", { class: rank < 0 ? "rest" : "fill", x: hour * 8 + 1, y: 16 - height, width: 6, height, rx: 1 });
  });
  const ticks = [0, 6, 12, 18].map((hour) => h("span", null, t.hour(hour)));
  return h("figure", { class: "hours" },
    h("div", { "aria-hidden": "true" }, svg("svg", { viewBox: "0 0 192 16" }, ...columns), h("div", { class: "ticks" }, ...ticks)),
    h("figcaption", { class: "soft" }, t("channels.hours", { list: names })));
}
