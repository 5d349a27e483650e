// The page `/panel`: the element over the whole window. Its address says whose context it shows; a softphone, or the desktop
// around it, says so by `postMessage`.

import { BASE } from "./base.js";
import "./novelo-context.js";

const NAMES = ["identifier", "contact", "channel", "protocol", "customer", "language", "agent", "theme"];
const POP = ["identifier", "contact", "channel", "protocol", "customer"];
const LONGEST = 1024;

const element = document.querySelector("novelo-context");
/** A plus sign is one, as in `phone:+5511…`: nobody means a space by it here. */
const parameters = new URLSearchParams(location.search.replaceAll("+", "%2B"));

for (const name of NAMES) {
  const value = parameters.get(name);
  if (value) element.setAttribute(name, value);
}
const speaks = () => { document.documentElement.lang = element.language; };
speaks();
new MutationObserver(speaks).observe(element, { attributeFilter: ["language"] });

/** Who may talk to this page: itself, and whom the operator listed. */
const origins = fetch(`${BASE}/panel/settings.json`).then((answer) => answer.json()).then(
  (settings) => new Set([location.origin, ...settings.origins]), () => new Set([location.origin]));

globalThis.addEventListener("message", async ({ data, origin }) => {
  if (data?.type !== "novelo.pop" || !(await origins).has(origin)) return;
  const given = POP.map((name) => [name, data[name] ?? null]);
  if (given.some(([, value]) => value !== null && (typeof value !== "string" || value.length > LONGEST))) return;
  element.pop(Object.fromEntries(given));
});

/** Tells the desktop around what happens here. Nobody hears it but those who are listed. */
async function tell(type, detail) {
  if (globalThis.parent === globalThis) return;
  for (const origin of await origins) globalThis.parent.postMessage({ type, ...detail }, origin);
}

for (const name of ["novelo-selected", "novelo-recorded"]) {
  element.addEventListener(name, ({ detail }) => tell(name.replace("-", "."), detail));
}
tell("novelo.ready", {});
