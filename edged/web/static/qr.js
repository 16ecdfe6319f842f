// QR codes, drawn.

import { svg } from "/static/dom.js";

/** A QR code of rows of 0 and 1, black on white whatever the scheme: readers expect it so. name: what it is, in words. */
export function qr(rows, name) {
  const dark = rows.flatMap((row, y) => [...row].map((bit, x) => (bit === "1" ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  const size = rows.length;
  return svg("svg", { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": name }, svg("rect", { width: size, height: size, fill: "#fff" }), svg("path", { d: dark, fill: "#000" }));
}
