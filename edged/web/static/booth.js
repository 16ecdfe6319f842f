// The booth. One guest after the other: what one of them saw, the next never does.

import { Round, Sorry } from "/static/booth_ask.js";
import { layout } from "/static/booth_grid.js";
import { Idle } from "/static/booth_idle.js";
import { LANGUAGES, SHEETS } from "/static/booth_sheets.js";
import { WORDS as ENGLISH } from "/static/booth_words.en.js";
import { show } from "/static/dom.js";
import { Guide } from "/static/guide.js";
import { follow } from "/static/link.js";
import { Mirror } from "/static/mirror.js";
import { play } from "/static/sound.js";

const DECLINED_MS = 4000;
const FLASH_MS = 900;
const GAP = 12;
/** Seconds without a touch before it is asked whether anybody is there. */
const PATIENCE = { consent: 60, mirror: 45, review: 45, kept: 30, removed: 30, found: 75, photograph: 75, none: 45, code: 90, sorry: 30 };
const ESCAPES = { consent: "no", mirror: "back", photograph: "all", code: "all", review: "keep", found: "done", none: "done", kept: "done", removed: "done", sorry: "done" };

const at = Object.fromEntries(
  ["booth", "glass", "mirror", "guide", "no-picture", "sheet", "flash", "said", "told", "idle"].map((id) => [id, document.getElementById(id)]),
);

const round = new Round();
let look = null;
let silent = false;
let chosen = "";
let words = ENGLISH;
let spoken = "en";
let hasPicture = false;
let timer = 0;
let visit = 0;
let now = fresh();

function fresh() {
  return { stage: "rest", purpose: "find", terms: null, isStale: false, guide: null, photo: null, found: null, at: 0, why: "", left: 0 };
}

const guide = new Guide(at.guide);
const mirror = new Mirror(at.mirror, { onPicture: (there) => { hasPicture = there; paintMirror(); } });
const idle = new Idle(at.idle, rest);

follow("/api/v1/booth/state", {
  heard: {
    look: (told) => {
      look = told;
      silent = false;
      if (now.isStale) ask(now.purpose);
      speak();
    },
    guide: (told) => {
      now.guide = told;
      if (now.stage !== "mirror") return;
      if (now.purpose === "find") at.said.textContent = words.prompts[told.prompt] ?? "";
      paint();
    },
  },
  onSilence: () => {
    if (silent) return;
    silent = true;
    rest();
  },
});

/** The guest goes: nothing that is still under way is for whoever comes next. */
function leave() {
  visit += 1;
  round.end();
  at.sheet.inert = false;
}

/** Everything of a guest is gone, and the screen waits for the next one. */
function rest() {
  clearTimeout(timer);
  leave();
  chosen = "";
  now = fresh();
  at.sheet.replaceChildren();
  at.said.textContent = "";
  go("rest");
  speak();
}

/** What is shown: at rest also what is wrong, if something is. */
function stageShown() {
  if (silent || (look?.trouble && now.stage === "rest")) return "away";
  if (!look) return "start";
  return now.stage === "rest" ? "attract" : now.stage;
}

function go(stage, more = {}) {
  clearTimeout(timer);
  now = { ...now, ...more, stage };
  paint();
  idle.watch(PATIENCE[stage] ?? 0, words.idle);
}

async function speak() {
  const wanted = chosen || look?.language || "en";
  if (wanted !== spoken && LANGUAGES.includes(wanted)) {
    const { WORDS } = await import(`/static/booth_words.${wanted}.js`);
    if (wanted !== (chosen || look?.language || "en")) return;
    spoken = wanted;
    words = WORDS;
  }
  paint();
}

function paint() {
  const stage = stageShown();
  const before = at.booth.dataset.stage;
  document.documentElement.lang = spoken;
  at.booth.dataset.stage = stage;
  if (stage !== before) at.sheet.replaceChildren();
  const known = { ...now, words, look, round, language: spoken, trouble: silent ? "no_link" : look?.trouble };
  show(at.sheet, ...(SHEETS[stage]?.(known) ?? []));
  document.title = look?.name || "edged";
  if (stage !== before && before !== "start") at.sheet.querySelector("h1")?.focus();
  paintMirror();
}

function paintMirror() {
  const stage = stageShown();
  const wanted = round.isOn && (stage === "mirror" || stage === "countdown");
  if (wanted) mirror.start(round.mirror);
  else mirror.stop();
  at.booth.toggleAttribute("data-picture", hasPicture && wanted);
  at.mirror.classList.toggle("flipped", !look?.mirrored);
  at["no-picture"].hidden = !wanted || hasPicture;
  at["no-picture"].textContent = words.no_picture;
  at.guide.toggleAttribute("hidden", !wanted || now.purpose === "take");
  const { prompt = "", progress = 0, face = null } = now.guide ?? {};
  guide.draw({ prompt, progress, face, picture: mirror.size, mirrored: Boolean(look?.mirrored) });
}

/** Does something that takes a while for whoever stands there; if they have gone meanwhile, nothing comes of it. */
async function attempt(work) {
  const mine = visit;
  try {
    const act = await work();
    if (mine === visit) act?.();
  } catch (error) {
    if (!(error instanceof Sorry)) console.error(error);
    if (mine !== visit) return;
    // What it says now is told within a second, if it was not already.
    if (error.name === "changed") ask(now.purpose, { isStale: true });
    else go("sorry", { why: error instanceof Sorry ? error.name : "failed" });
  }
}

function begin(purpose) {
  if (round.hasAgreed(purpose)) go("mirror", { purpose, guide: null });
  else ask(purpose);
}

/** Asks for consent, to what the event says at this moment: what is read does not change meanwhile. */
function ask(purpose, { isStale = false } = {}) {
  at.sheet.replaceChildren();
  go("consent", { purpose, terms: look, isStale });
}

function agree() {
  const { purpose, terms } = now;
  at.sheet.inert = true;
  attempt(async () => {
    try {
      await round.agree(purpose, terms);
    } finally {
      at.sheet.inert = false;
    }
    return () => go("mirror", { guide: null, isStale: false });
  });
}

function count(left) {
  if (left === 0) {
    if (now.purpose === "take") take();
    else search();
    return;
  }
  go("countdown", { left });
  at.told.textContent = String(left);
  play("step");
  timer = setTimeout(() => count(left - 1), 1000);
}

function take() {
  at.flash.hidden = false;
  go("flash");
  attempt(async () => {
    try {
      const [photo] = await Promise.all([
        round.take(),
        new Promise((done) => setTimeout(done, FLASH_MS)).then(() => { at.flash.hidden = true; if (now.stage === "flash") go("working"); }),
      ]);
      return () => go("review", { photo });
    } finally {
      at.flash.hidden = true;
    }
  });
}

function search() {
  go("working");
  attempt(async () => {
    const found = await round.search();
    return () => {
      if (found.total) turn(0, { ...found, note: "" });
      else go("none", { found });
    };
  });
}

/** A page of what was found: as many as fit between heading and buttons, which are there first. */
function turn(offset, found = now.found) {
  go("found", { found });
  attempt(async () => {
    let fits = room(found.total);
    for (;;) {
      const first = Math.max(0, Math.floor(Math.min(offset, found.total - 1) / fits.shown) * fits.shown);
      const page = await round.found(first, fits.shown);
      if (now.stage !== "found") return () => {};
      if (!page.total) return () => go("none", { found: { ...found, ...page } });
      now.found = { ...found, ...page, layout: fits };
      paint();
      const left = room(page.total);
      if (left.shown >= fits.shown && left.cell >= fits.cell) return () => {};
      fits = left;
    }
  });
}

/** How photographs fit into what the heading and the buttons leave. */
function room(total) {
  const { clientWidth, clientHeight } = at.sheet.querySelector(".body");
  return layout(total, clientWidth, clientHeight, GAP);
}

function open(number) {
  const { offset, photos, layout: fits, total } = now.found;
  if (number < 0 || number >= total) return;
  if (number >= offset && number < offset + photos.length) {
    go("photograph", { at: number });
    return;
  }
  attempt(async () => {
    const first = Math.floor(number / fits.shown) * fits.shown;
    const page = await round.found(first, fits.shown);
    return () => go("photograph", { at: number, found: { ...now.found, ...page } });
  });
}

function deny() {
  const { found, at: number } = now;
  attempt(async () => {
    await round.deny(found.photos[number - found.offset].id);
    return () => {
      at.said.textContent = words.found.denied;
      turn(found.offset, { ...found, total: Math.max(1, found.total - 1), note: words.found.denied });
    };
  });
}

/** Deletes the photograph that was taken, and goes on. */
function discard(then) {
  const { photo } = now;
  attempt(async () => {
    await round.discard(photo.id);
    return () => { now.photo = null; then(); };
  });
}

const ACTS = {
  speak: ({ language }) => { chosen = language; speak(); },
  find: () => begin("find"),
  take: () => begin("take"),
  yes: agree,
  no: () => { leave(); go("declined", { isStale: false }); timer = setTimeout(rest, DECLINED_MS); },
  back: rest,
  ready: () => count(look.countdown_s),
  keep: () => go("kept", { photo: null }),
  retake: () => discard(() => begin("take")),
  remove: () => discard(() => go("removed")),
  open: ({ at: number }) => open(Number(number)),
  show: ({ to }) => open(Number(to)),
  page: ({ to }) => turn(Number(to), { ...now.found, note: "" }),
  deny,
  all: () => (now.found?.total ? turn(now.found.offset, { ...now.found, note: "" }) : go("none")),
  code: () => go("code"),
  again: () => begin(now.purpose),
  done: rest,
};

function act(name, data = {}) {
  ACTS[name](data);
}

at.sheet.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button && !button.disabled) act(button.dataset.act, button.dataset);
});

document.addEventListener("keydown", ({ key }) => {
  if (at.idle.open) return;
  if (key === "Escape" && ESCAPES[stageShown()]) act(ESCAPES[stageShown()]);
  const step = { ArrowLeft: 0, ArrowRight: 1, PageUp: 0, PageDown: 1 }[key];
  if (step !== undefined) at.sheet.querySelectorAll(".turn button")[step]?.click();
});

document.addEventListener("contextmenu", (event) => event.preventDefault());
new ResizeObserver(() => {
  if (now.stage === "found") turn(now.found.offset);
  else paintMirror();
}).observe(document.documentElement);
paint();
