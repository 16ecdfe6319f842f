// Elements made and kept up to date, text always as text.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** An HTML element. Attributes that are undefined or false, and children that are null, are left out. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element, in the same way. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** One of the marks of the page's document, else of icons.svg, for the eye only: a word always stands beside it. */
export function icon(name) {
  const own = document.querySelector(`symbol[id="${name}"]`);
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `${own ? "" : "/static/icons.svg"}#${name}` }));
}

/** A moment, in words that fit its surroundings, with the exact one on hover. */
export function time(words, exactly, instant) {
  return el("time", { datetime: instant, title: exactly }, words);
}

/** Names with their values, one a line; rows that are null, or whose value is, are left out. */
export function pairs(...rows) {
  const there = rows.filter((row) => row && row[1] !== null && row[1] !== undefined);
  const lines = there.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));
  return el("dl", { class: "pairs" }, ...lines);
}

/** Text to type or copy; the keyboard can scroll it. */
export function code(name, text) {
  return el("pre", { tabindex: "0", "aria-label": name }, text);
}

/** Makes `node` contain `children`, changing only what differs: focus, selection and open details stay. */
export function show(node, ...children) {
  const wanted = el("div", {}, ...children);
  morphChildren(node, wanted);
}

function morphChildren(node, wanted) {
  const next = [...wanted.childNodes];
  const old = [...node.childNodes];
  next.forEach((child, index) => {
    const there = old[index];
    if (!there) node.append(child);
    else if (there.nodeName !== child.nodeName) there.replaceWith(child);
    else morph(there, child);
  });
  old.slice(next.length).forEach((child) => child.remove());
}

function morph(there, wanted) {
  if (there.nodeType === Node.TEXT_NODE) {
    if (there.data !== wanted.data) there.data = wanted.data;
    return;
  }
  for (const { name, value } of wanted.attributes) {
    if (there.getAttribute(name) === value) continue;
    // As an attribute the policy of the pages refuses it.
    if (name === "style") there.style.cssText = value;
    else there.setAttribute(name, value);
  }
  for (const { name } of [...there.attributes]) {
    // What the reader has unfolded stays so.
    if (!wanted.hasAttribute(name) && !(name === "open" && there instanceof HTMLDetailsElement)) there.removeAttribute(name);
  }
  morphChildren(there, wanted);
}
