// The screen at a door. It shows what the door says, and nothing that is no longer so.

import { el, show } from "/static/dom.js";
import { Guide } from "/static/guide.js";
import { follow } from "/static/link.js";
import { mark } from "/static/marks.js";
import { Mirror } from "/static/mirror.js";
import { Pad } from "/static/kiosk_pad.js";
import { filled, said } from "/static/kiosk_say.js";
import { play } from "/static/sound.js";
import { WORDS as ENGLISH } from "/static/kiosk_words.en.js";

const PAD_OPEN_MS = 20000;
const NOTE_MS = 4000;
const LATE_MS = 300;
const CLOCK_MS = 1000;
const GUIDED = new Set(["rest", "guide", "challenge", "ask_factor", "ask_second"]);
const SOUNDS = { granted: "yes", refused: "no", ask_factor: "ask", ask_second: "ask" };
const TYPES = new Set(["rest", "guide", "refused", "away"]);
const LANGUAGES = new Set(["en", "de", "es", "fr"]);

const at = Object.fromEntries(
  ["kiosk", "glass", "mirror", "guide", "no-picture", "door", "clock", "card", "mark", "title", "line", "step", "enter", "pad", "timer"]
    .map((id) => [id, document.getElementById(id)]),
);

let words = ENGLISH;
let language = "en";
let look = { language: "en", greeting: "", sounds: true, theme: "auto", has_camera: true, mirrored: false };
let screen = null;
let trouble = null;
let dark = null;
let hasPicture = false;
let padUntil = 0;
let note = "";
let timers = {};

const guide = new Guide(at.guide);
const mirror = new Mirror(at.mirror, {
  onPicture: (there) => { hasPicture = there; paint(); },
  onLight: (isDark) => { dark = isDark; paintTheme(); },
});
const pad = new Pad(at.pad, { onCode: send, onCancel: closePad });

follow("/api/v1/kiosk/state", {
  heard: {
    look: (now) => { look = now; speak(now.language); paint(); },
    screen: take,
    closed: () => { screen = null; trouble = "no_door"; paint(); },
  },
  onSilence: () => { screen = null; trouble = "no_link"; paint(); },
});

/** Takes over what is to be shown; a verdict gives way when its time is up, even if nothing more is heard. */
function take(now) {
  const before = screen;
  screen = now;
  trouble = null;
  if (before?.stage !== now.stage) {
    if (look.sounds && before && SOUNDS[now.stage]) play(SOUNDS[now.stage]);
    // Whoever has begun to type goes on; a verdict is shown first.
    if (!TYPES.has(now.stage) || now.stage === "refused") padUntil = 0;
    note = "";
  } else if (look.sounds && now.stage === "challenge" && now.step > before.step) play("step");
  if (before?.reason !== now.reason) note = "";
  clearTimeout(timers.rest);
  if (now.left_s !== null) timers.rest = setTimeout(rest, 1000 * now.left_s + LATE_MS);
  paint();
}

function rest() {
  if (!screen || screen.stage === "away") return;
  screen = { ...screen, stage: "rest", prompt: "", progress: 0, name: "", reason: "", face: null, left_s: null };
  paint();
}

async function speak(wanted) {
  if (wanted === language || !LANGUAGES.has(wanted)) return;
  language = wanted;
  const { WORDS } = await import(`/static/kiosk_words.${wanted}.js`);
  if (language === wanted) words = WORDS;
  paint();
}

function paint() {
  document.documentElement.lang = language;
  paintTheme();
  const shown = trouble ? inTrouble() : screen ? said(screen, look, words) : null;
  const stage = trouble ? "away" : screen?.stage ?? "start";
  const accepts = trouble || !screen ? [] : screen.accepts;
  const asks = accepts.includes("pin");
  const keys = asks && (stage === "ask_factor" || Date.now() < padUntil);
  pad.take(accepts);
  at.kiosk.dataset.stage = stage;
  at.kiosk.dataset.tone = shown?.tone ?? "off";
  at.kiosk.toggleAttribute("data-pad", keys);
  at.kiosk.toggleAttribute("data-camera", look.has_camera);
  at.kiosk.toggleAttribute("data-picture", hasPicture);
  paintWords(shown, keys, stage);
  paintMirror(stage);
  at.enter.hidden = keys || !asks || !TYPES.has(stage);
  at.enter.textContent = words.enter_code;
  pad.show(keys, words, stage !== "ask_factor");
  paintTimer();
}

function inTrouble() {
  return { tone: "off", mark: "away", title: words[trouble], line: words.stages.away[1], step: "" };
}

function paintWords(shown, keys, stage) {
  const opened = keys && stage !== "ask_factor";
  const name = opened ? "keys" : shown?.mark;
  if (at.mark.dataset.name !== name) {
    at.mark.dataset.name = name;
    show(at.mark);
    if (name) at.mark.append(mark(name));
  }
  at.title.textContent = (opened ? words.enter_code : shown?.title) ?? "";
  at.line.textContent = note || (opened ? "" : shown?.line ?? "");
  at.step.textContent = shown?.step ?? "";
  at.title.classList.toggle("long", at.title.textContent.length > 26);
  at.door.textContent = screen ? filled(words.at_door, screen) : "";
  document.title = screen ? screen.door : "edged";
}

function paintMirror(stage) {
  const wanted = look.has_camera && screen !== null && GUIDED.has(stage);
  if (look.has_camera && screen !== null) mirror.start("/api/v1/kiosk/mirror");
  else mirror.stop();
  at.mirror.classList.toggle("flipped", !look.mirrored);
  at["no-picture"].hidden = hasPicture || !wanted;
  at["no-picture"].textContent = words.no_picture;
  at.guide.classList.toggle("quiet", stage === "rest" || !hasPicture);
  guide.draw({
    prompt: screen?.prompt ?? "", progress: screen?.progress ?? 0, face: screen?.face ?? null,
    picture: mirror.size, mirrored: look.mirrored,
  });
}

/** The time that a verdict still has, as a line that shrinks. */
function paintTimer() {
  const key = screen && screen.left_s !== null && !trouble ? String(screen.number) : "";
  if (at.timer.dataset.of === key) return;
  at.timer.dataset.of = key;
  show(at.timer);
  if (!key) return;
  const bar = el("div", { class: "bar" });
  bar.style.setProperty("animation-duration", `${screen.left_s}s`);
  at.timer.append(bar);
}

function paintTheme() {
  const theme = look.theme === "auto" ? (dark === null ? "" : dark ? "dark" : "light") : look.theme;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function openPad() {
  padUntil = Date.now() + PAD_OPEN_MS;
  clearTimeout(timers.pad);
  timers.pad = setTimeout(closePad, PAD_OPEN_MS + 10);
  paint();
  at.pad.querySelector("button")?.focus();
}

function closePad() {
  const hadFocus = at.pad.contains(document.activeElement);
  padUntil = 0;
  pad.clear();
  paint();
  if (hadFocus && !at.enter.hidden) at.enter.focus();
}

/** Hands a code to the door. What comes of it is on the next screen; here only that it did not get there. */
async function send(factor, code) {
  say(words.sent);
  try {
    const answer = await fetch("/api/v1/kiosk/code", {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ factor, code }),
    });
    if (answer.status === 429) say(words.reasons.too_many_codes);
    else if (!answer.ok) say(words.not_sent);
  } catch {
    say(words.not_sent);
  }
}

function say(text) {
  note = text;
  clearTimeout(timers.note);
  timers.note = setTimeout(() => { note = ""; paint(); }, NOTE_MS);
  paint();
}

function paintClock() {
  const now = new Date();
  at.clock.textContent = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(now);
  at.clock.dateTime = now.toISOString();
}

at.enter.addEventListener("click", openPad);
at.pad.addEventListener("click", () => { if (padUntil) padUntil = Date.now() + PAD_OPEN_MS; });
document.addEventListener("contextmenu", (event) => event.preventDefault());
new ResizeObserver(() => paint()).observe(at.glass);
setInterval(paintClock, CLOCK_MS);
paintClock();
paint();
