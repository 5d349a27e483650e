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

/** Renders anew what an element holds, and gives the focus back to what had it, known by its `data-key`. */
export function refill(node, ...children) {
  const key = node.getRootNode().activeElement?.closest("[data-key]")?.dataset.key;
  const had = key !== undefined && node.querySelector(`[data-key="${CSS.escape(key)}"]`) !== null;
  fill(node, ...children);
  if (had) node.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}
