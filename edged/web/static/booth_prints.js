// The picture on the first screen: prints of strangers, and one who is in several of them. Nobody's photograph.

import { svg } from "/static/dom.js";

const PRINTS = [
  { x: 24, y: 60, turn: -8, people: [[34, 0], [78, 1], [122, 0]] },
  { x: 250, y: 22, turn: 6, people: [[52, 0], [104, 0]] },
  { x: 130, y: 176, turn: 3, people: [[40, 1], [92, 0]] },
  { x: 322, y: 172, turn: -5, people: [[34, 0], [78, 0], [122, 1]] },
];
const WIDE = 156;
const HIGH = 118;
const EDGE = 8;

function person([x, me]) {
  const group = svg("g", { class: me ? "me" : "other" },
    svg("circle", { cx: x, cy: 56, r: me ? 16 : 14 }),
    svg("path", { d: `M${x - 27} ${HIGH - EDGE}c0-24 10-33 27-33s27 9 27 33z` }));
  if (me) group.append(svg("ellipse", { class: "ring", cx: x, cy: 56, rx: 22, ry: 27 }));
  return group;
}

/** The prints, as an SVG that fills what it is put into. */
export function prints() {
  const all = PRINTS.map(({ x, y, turn, people }, at) => {
    const clip = `print-${at}`;
    return svg("g", { transform: `translate(${x} ${y}) rotate(${turn} ${WIDE / 2} ${HIGH / 2})` },
      svg("clipPath", { id: clip }, svg("rect", { x: EDGE, y: EDGE, width: WIDE - 2 * EDGE, height: HIGH - 2 * EDGE, rx: 5 })),
      svg("rect", { class: "paper", width: WIDE, height: HIGH, rx: 9 }),
      svg("rect", { class: `scene s${at}`, x: EDGE, y: EDGE, width: WIDE - 2 * EDGE, height: HIGH - 2 * EDGE, rx: 5 }),
      svg("g", { "clip-path": `url(#${clip})` }, ...people.map(person)));
  });
  return svg("svg", { class: "prints", viewBox: "8 8 486 304", "aria-hidden": "true" }, ...all);
}
