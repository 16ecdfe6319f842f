// All devices of the hub's broker: asks the hub every few seconds, with the token of whoever reads.

import { el, icon, show } from "/static/dom.js";
import { showPushes } from "/static/fleet_pushes.js";
import { Table, many } from "/static/fleet_table.js";
import { isOnline, needsAttention } from "/static/fleet_words.js";
import { ago, clock, sentence } from "/static/words.js";

const EVERY_MS = 4000;
const KEY = "edged-token";
const FILTERS = [
  ["all", "All", () => true],
  ["attention", "Need attention", needsAttention],
  ["offline", "Not online", (device) => !isOnline(device)],
  ["pending", "Changes pending", (device) => device.pending > 0 || device.drift === "applying"],
];

const part = (name) => document.getElementById(name);
const wanted = new URLSearchParams(location.search);
const order = { by: wanted.get("sort") ?? "name", down: wanted.has("down") };
const table = new Table(sortBy);
let fleet = null;
let pushes = [];
let heard = null;
let asking = 0;

/** The answer of an address; throws an Error with `status` where it is refused. */
async function ask(address) {
  const response = await fetch(address, { headers: { authorization: `Bearer ${sessionStorage.getItem(KEY)}`, accept: "application/json" }, cache: "no-store" });
  const document = await response.json();
  if (response.ok) return document;
  const { what, remedy } = document.error;
  throw Object.assign(new Error([what, remedy].filter(Boolean).map(sentence).join(" ")), { status: response.status });
}

async function look() {
  const own = ++asking;
  if (!sessionStorage.getItem(KEY)) return showSignIn("");
  try {
    const [found, said] = await Promise.all([ask("/edged/v1/fleet"), ask("/edged/v1/fleet/pushes?limit=500")]);
    if (own !== asking) return;
    [fleet, pushes, heard] = [found, said.pushes, Date.now()];
    part("trouble").hidden = fleet.connected;
    part("trouble").textContent = fleet.connected ? "" : `The broker cannot be heard: ${sentence(fleet.trouble)} What you see is how it stood ${ago(Date.parse(fleet.at), Date.now())}.`;
    render();
  } catch (error) {
    if (own !== asking) return;
    if (error.status === 401 || error.status === 403) return showSignIn(error.message);
    part("trouble").hidden = false;
    part("trouble").textContent = `${error.status ? error.message : "The hub does not answer."} ${heard ? `What you see is from ${clock(heard)}.` : ""} It is asked again every few seconds.`;
    life("bad", "away", "No connection");
  }
}

function render() {
  part("sign-in").hidden = true;
  part("fleet").hidden = part("leave").hidden = false;
  const now = Date.parse(fleet.at);
  const attention = fleet.devices.filter(needsAttention);
  document.title = `${attention.length ? `(${attention.length}) ` : ""}Fleet – edged hub`;
  part("as-of").textContent = `${many(fleet.devices)}, as of ${clock(now)}`;
  if (!fleet.connected) life("bad", "away", "Broker away");
  else if (attention.length) life("warn", "warn", attention.length === 1 ? "1 needs attention" : `${attention.length} need attention`);
  else life("good", "well", "All well");
  showTiles();
  showFilters();
  const chosen = fleet.devices.filter(chooses);
  table.show(chosen, order, now);
  showNobody(chosen);
  showPushes(pushes, now);
}

function showTiles() {
  const tiles = [
    ["Online", fleet.devices.filter(isOnline).length, "well", "good"],
    ["Not online", fleet.devices.filter((device) => !isOnline(device)).length, "away", "bad"],
    ["Changes pending", fleet.devices.filter(FILTERS[3][2]).length, "wait", "warn"],
    ["Rejected or went back", fleet.devices.filter(({ drift }) => ["rejected", "reverted"].includes(drift)).length, "away", "bad"],
    ["With trouble", fleet.devices.filter(({ conditions }) => conditions.length).length, "warn", "warn"],
  ];
  show(
    part("tiles"),
    ...tiles.map(([words, number, sign, tone]) =>
      el("li", { class: `tile ${number ? tone : ""}` }, icon(number ? sign : "off"), el("span", { class: "figure" }, number.toLocaleString("en")), el("span", { class: "small" }, words)),
    ),
  );
}

function showFilters() {
  const filter = wanted.get("show") ?? "all";
  if (!part("filter").querySelector("input")) {
    part("filter").append(...FILTERS.map(([name, words]) => el("label", {}, el("input", { type: "radio", name: "show", value: name, checked: name === filter }), el("span", {}, words))));
  }
  const groups = fleet.groups.map(({ name }) => name);
  part("group").hidden = !groups.length;
  if (document.activeElement !== part("group")) {
    show(part("group"), el("option", { value: "" }, "All groups"), ...fleet.groups.map(({ name, members }) => el("option", { value: name, selected: name === wanted.get("group") }, `${name} (${members})`)));
  }
}

function chooses(device) {
  const [, , fits] = FILTERS.find(([name]) => name === wanted.get("show")) ?? FILTERS[0];
  const group = wanted.get("group");
  return fits(device) && (!group || device.groups.includes(group)) && device.name.toLowerCase().includes((wanted.get("name") ?? "").toLowerCase());
}

function showNobody(chosen) {
  part("nobody").hidden = chosen.length > 0;
  const words = fleet.devices.length
    ? [el("p", { class: "title" }, icon("well"), "No device fits."), el("p", { class: "soft" }, "Others are under All.")]
    : [el("p", { class: "title" }, icon("off"), "No device has spoken yet."), el("p", {}, "Set mqtt in /etc/edged/edged.yaml of a device to this broker, with the same prefix.")];
  show(part("nobody"), ...words);
}

function life(tone, sign, words) {
  part("life").className = `life ${tone}`;
  show(part("life"), icon(sign), words);
}

function showSignIn(why) {
  sessionStorage.removeItem(KEY);
  fleet = null;
  part("fleet").hidden = part("leave").hidden = part("trouble").hidden = true;
  part("life").className = "life";
  show(part("life"));
  part("as-of").textContent = "";
  part("denied").hidden = !why;
  part("denied").textContent = why;
  if (part("sign-in").hidden) {
    part("sign-in").hidden = false;
    part("token").focus();
  }
}

function sortBy(name) {
  order.down = order.by === name && !order.down;
  order.by = name;
  remember("sort", name === "name" ? "" : name);
  remember("down", order.down ? "1" : "");
}

/** What is shown stands in the address, so that it can be sent to somebody, and survives a reload. */
function remember(name, value) {
  if (value) wanted.set(name, value);
  else wanted.delete(name);
  history.replaceState(null, "", wanted.size ? `?${wanted}` : location.pathname);
  if (fleet) render();
}

part("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, part("token").value.trim());
  part("token").value = "";
  look();
});
part("leave").addEventListener("click", () => showSignIn(""));
part("filter").addEventListener("change", ({ target }) => remember("show", target.value === "all" ? "" : target.value));
part("group").addEventListener("change", ({ target }) => remember("group", target.value));
part("search").addEventListener("input", ({ target }) => remember("name", target.value));
part("search").value = wanted.get("name") ?? "";
const lookAgain = () => document.hidden || !sessionStorage.getItem(KEY) || look();
setInterval(lookAgain, EVERY_MS);
document.addEventListener("visibilitychange", lookAgain);
look();
