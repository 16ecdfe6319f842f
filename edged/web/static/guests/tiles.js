// The photographs on the page: more of them as one scrolls, fewer as they are taken away.

import { ask, filled, address, shown, words } from "./telling.js";

const list = document.getElementById("photos");
const first = list ? list.start : 1;
const subscribers = [];
let coming = null;

/** Called whenever photographs came or went. */
export function onChange(call) {
  subscribers.push(call);
}

export function tiles() {
  return list ? [...list.children] : [];
}

export function idOf(tile) {
  return tile.dataset.photo;
}

/** What is told of a tile to whoever does not see it. */
export function described(tile) {
  const number = first + tiles().indexOf(tile);
  const taken = Number(tile.dataset.taken);
  if (!taken) return filled(words.photo_alt, { number, count: shown.total });
  const time = new Date(taken * 1000).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  return filled(words.photo_alt_at, { number, count: shown.total, time });
}

/** Takes a photograph off the page; what is returned puts it back in its place. */
export function take(tile) {
  const next = tile.nextElementSibling;
  tile.remove();
  count(-1);
  return () => {
    list.insertBefore(tile, next?.parentNode === list ? next : null);
    count(1);
  };
}

/** Fetches the next page, where there is one; false where nothing came. One at a time. */
export function more() {
  coming ??= fetchMore().finally(() => { coming = null; });
  return coming;
}

async function fetchMore() {
  const link = document.getElementById("more");
  if (!link || !shown.left) return false;
  // Photographs that were taken away have moved the others forward: what comes next is counted from those that are here.
  const next = Math.floor((first - 1 + tiles().length) / shown.per_page) + 1;
  const page = await ask("/photos", { values: { page: next } });
  if (!page) return false;
  const there = new Set(tiles().map(idOf));
  for (const photo of page.photos) {
    if (!there.has(photo.id)) list.append(made(photo));
  }
  Object.assign(shown, { page: page.page, left: page.left });
  link.href = address("", { page: shown.page + 1 });
  count(page.total - shown.total);
  return true;
}

function made(photo) {
  const tile = list.firstElementChild.cloneNode(true);
  tile.dataset.photo = photo.id;
  if (photo.taken === null) delete tile.dataset.taken;
  else tile.dataset.taken = photo.taken;
  tile.querySelector("a").href = address(`/photos/${photo.id}`);
  const picture = tile.querySelector("img");
  picture.loading = "lazy";
  picture.src = address(`/photos/${photo.id}/thumbnail`);
  const box = tile.querySelector("input");
  if (box) {
    box.checked = false;
    box.value = photo.id;
  }
  return tile;
}

function count(change) {
  shown.total += change;
  const title = document.getElementById("title");
  title.textContent = shown.total === 1 ? words.found_1 : filled(words.found, { count: shown.total });
  const link = document.getElementById("more");
  if (link) {
    link.hidden = !shown.left;
    link.textContent = filled(words.more, { count: shown.left });
  }
  name();
  for (const call of subscribers) call();
}

/** Names every tile by its place. */
function name() {
  tiles().forEach((tile, at) => {
    tile.querySelector("img").alt = described(tile);
    tile.querySelector("input")?.setAttribute("aria-label", filled(words.select_photo, { number: first + at }));
  });
}

/** Has more come before the end of the page is seen. */
export function endless() {
  const link = document.getElementById("more");
  if (!link) return;
  const watch = new IntersectionObserver(async (seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.unobserve(link);
    if (await more()) watch.observe(link);
  }, { rootMargin: "300px" });
  watch.observe(link);
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    if (await more()) watch.observe(link);
  });
}
