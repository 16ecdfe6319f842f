// The devices as a table that sorts and opens; on a narrow screen each is a card.

import { el, icon, pairs, show, time } from "/static/dom.js";
import { DRIFT, DRIFT_MEANS, indexAge, isOnline, needsAttention, pace, presence, warmth } from "/static/fleet_words.js";
import { ago, count, exactly, sentence } from "/static/words.js";

const BAD_FIRST = ["rejected", "reverted", "silent", "ahead", "applying", "pending", "in_step"];
const COLUMNS = [
  ["name", "Device", "", (device) => device.name],
  ["state", "State", "", (device) => (isOnline(device) ? 1 : 0)],
  ["follows", "Follows", "", (device) => BAD_FIRST.indexOf(device.drift)],
  ["edged", "edged", "", (device) => device.edged],
  ["config", "Config", "", (device) => device.config],
  ["fps", "Frames/s", "number", (device) => Math.min(Infinity, ...Object.values(device.fps))],
  ["warmth", "Temperature", "number", (device) => -(device.temperature_c ?? -Infinity)],
  ["people", "People", "number", (device) => device.index?.persons ?? -1],
  ["age", "Index age", "number", (device) => -(device.index?.age_s ?? -1)],
];

/** Owns #table: shows devices, remembers what is open, and tells `onSort` when another order is asked for. */
export class Table {
  #root = document.getElementById("table");
  #open = new Set();
  #last = null;

  constructor(onSort) {
    this.#root.addEventListener("click", ({ target }) => {
      const sort = target.closest("[data-sort]");
      if (sort) onSort(sort.dataset.sort);
      const row = target.closest("[data-device]");
      if (row) this.#toggle(row.dataset.device);
    });
  }

  show(devices, order, now) {
    this.#last = [devices, order, now];
    if (!devices.length) return show(this.#root);
    const [, , , key] = COLUMNS.find(([name]) => name === order.by);
    const sorted = [...devices].sort((one, other) => compare(key(one), key(other)) * (order.down ? -1 : 1) || compare(one.name, other.name));
    show(
      this.#root,
      el(
        "table",
        { class: "devices" },
        el("thead", {}, el("tr", {}, ...COLUMNS.map((column) => heading(column, order)), el("th", { scope: "col" }, "Trouble"))),
        el("tbody", {}, ...sorted.flatMap((device) => this.#rows(device, now))),
      ),
    );
  }

  #toggle(name) {
    if (!this.#open.delete(name)) this.#open.add(name);
    this.show(...this.#last);
  }

  #rows(device, now) {
    const open = this.#open.has(device.name);
    const more = open ? [el("tr", { class: "more" }, el("td", { colspan: COLUMNS.length + 1 }, details(device, now)))] : [];
    return [row(device, open, now), ...more];
  }
}

function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

function heading([name, words, kind], order) {
  const sorted = order.by === name;
  const direction = order.down ? "descending" : "ascending";
  return el(
    "th",
    { scope: "col", class: kind || undefined, "aria-sort": sorted ? direction : undefined },
    el("button", { type: "button", class: "sort", "data-sort": name }, words, sorted ? icon(order.down ? "open" : "up") : null),
  );
}

function row(device, open, now) {
  const tone = needsAttention(device) ? "attends" : "";
  return el(
    "tr",
    { class: tone || undefined },
    el(
      "th",
      { scope: "row" },
      el(
        "button",
        { type: "button", class: "name", "data-device": device.name, "aria-expanded": open ? "true" : "false" },
        icon("open"),
        el("span", {}, device.name, device.groups.length ? el("span", { class: "soft groups" }, brief(device.groups.join(", "), 60)) : null),
      ),
    ),
    cell("State", "", mark(presence(device)), isOnline(device) || !device.heard ? null : el("span", { class: "soft since" }, `heard ${ago(Date.parse(device.heard), now)}`)),
    cell("Follows", "", mark(follows(device))),
    cell("edged", "extra", brief(device.edged, 16) || "–"),
    cell("Config", "extra", el("code", {}, device.config.slice(0, 12) || "–")),
    cell("Frames/s", "number", pace(device)),
    cell("Temperature", "number", warmth(device)),
    cell("People", "number extra", device.index ? device.index.persons.toLocaleString("en") : "–"),
    cell("Index age", "number extra", indexAge(device)),
    trouble(device),
  );
}

function cell(label, kind, ...content) {
  return el("td", { "data-label": label, class: kind || undefined }, ...content);
}

function follows(device) {
  const [sign, tone, words] = DRIFT[device.drift];
  return [sign, tone, device.drift === "pending" && device.pending > 1 ? `${device.pending} not yet` : words];
}

/** As much of a device's words as a row has room for; all of it is in its details. */
function brief(words, most) {
  return words.length > most ? `${words.slice(0, most - 1)}…` : words;
}

function mark([name, tone, words]) {
  return el("span", { class: `mark ${tone}` }, icon(name), words);
}

function trouble(device) {
  const names = device.conditions.map(({ name }) => name);
  if (device.restart_required) names.push("restart needed");
  if (!names.length) return cell("Trouble", "extra", el("span", { class: "soft" }, "none"));
  const rest = names.length > 2 ? ` and ${names.length - 2} more` : "";
  return cell("Trouble", "", el("span", { class: "mark warn" }, icon("warn"), names.slice(0, 2).map((name) => brief(name, 40)).join(", ") + rest));
}

function details(device, now) {
  return el(
    "div",
    { class: "details" },
    device.conditions.length ? block("What is wrong", ...device.conditions.map((condition) => wrong(condition, now))) : null,
    block(
      "What it was told",
      DRIFT_MEANS[device.drift] ? el("p", {}, DRIFT_MEANS[device.drift]) : null,
      device.orders.length ? pairs(...device.orders.map(order)) : el("p", { class: "soft" }, "Nothing yet."),
      ...device.problems.map(({ path, message, allowed }) => el("p", { class: "bad" }, path ? el("code", {}, path) : null, ` ${sentence(message)}`, allowed ? ` Allowed: ${allowed}.` : null)),
      device.overruled.length ? el("p", {}, "Does not hold there, since something nearer says otherwise: ", el("code", {}, device.overruled.join(", "))) : null,
    ),
    block(
      "Figures",
      pairs(
        ...Object.entries(device.fps).map(([camera, fps]) => [`Camera ${camera}`, `${fps.toLocaleString("en", { maximumFractionDigits: 1 })} frames/s`]),
        device.index ? ["People", device.index.persons.toLocaleString("en")] : null,
        device.index ? ["Index", el("code", {}, device.index.digest.slice(0, 12))] : null,
        device.index && device.index.age_s !== null ? ["Index age", indexAge(device)] : null,
        ["Configuration", el("code", {}, device.config || "–")],
        ["edged", device.edged || "–"],
        ["Groups", device.groups.join(", ") || null],
        ["Events waiting", device.events_waiting?.toLocaleString("en") ?? null],
        device.heard ? ["Heard", time(ago(Date.parse(device.heard), now), exactly(Date.parse(device.heard)), device.heard)] : null,
      ),
    ),
  );
}

function block(title, ...content) {
  return el("section", { class: "block" }, el("h3", {}, title), ...content);
}

function wrong({ name, what, remedy, since }, now) {
  return el(
    "div",
    { class: "wrong" },
    icon("warn"),
    el("div", {}, el("p", { class: "what" }, sentence(what)), remedy ? el("p", {}, sentence(remedy)) : null, el("p", { class: "soft small" }, el("code", {}, name), `, ${ago(Date.parse(since), now)}`)),
  );
}

function order({ source, desired, followed }) {
  const name = source === "device" ? "Its own topic" : source.replace("group:", "Group ");
  const words = desired === followed ? `version ${desired}` : desired ? `version ${followed || "none"} of ${desired}` : `version ${followed}, no longer on the broker`;
  return [name, words];
}

/** "3 devices". */
export function many(devices) {
  return count(devices.length, "device", "devices");
}
