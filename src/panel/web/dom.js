// Making nodes. Texts only ever become text nodes: nothing here, or anywhere in the panel, reads markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `h("button", {class: "chip", onclick: f}, "text", node)`. Children that are null or false are left out. */
export function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...flat(children));
  return node;
}

/** Puts nodes in place of all that an element holds. */
export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Renders anew what an element holds, and keeps the focus in it and how far it is scrolled. */
export function refill(node, ...children) {
  const back = holdFocus(node);
  const { scrollLeft } = node;
  fill(node, ...children);
  node.scrollLeft = scrollLeft;
  back();
}

const FOCUSABLE = "button, input, select, textarea, a[href], [tabindex='0']";

/**
 * Gives what to call when an element has been rendered anew: if the focus was in it, it goes back to what had it, known by its
 * `data-key` or by that of the row that it stands in; where that is gone, to what stands in its place, if `near`; else to the
 * heading with the name, where reading begins.
 */
export function holdFocus(node, near = true) {
  const root = node.getRootNode();
  // In a document the body has it when nothing else does.
  const focused = () => (root.activeElement === document.body ? null : root.activeElement);
  const had = focused();
  if (!had || !node.contains(had)) return () => {};
  const keys = [];
  for (let each = had; each !== node; each = each.parentNode) if (each.dataset.key) keys.push(each.dataset.key);
  const at = [...node.querySelectorAll(FOCUSABLE)].indexOf(had);
  return () => {
    if (focused()) return;
    const there = [...node.querySelectorAll(FOCUSABLE)];
    const same = keys.map((key) => there.find((each) => each.closest(`[data-key="${CSS.escape(key)}"]`)));
    const next = near ? there[Math.min(at, there.length - 1)] : null;
    for (const each of [had, ...same, next]) if (!focused()) each?.focus({ preventScroll: near });
    if (!focused()) root.querySelector("h1")?.focus();
  };
}
