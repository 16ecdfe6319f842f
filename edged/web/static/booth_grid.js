// How photographs are laid out: as large as they can be, never too small to know oneself, sharp on any screen.

import { el } from "/static/dom.js";

const RATIO = 4 / 3;
const MOST = 24;
const THUMBNAIL = 320;
const LEAST = { part: 0.24, px: 132 };

/** Columns, rows and the width of a cell for up to `total` photographs in so many pixels. */
export function layout(total, width, height, gap) {
  const least = Math.max(LEAST.px, LEAST.part * Math.min(width, height));
  let best = { columns: 1, rows: 1, cell: 0, shown: 0 };
  for (let columns = 1; columns <= MOST; columns += 1) {
    const cell = (width - gap * (columns - 1)) / columns;
    if (columns > 1 && cell < least) break;
    const rows = Math.max(1, Math.floor((height + gap) / (cell / RATIO + gap)));
    const wanted = Math.min(rows, Math.ceil(total / columns));
    const fitted = Math.min(cell, ((height - gap * (wanted - 1)) / wanted) * RATIO);
    const shown = Math.min(columns * wanted, MOST, Math.max(total, 1));
    if (shown > best.shown || (shown === best.shown && fitted > best.cell)) best = { columns, rows: wanted, cell: Math.floor(fitted), shown };
  }
  return best;
}

/** The grid of a page of photographs; each is a button that opens it. */
export function grid(photos, { columns, cell }, { first, total, picture, words }) {
  const size = cell * devicePixelRatio > THUMBNAIL * 1.15 ? "preview" : "thumbnail";
  const items = photos.map(({ id }, at) => {
    const name = words.photo.replace("{number}", first + at + 1).replace("{count}", total);
    const image = el("img", { src: picture(id, size), alt: "", decoding: "async", draggable: "false" });
    return el("li", {}, el("button", { type: "button", class: "cell", "data-act": "open", "data-at": String(first + at), "aria-label": name }, image));
  });
  const list = el("ul", { class: "grid" }, ...items);
  list.style.setProperty("grid-template-columns", `repeat(${Math.min(columns, photos.length)}, ${cell}px)`);
  return list;
}
