// Icons as lines on a grid of 16. Each is a list of paths.

import { svg } from "./dom.js";

const PATHS = {
  voice: ["M4.2 2.2 6 2l1.3 3.1-1.4 1.2a8.6 8.6 0 0 0 3.8 3.8l1.2-1.4L14 10l-.2 1.8c-.1 1-.9 1.7-1.9 1.6C7 13 3 9 2.6 4.1c-.1-1 .6-1.8 1.6-1.9Z"],
  keypad: ["M4 3.5h.01M8 3.5h.01M12 3.5h.01M4 7.5h.01M8 7.5h.01M12 7.5h.01M4 11.5h.01M8 11.5h.01M12 11.5h.01"],
  voicemail: ["M6.5 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM14.5 8a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM4 10.5h8"],
  letter: ["M3 2.5h7l3 3v8H3ZM10 2.5v3h3M5.5 8h5M5.5 10.5h5"],
  email: ["M2 3.5h12v9H2ZM2.3 4l5.7 4.6L13.7 4"],
  sms: ["M2.5 3h11v7.5H7L4 13.2v-2.7H2.5ZM5.5 6.8h.01M8 6.8h.01M10.5 6.8h.01"],
  whatsapp: ["M2.4 13.6l.8-2.8A5.9 5.9 0 1 1 5.4 13ZM6 5.6c-.7 1.700 2 4.600 4.200 4.300.5-.1.9-.7.8-1.100L9.600 8.100l-.7.6c-.700-.3-1.300-.9-1.600-1.600l.5-.7-.7-1.300c-.400-.1-.9.1-1.100.5Z"],
  chat: ["M2 3h9v6H6l-2.500 2v-2H2ZM7 11.500h3l2.500 2v-2H14V6h-1"],
  chatbot: ["M3 5.500h10v7H3ZM8 5.500v-3M6 8.500v1M10 8.500v1M1.500 8v2.500M14.500 8v2.500"],
  social: ["M8 5.600v4.800M5.600 8h4.800M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Z"],
  web: ["M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c2 1.800 2.500 4 2.500 6S10 12.200 8 14C6 12.200 5.500 10 5.500 8S6 3.800 8 2Z"],
  app: ["M4.500 1.800h7v12.400h-7ZM7.200 12h1.600"],
  store: ["M2.500 6.500 3.500 3h9l1 3.500M2.500 6.500c0 2 2.700 2 2.700 0 0 2 2.800 2 2.800 0 0 2 2.800 2 2.800 0 0 2 2.700 2 2.700 0M3.500 8.500v5h9v-5M6.500 13.500V10h3v3.500"],
  video: ["M2 4.500h8v7H2ZM10 7l4-2v6l-4-2"],
  negotiation: ["M2 6l3-2 3 1.500L11 4l3 2M2 6v4l2 1M14 6v4l-2 1M8 5.500 6 8c.800 1 2 .8 3-.2l3 3.200-1.500 1.500L9 11.500 7.500 13 4 11"],
  push: ["M8 2a4 4 0 0 0-4 4c0 4-1.500 5-1.500 5h11S12 10 12 6a4 4 0 0 0-4-4ZM6.800 13.300c.5.900 1.900.9 2.400 0"],
  survey: ["M3 2.500h10v11H3ZM5.500 6l1 1 2-2M5.500 10l1 1 2-2M10.500 6.500h.5M10.500 10.500h.5"],
  dot: ["M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z"],
  note: ["M3 2.500h10v7.500l-3.500 3.500H3ZM9.500 13.500V10H13M5.500 5.500h5M5.500 8h3"],
  pin: ["M6 2h4l-.5 4.500L12 9H4l2.500-2.500ZM8 9v5"],
  case: ["M2 5h12v8H2ZM5.500 5V3h5v2M2 8.500h12"],
  fact: ["M3 8.500 6.500 12 13 4.500"],
  feedback: ["M2.500 3h11v8H8l-3 2.500V11H2.500ZM8 5v3M8 9.500v.01"],
  journey: ["M3 13V3M3 4h8l-1.500 2.500L11 9H3"],
  campaign: ["M2.500 6.500v3H5L11.500 13V3L5 6.500ZM13 7v2M5.500 9.500l.8 3.500H8"],
  money: ["M2 4.500h12v7H2ZM8 9.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM4 8h.01M12 8h.01"],
  person: ["M8 8a2.700 2.700 0 1 0 0-5.400A2.700 2.700 0 0 0 8 8ZM2.800 13.800C3 11 5 9.800 8 9.800s5 1.200 5.200 4"],
  link: ["M6.500 9.500l3-3M7 4.500l1.300-1.300a3.200 3.200 0 0 1 4.500 4.500L11.500 9M9 11.500l-1.300 1.300a3.200 3.200 0 0 1-4.500-4.500L4.500 7"],
  lock: ["M4 7.500h8v6H4ZM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500"],
  clock: ["M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.800V8l2.200 1.500"],
  eye: ["M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z"],
  check: ["M3 8.500 6.500 12 13 4.500"],
  edit: ["M3 13l.5-3L10.500 3 13 5.500l-7 7ZM9 4.500 11.500 7"],
  cross: ["M4 4l8 8M12 4l-8 8"],
  search: ["M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM10.300 10.300 14 14"],
  more: ["M3.500 8h.01M8 8h.01M12.500 8h.01"],
  arrow: ["M3 8h10M9.500 4.500 13 8l-3.500 3.500"],
  refresh: ["M13 8a5 5 0 1 1-1.500-3.600M13 2.500v2.700h-2.700"],
  heart: ["M8 13.300S2.200 9.900 2.200 6a3 3 0 0 1 5.800-1 3 3 0 0 1 5.800 1c0 3.900-5.800 7.300-5.800 7.300Z"],
  bulb: ["M6 12.500h4M6.500 14.200h3M8 1.800a4.200 4.200 0 0 0-2.500 7.600c.5.400.8 1 .8 1.600h3.400c0-.6.300-1.200.8-1.600A4.200 4.200 0 0 0 8 1.800Z"],
  table: ["M2 3h12v10H2ZM2 6.300h12M2 9.700h12M6.500 3v10"],
  download: ["M8 2.500v7.500M5 7.200 8 10.200l3-3M2.500 13.500h11"],
  alert: ["M8 2.200 14.500 13.500h-13ZM8 6.500v3.300M8 11.700v.01"],
};

const OF_CHANNEL = { ivr: "keypad" };

const OF_KIND = {
  "note.added": "note", "note.unpinned": "pin", "case.opened": "case", "case.updated": "case", "case.resolved": "case", "case.reopened": "case",
  "fact.told": "fact", "fact.withdrawn": "cross", "feedback.given": "feedback", "survey.sent": "survey",
  "survey.answered": "survey", "stage.entered": "journey", "milestone.reached": "journey", "campaign.touched": "campaign",
  "activity.tracked": "dot", "profile.observed": "person", "preference.stated": "heart", "consent.changed": "lock",
  "identity.claimed": "link", "identity.linked": "link", "identity.unlinked": "link", "privacy.held": "lock",
  "privacy.released": "lock", "privacy.shredded": "lock", "record.viewed": "eye", "contact.transferred": "arrow",
};

/** An icon. It says nothing to screen readers: a name stands beside it, or on its button. */
export function icon(name) {
  const paths = (PATHS[name] ?? PATHS.dot).map((d) => svg("path", { d }));
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, ...paths);
}

export function channelIcon(channel) {
  const name = channel.split("(")[0];
  return icon(OF_CHANNEL[name] ?? (PATHS[name] ? name : "dot"));
}

/** The icon of a timeline's entry: of what happened, else of where. */
export function entryIcon({ kind, channel }) {
  return OF_KIND[kind] ? icon(OF_KIND[kind]) : channelIcon(channel);
}
