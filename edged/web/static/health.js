// How the device is: what needs attention, and the figures behind it.

import { code, el, icon, pairs, show, svg } from "/static/dom.js";
import { FLAWS, SHORT_STAGES, STAGES, capital, count, decimals, duration, lasting, latency, megabytes, sentence } from "/static/words.js";

const CAMERA_MARKS = {
  online: ["known", "good", "Online"],
  offline: ["away", "bad", "No picture"],
  disabled: ["off", "", "Switched off"],
};
const BROKER_MARKS = {
  connected: ["known", "good", "Connected"],
  away: ["away", "bad", "Away"],
  off: ["off", "", "Switched off"],
};
const CENTRE_MARKS = {
  followed: ["known", "good", "In step"],
  reading: ["off", "", "Being read"],
  away: ["away", "bad", "Away"],
};
const CLOCK_WORDS = new Map([[true, "synchronised"], [false, "not synchronised"], [null, "not known"]]);

/** Shows the figures of `state` in #figures. */
export function showHealth(state) {
  show(
    document.getElementById("figures"),
    block("Cameras", "wide", cameras(state)),
    block("Latency", "wide", latencies(state.health.stages), latenciesByCamera(state.health.cameras)),
    block("People", "", people(state)),
    block("Broker", "", broker(state)),
    ...(state.health.central ? [block("Centre", "", centre(state))] : []),
    block("Faces not judged", "", refusals(state)),
    block("Machine", "", machine(state)),
  );
}

/** Whether all is well, in a word. */
export function showLife(node, health) {
  const wrong = health.conditions.length;
  const ready = health.state === "ready";
  const words = { starting: "Starting", ready: wrong ? "Needs attention" : "Ready", stopping: "Stopping" };
  node.className = `life ${ready && !wrong ? "good" : "warn"}`;
  show(node, icon(ready && !wrong ? "known" : "warn"), words[health.state]);
}

/** Shows what needs attention in the section #attention. */
export function showConditions({ at, conditions }) {
  const section = document.getElementById("attention");
  section.hidden = !conditions.length;
  const title = document.getElementById("attention-title");
  title.textContent = `${count(conditions.length, "thing needs", "things need")} attention`;
  show(
    document.getElementById("conditions"),
    ...conditions.map(({ name, what, remedy, since }) =>
      el(
        "li",
        {},
        icon("warn"),
        el(
          "div",
          {},
          el("p", { class: "what" }, sentence(what)),
          remedy ? el("p", {}, sentence(remedy)) : null,
          el("p", { class: "soft small" }, el("code", {}, name), ` for ${lasting(since, at)}`),
        ),
      ),
    ),
  );
}

function block(title, size, ...content) {
  return el("section", { class: `block ${size}` }, el("h3", {}, title), ...content);
}

function mark([name, tone, words]) {
  return el("span", { class: `mark ${tone}` }, icon(name), words);
}

function table(headings, rows) {
  return el("table", {}, el("thead", {}, el("tr", {}, ...headings)), el("tbody", {}, ...rows));
}

function heading(words, name) {
  return el("th", { scope: "col", class: name }, words);
}

function cameras({ cameras: statuses, health }) {
  const names = Object.keys(statuses);
  if (!names.length) return el("p", { class: "soft" }, "None is set up.");
  return table(
    [heading("Camera"), heading("State"), heading("Frames/s", "number"), heading("Frame age", "number")],
    names.map((name) => cameraRow(name, statuses[name], health.cameras[name])),
  );
}

function cameraRow(name, status, figures) {
  const age = figures?.frame_age_s ?? null;
  const old = age === null ? "none yet" : age < 1 ? latency(age * 1000) : duration(age);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, name),
    el("td", {}, mark(CAMERA_MARKS[status.state])),
    el("td", { class: "number" }, figures ? decimals(figures.fps, 1) : "–"),
    el("td", { class: "number" }, figures ? old : "–"),
  );
}

function latencies(stages) {
  const names = Object.keys(stages).sort((one, other) => place(one) - place(other));
  if (!names.length) return el("p", { class: "soft" }, "Nothing is measured before the first face comes by.");
  const most = Math.max(...names.map((name) => stages[name].p99), 1);
  return table(
    [
      heading("Stage"),
      heading("Dot p50, bar p95, line p99", "chart"),
      heading("p50", "number"),
      heading("p95", "number"),
      heading("p99", "number"),
    ],
    names.map((name) => stageRow(name, stages[name], most)),
  );
}

/** Which camera is the slow one, where there are several: p50 and p95 of each stage. */
function latenciesByCamera(cameras) {
  const measured = Object.entries(cameras).filter(([, { stages }]) => Object.keys(stages ?? {}).length);
  if (measured.length < 2) return null;
  const stages = Object.keys(SHORT_STAGES);
  return table(
    [heading("p50, p95 (ms)"), ...stages.map((stage) => heading(SHORT_STAGES[stage], "number"))],
    measured.map(([name, camera]) =>
      el("tr", {}, el("th", { scope: "row" }, name), ...stages.map((stage) => spanCell(camera.stages[stage]))),
    ),
  );
}

function spanCell(times) {
  if (!times) return el("td", { class: "number" }, "–");
  const [half, most] = [times.p50, times.p95].map((value) => decimals(value, value < 10 ? 1 : 0));
  return el("td", { class: "number" }, half, " ", el("span", { class: "soft" }, most));
}

/** Where on a frame's way a stage is; those that this page does not know come last. */
function place(stage) {
  const order = Object.keys(STAGES);
  return order.includes(stage) ? order.indexOf(stage) : order.length;
}

function stageRow(name, times, most) {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, STAGES[name] ?? name),
    el("td", { class: "chart" }, spread(times, most)),
    ...[times.p50, times.p95, times.p99].map((value) => el("td", { class: "number" }, latency(value))),
  );
}

/** One stage on the scale that all share: a dot at the median, a bar to p95, a line to p99. */
function spread({ p50, p95, p99 }, most) {
  const at = (value) => 4 + (value / most) * 150;
  return svg(
    "svg",
    { class: "spread", viewBox: "0 0 160 16", preserveAspectRatio: "xMinYMid", "aria-hidden": "true" },
    svg("path", { class: "axis", d: "M4 8h152" }),
    svg("path", { class: "rest", d: `M${at(p95)} 8H${at(p99)}M${at(p99)} 4v8` }),
    svg("rect", { class: "most", x: at(p50), y: 4.5, width: Math.max(1, at(p95) - at(p50)), height: 7, rx: 1.5 }),
    svg("circle", { class: "median", cx: at(p50), cy: 8, r: 4 }),
  );
}

function people({ index }) {
  if (!index.persons) {
    const words = el("p", {}, "Nobody is enrolled: everybody is unknown.");
    return el("div", {}, words, code("Command", "edged enroll anna anna.jpg"));
  }
  return pairs(
    ["Enrolled", count(index.persons, "person", "people")],
    ["Photographs", index.templates.toLocaleString("en")],
    ["Index version", String(index.version)],
    ["Compared by", index.model.name],
  );
}

function broker({ broker: { state, address }, health }) {
  const waiting = health.queues.events ?? 0;
  return pairs(
    ["MQTT", mark(BROKER_MARKS[state])],
    address ? ["Address", address] : null,
    ["Events waiting", waiting.toLocaleString("en")],
    ["Events lost", health.events_dropped.toLocaleString("en")],
  );
}

/** How sync stands; what is wrong with it stands among what needs attention. */
function centre({ health: { central, conditions } }) {
  const away = conditions.some(({ name }) => name === "central");
  return pairs(
    ["State", mark(away ? CENTRE_MARKS.away : central.stale_s === null ? CENTRE_MARKS.reading : CENTRE_MARKS.followed)],
    ["Last in step", central.stale_s === null ? "not since the start" : `${duration(central.stale_s)} ago`],
    ["On both sides", count(central.shared, "person", "people")],
    ["To be told", central.queued.toLocaleString("en")],
    ["Deletions held", central.held.toLocaleString("en")],
  );
}

function refusals({ health: { faces_refused: reasons } }) {
  const rows = Object.entries(reasons).sort(([, few], [, many]) => many - few);
  if (!rows.length) return el("p", { class: "soft small" }, "None since the start: every face was good enough.");
  return pairs(...rows.map(([flaw, number]) => [capital(FLAWS[flaw] ?? flaw), number.toLocaleString("en")]));
}

function machine({ health }) {
  return pairs(
    ["Running for", duration(health.uptime_s)],
    ["Memory", megabytes(health.rss_mb)],
    ["Processor", `${decimals(health.cpu_percent, 0)} % of a core`],
    health.temperature_c === null ? null : ["Temperature", `${decimals(health.temperature_c, 0)} °C`],
    ["Disk free", megabytes(health.disk_free_mb)],
    ["Clock", CLOCK_WORDS.get(health.clock_synchronised)],
  );
}
