// Marks: a shape for everything that is said, so that it can be told without its colour and without its words.

import { svg } from "/static/dom.js";

const PATHS = {
  look: ["M24 6c8 0 13 6 13 15 0 11-6 19-13 19s-13-8-13-19C11 12 16 6 24 6z", "M18 20v2M30 20v2M19 30c3 2.500 7 2.500 10 0"],
  yes: ["M24 3.500a20.500 20.500 0 1 0 0 41 20.500 20.500 0 0 0 0-41z", "M14.500 24.500l7 7 12.500-14.500"],
  no: ["M24 3.500a20.500 20.500 0 1 0 0 41 20.500 20.500 0 0 0 0-41z", "M16.500 16.500l15 15M31.500 16.500l-15 15"],
  open: ["M12 42V8l18-4v40z", "M30 8h6v34h-6M25 23v3M4 42h40"],
  closed: ["M12 22h24v20H12z", "M16 22v-6a8 8 0 0 1 16 0v6M24 30v5"],
  away: ["M24 5l20 36H4z", "M24 18v11M24 34.500v.100"],
  second: ["M17 21a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM6 40c0-9 5-13 11-13s11 4 11 13", "M35 14v14M28 21h14"],
  factor: ["M6 12h36v26H6z", "M6 20h36M12 31h8"],
  qr: ["M7 7h13v13H7zM28 7h13v13H28zM7 28h13v13H7z", "M13 13v.100M34 13v.100M13 34v.100M28 28h5v5M41 28v5M33 41h8v-5M28 38v3"],
  keys: ["M14 12v.100M24 12v.100M34 12v.100M14 22v.100M24 22v.100M34 22v.100M14 32v.100M24 32v.100M34 32v.100M24 42v.100"],
  light: ["M24 15a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M24 4v5M24 39v5M4 24h5M39 24h5M10 10l3.500 3.500M34.500 34.500L38 38M38 10l-3.500 3.500M13.500 34.500L10 38"],
  closer: ["M24 24m-7 0a7 7 0 1 0 14 0 7 7 0 1 0-14 0", "M6 14V6h8M34 6h8v8M42 34v8h-8M14 42H6v-8"],
  back: ["M24 24m-14 0a14 14 0 1 0 28 0 14 14 0 1 0-28 0", "M24 18v12M18 24h12"],
  camera: ["M5 15h8l4-6h14l4 6h8v24H5z", "M24 18a8 8 0 1 0 0 16 8 8 0 0 0 0-16z"],
  people: ["M18 22a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM5 41c0-10 6-14 13-14s13 4 13 14", "M33 23a5 5 0 1 0-2-9.500M36 29c5 1.500 7 5.500 7 12"],
  left: ["M30 10L16 24l14 14"],
  right: ["M18 10l14 14-14 14"],
  again: ["M10 24a14 14 0 1 0 4.500-10.300", "M14 5v9.500h9.500"],
  bin: ["M9 13h30M19 13V8h10v5M13 13l2 28h18l2-28", "M21 20v14M27 20v14"],
  print: ["M7 10h34v28H7z", "M7 33l10-10 8 8 6-6 10 9M31 18v.100"],
  one: ["M24 22a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM8 43c0-11 7-16 16-16s16 5 16 16"],
};

const TURNS = { turn_left: "left", turn_right: "right", turn_back: "ahead" };

function head(way) {
  const features = svg("g", { class: "features" },
    svg("path", { d: "M17.500 20v2.500M30.500 20v2.500M24 23l-2 6h3.500M18.500 34c3.500 2 7.500 2 11 0" }));
  const shape = svg("path", { d: "M24 5c9 0 14 6 14 16 0 12-7 21-14 21S10 33 10 21C10 11 15 5 24 5z" });
  return svg("svg", { class: `head ${way}`, viewBox: "0 0 48 48" }, shape, features);
}

/** The mark of that name; for the prompts of a challenge a head that turns. */
export function mark(name) {
  if (TURNS[name]) return head(TURNS[name]);
  return svg("svg", { viewBox: "0 0 48 48" }, ...(PATHS[name] ?? PATHS.look).map((d) => svg("path", { d })));
}
