// One photograph at a time, as large as the screen: by thumb, by keyboard, and what one can do with it.

import { address, ask, say, shown, words } from "./telling.js";
import { described, idOf, more, onChange, take, tiles } from "./tiles.js";

const SWIPE_PX = 50;
const viewer = document.getElementById("viewer");
const large = document.getElementById("large");
const reporting = document.getElementById("reporting");
let current = null;

const part = (name) => viewer.querySelector(`[data-do="${name}"]`);

/** Makes photographs open here. */
export function begin() {
  document.getElementById("photos")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.closest("li"));
  });
  const deeds = { close: leave, previous: () => step(-1), next: () => step(1), share, "not-me": deny, report: ask_why };
  viewer.addEventListener("click", (event) => deeds[event.target.closest("[data-do]")?.dataset.do]?.());
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  viewer.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  addEventListener("popstate", () => close());
  const stage = viewer.querySelector(".stage");
  let from = null;
  stage.addEventListener("pointerdown", (event) => { from = event.isPrimary ? event : null; });
  stage.addEventListener("pointerup", (event) => {
    if (!from || from.pointerId !== event.pointerId) return;
    const [right, down] = [event.clientX - from.clientX, event.clientY - from.clientY];
    if (Math.abs(right) > SWIPE_PX && Math.abs(right) > Math.abs(down)) step(right > 0 ? -1 : 1);
    from = null;
  });
  onChange(() => { if (viewer.open && current) name(); });
  reporting.querySelector("form").addEventListener("submit", report);
}

function open(tile) {
  history.pushState({ viewer: true }, "");
  viewer.showModal();
  show(tile);
}

/** Goes back to before it was opened: the phone's own way back does the same. */
function leave() {
  if (history.state?.viewer) history.back();
  else close();
}

function close() {
  if (!viewer.open) return;
  viewer.close();
  large.removeAttribute("src");
  current?.querySelector("a").focus();
  current = null;
}

function show(tile) {
  current = tile;
  const id = idOf(tile);
  const [small, preview] = ["thumbnail", "preview"].map((kind) => address(`/photos/${id}/${kind}`));
  large.src = small;
  const whole = new Image();
  whole.src = preview;
  whole.decode().then(() => {
    if (current !== tile) return;
    large.src = preview;
    const next = tile.nextElementSibling;
    if (next) new Image().src = address(`/photos/${idOf(next)}/preview`);
  }, () => { if (current === tile && viewer.open) say(words.failed); });
  const download = part("download");
  if (download) download.href = address(`/photos/${id}/original`);
  if (part("share")) part("share").hidden = !sharable();
  name();
}

function name() {
  const text = described(current);
  document.getElementById("which").textContent = text;
  large.alt = text;
  part("previous").disabled = !current.previousElementSibling;
  part("next").disabled = !current.nextElementSibling && !shown.left;
}

async function step(by) {
  const from = current;
  if (by > 0 && !from.nextElementSibling && !(await more())) return;
  const next = by > 0 ? from.nextElementSibling : from.previousElementSibling;
  if (next && current === from) show(next);
}

function sharable() {
  const sample = new File([new Uint8Array(1)], "photo.jpg", { type: "image/jpeg" });
  return Boolean(navigator.canShare?.({ files: [sample] }));
}

/** The picture as it is shown, not the link: whoever gets it gets nothing else. */
async function share() {
  const id = idOf(current);
  try {
    const answer = await fetch(address(`/photos/${id}/preview`));
    if (!answer.ok) throw new Error(answer.status);
    const file = new File([await answer.blob()], `${id.slice(0, 8)}.jpg`, { type: "image/jpeg" });
    await navigator.share({ files: [file] });
  } catch (error) {
    if (error.name !== "AbortError") say(words.failed);
  }
}

async function deny() {
  const tile = current;
  const id = idOf(tile);
  if (!(await ask(`/photos/${id}/not-me`, { body: {} }))) return;
  if (shown.total === 1) {
    location.assign(address("", { said: "denied", photo: id }));
    return;
  }
  const back = gone(tile);
  say(words.not_me_done, async () => {
    if (!(await ask(`/photos/${id}/not-me/undo`, { body: {} }))) return;
    back();
    if (viewer.open) show(tile);
    say(words.undone);
  });
}

/** Takes the photograph that is shown off the page, and shows another one. */
function gone(tile) {
  const other = tile.nextElementSibling ?? tile.previousElementSibling;
  current = other;
  const back = take(tile);
  if (other) show(other);
  else leave();
  return back;
}

function ask_why() {
  reporting.querySelector("form").reset();
  reporting.showModal();
}

async function report(event) {
  event.preventDefault();
  const tile = current;
  const reason = new FormData(event.target).get("reason");
  const answer = await ask(`/photos/${idOf(tile)}/report`, { body: { reason } });
  reporting.close();
  if (!answer) return;
  if (!answer.shown && shown.total === 1) {
    location.assign(address("", { said: answer.said }));
    return;
  }
  if (!answer.shown) gone(tile);
  say(words[answer.said]);
}
