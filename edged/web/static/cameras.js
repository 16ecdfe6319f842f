// The camera doctor: what each camera sees of faces, and what would make it see them better.

import { read } from "/static/ask.js";
import { el, icon, show, svg } from "/static/dom.js";
import { FLAWS, capital, count, decimals, sentence } from "/static/words.js";

const EVERY_MS = 5000;
const TONES = { good: ["known", "good", "Good"], note: ["looking", "", "Note"], warn: ["warn", "warn", "Could be better"], bad: ["away", "bad", "In the way"] };
const MEASURES = [
  ["size", "Size", "pixels between the eyes", (value) => decimals(value, 0)],
  ["sharpness", "Sharpness", "more is sharper", (value) => decimals(value, 0)],
  ["light", "Light", "mean grey, 0 to 255", (value) => decimals(value, 0)],
  ["yaw", "Turned sideways", "− left, + right of the picture; 1 is profile", (value) => decimals(value, 2)],
  ["pitch", "Nodding", "− down, + up, same scale", (value) => decimals(value, 2)],
];

const doctor = document.getElementById("doctor");
const trouble = document.getElementById("trouble");

async function look() {
  try {
    const { edges, cameras } = await read("/api/v1/console/cameras");
    trouble.hidden = true;
    show(doctor, ...(cameras.length ? cameras.map((camera) => card(camera, edges)) : [nothing()]));
  } catch (error) {
    trouble.textContent = error.message;
    trouble.hidden = false;
  }
}

function nothing() {
  const example = "cameras:\n  front:\n    kind: v4l2\n    device: /dev/video0";
  return el(
    "div",
    { class: "empty" },
    icon("camera"),
    el("p", { class: "title" }, "No camera is set up yet"),
    el("p", {}, "Add one to /etc/edged/edged.yaml as below, then run: systemctl reload edged"),
    el("pre", { tabindex: "0", "aria-label": "Example" }, example),
  );
}

function card(camera, edges) {
  const id = `camera-${camera.name}`;
  return el(
    "section",
    { class: "card doctor", "aria-labelledby": id },
    el("div", { class: "head" }, el("h2", { id }, camera.name), el("p", { class: "soft small" }, circumstances(camera)), el("a", { href: `/?camera=${encodeURIComponent(camera.name)}` }, "Look through it")),
    el("div", { class: "doctor-parts" }, advice(camera), figures(camera, edges)),
  );
}

function circumstances({ state, reason, width, height, fps, faces }) {
  if (state !== "online") return sentence(reason || "No picture");
  return [`${width} × ${height} px`, fps === null ? "" : `${decimals(fps, 1)} frames a second`, count(faces, "face measured", "faces measured")].filter(Boolean).join(" · ");
}

function advice({ advice: all }) {
  if (!all.length) return el("p", { class: "soft" }, "Nothing can be said while it gives no picture and no face was measured.");
  return el(
    "ul",
    { class: "advice" },
    ...all.map(({ tone, what, do: remedy }) => {
      const [sign, colour, word] = TONES[tone];
      return el("li", { class: colour }, icon(sign), el("div", {}, el("p", { class: "what" }, el("span", { class: "unseen" }, `${word}: `), sentence(what)), remedy ? el("p", {}, sentence(remedy)) : null));
    }),
  );
}

function figures({ faces, measures, flaws }, edges) {
  if (!faces) return null;
  const rows = Object.entries(flaws).sort(([, few], [, many]) => many - few);
  const words = rows.map(([flaw, number]) => `${capital(FLAWS[flaw] ?? flaw)} ${Math.round((100 * number) / faces)} %`);
  return el(
    "div",
    { class: "measures" },
    ...MEASURES.map(([name, title, unit, say]) => histogram(title, unit, say, measures[name], edges[name])),
    el("div", { class: "measure" }, el("h3", {}, "Not good enough"), el("p", { class: "small" }, words.length ? words.join(", ") : "None of these faces"), el("p", { class: "soft small" }, "of the last faces measured, one a second of each person")),
  );
}

/** Bars with what is asked of a face beside them: values out of bounds are hatched and told. */
function histogram(title, unit, say, { counts, median, bounds: [least, greatest] }, edges) {
  const most = Math.max(...counts, 1);
  const [width, height] = [220, 64];
  const step = width / counts.length;
  const out = (index) => (least !== null && (edges[index + 1] ?? Infinity) <= least) || (greatest !== null && edges[index] >= greatest);
  const bars = counts.map((number, index) => {
    const tall = number ? Math.max(2, (number / most) * height) : 0;
    return svg("rect", { class: out(index) ? "bar out" : "bar", x: index * step + 1, y: height - tall, width: step - 2, height: tall, rx: 1.5 });
  });
  const labels = edges.map((edge, index) => [edge, index]).filter(([, index]) => index && index % 2 === 0);
  const asked = [least === null ? "" : `at least ${say(least)}`, greatest === null ? "" : `at most ${say(greatest)}`].filter(Boolean).join(", ");
  const all = counts.reduce((sum, number) => sum + number, 0);
  const beyond = counts.filter((_, index) => out(index)).reduce((sum, number) => sum + number, 0);
  const spoken = `${title}: median ${say(median)}; ${beyond} of ${all} faces out of bounds`;
  return el(
    "div",
    { class: "measure" },
    el("h3", {}, title, el("span", { class: "middle" }, ` ${say(median)}`)),
    svg("svg", { viewBox: `0 0 ${width} ${height + 16}`, role: "img", "aria-label": spoken }, ...bars, svg("path", { class: "axis", d: `M0 ${height}.5H${width}` }), ...labels.map(([edge, index]) => svg("text", { class: "label", x: index * step, y: height + 12, "text-anchor": "middle" }, String(edge)))),
    el("p", { class: "soft small" }, unit, asked ? `; asked: ${asked}` : ""),
  );
}

setInterval(() => document.hidden || look(), EVERY_MS);
look();
