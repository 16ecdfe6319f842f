// The report of an event, to read, print and sign off: its figures at midnight, or what was removed of it.

import { inAddress } from "/static/address.js";
import { read } from "/static/ask.js";
import { el, icon, pairs, svg } from "/static/dom.js";
import { byWhom } from "/static/photo_purges.js";
import { count, size } from "/static/words.js";

const ADDRESS = "/api/v1/console/photos";
const SOURCES = { upload: "Uploaded", camera: "Booth’s camera", folder: "Watched folder", sync: "From the hub" };
const STATES = { open: "open", closed: "closed", expired: "over for guests" };

async function look() {
  const { event, purge } = inAddress(["event", "purge"]);
  const address = purge ? `${ADDRESS}/purges/${encodeURIComponent(purge)}` : `${ADDRESS}/events/${encodeURIComponent(event)}/sign-off`;
  const page = document.getElementById("report");
  try {
    const { report, copies } = await read(address);
    document.title = `${report.name} – ${report.device} – edged`;
    page.replaceChildren(...(purge ? purged(report, copies) : signedOff(report)), ...proof(report, `${address}?download=1`));
  } catch (error) {
    document.getElementById("trouble").textContent = error.message;
    document.getElementById("trouble").hidden = false;
  }
  page.setAttribute("aria-busy", "false");
}

function signedOff(report) {
  const { photographs, guests, times, consent } = report;
  return [
    head(report, `Sign-off report, made ${moment(report.made)}`),
    part(
      "What came in",
      pairs(
        ["Photographs", number(photographs.came_in)],
        ...Object.entries(photographs.by_source).map(([source, many]) => [SOURCES[source] ?? source, number(many)]),
        ["Size, as they came", size(photographs.bytes)],
        ["Faces in them", number(report.faces)],
        ["Files that were refused", report.refused === null ? null : refusals(report.refused)],
      ),
      photographs.by_hour.length ? hours(photographs.by_hour) : null,
    ),
    part(
      "What is shown",
      pairs(["Shown to guests", number(photographs.shown)], ["Waiting to be checked", number(photographs.waiting)], ["Hidden", number(photographs.hidden)], ["Reported by guests", number(photographs.reported)]),
    ),
    part(
      "Guests",
      pairs(
        ["Searches", number(guests.searches)],
        ["With a face in the selfie", number(guests.with_a_face)],
        ["That found something", number(guests.found_something)],
        ["Photographs each, in the middle", guests.photographs_median === null ? null : String(guests.photographs_median)],
        ["Said “not me” of a photograph", number(guests.not_me)],
        ["Asked to be forgotten", number(guests.forgotten)],
        ["Selfies that are kept", number(guests.selfies_kept)],
      ),
    ),
    part(
      "Consent",
      pairs(["Version now", String(consent.version)], ...consent.searches.map(({ version, searches }) => [version === null ? "Asked for by other programs" : `Under version ${version}`, count(searches, "search", "searches")])),
      consent.text ? el("blockquote", { class: "own-lines" }, consent.text) : el("p", { class: "soft" }, "The event has no text of its own."),
    ),
    part("When it ends", pairs(["Now", STATES[report.state] ?? report.state], ["Made", moment(times.created)], ["Closes", times.closes && moment(times.closes)], ["Closed", times.closed && moment(times.closed)], ["Over for guests, and purged", times.expires ? moment(times.expires) : "when somebody purges it"])),
  ];
}

function purged(report, copies) {
  const { removed, originals } = report;
  return [
    head(report, `Purged: nothing of it is left on this device since ${moment(report.completed)}`),
    part(
      "What was removed",
      pairs(["Photographs", number(removed.photographs)], ["Files", number(removed.files)], ...ofEach(removed), ["Guests forgotten before", number(report.guests_forgotten)]),
    ),
    ...copies.map((copy) =>
      part(
        "At the hub",
        el("p", { class: "soft" }, "What the hub has told this device of its own copies."),
        pairs(["Hub", copy.hub], ["Purged", moment(copy.purged)], ["Told", moment(copy.told)], ["Photographs", number(copy.removed.photographs)], ...ofEach(copy.removed)),
      ),
    ),
    part("Who and when", pairs(["By", byWhom(report.by)], ["Asked for", moment(report.requested)], ["Nothing left", moment(report.completed)], ["Event", report.event])),
    part(
      "Marks of the photographs",
      el("p", { class: "soft" }, "Whoever has one of the files can tell that it was among them; from the marks alone nobody can tell anything."),
      pairs(["Marks", number(originals.count)], ["Digest of all", el("code", {}, originals.digest)]),
    ),
  ];
}

function ofEach(removed) {
  return [
    ["Size, as they came", size(removed.bytes)],
    ["Templates of faces", number(removed.faces)],
    ["Searches of guests", number(removed.searches)],
    ["Selfies", number(removed.selfies)],
    ["“Not me” of guests", number(removed.denials)],
  ];
}

function number(value) {
  return value.toLocaleString("en");
}

function head(report, words) {
  const print = el("button", { type: "button", class: "button" }, "Print");
  print.addEventListener("click", () => window.print());
  return el("header", {}, el("p", { class: "no-print" }, el("a", { href: "/photos" }, "All events")), el("div", { class: "head" }, el("h1", {}, report.name), el("div", { class: "actions no-print" }, print)), el("p", { class: "soft" }, words), el("p", { class: "soft small" }, `${report.device} · ${report.organisation}/${report.slug}`));
}

function proof(report, file) {
  return [
    part(
      "Signature",
      el("p", { class: "soft" }, "This device has signed the report with its own key. Check the file on any device with: edged event verify-report"),
      pairs(["Key of the device", el("code", {}, report.public_key)], ["Signature", el("code", {}, report.signature)]),
      el("p", { class: "actions no-print" }, el("a", { class: "button", href: file, download: true }, icon("down"), "Signed file")),
    ),
    el("p", { class: "sign-line", "aria-hidden": "true" }, el("span", {}, "Date"), el("span", {}, "Signed off by")),
  ];
}

function part(title, ...children) {
  return el("section", {}, el("h2", {}, title), ...children);
}

function refusals(refused) {
  const many = Object.entries(refused);
  return many.length ? many.map(([reason, files]) => `${files.toLocaleString("en")} ${reason.replaceAll("_", " ")}`).join(", ") : "none";
}

/** Photographs by the hour in which they came in, as a small chart with its numbers. */
function hours(byHour) {
  const most = Math.max(...byHour.map(({ photographs }) => photographs));
  const rows = byHour.map(({ hour, photographs }) => {
    const bar = svg("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { width: (100 * photographs) / most, height: 10 }));
    return el("tr", {}, el("th", { scope: "row" }, hourOf(hour)), el("td", { class: "number" }, photographs.toLocaleString("en")), el("td", { class: "chart" }, bar));
  });
  return el("table", { class: "hours" }, el("caption", { class: "unseen" }, "Photographs by hour"), el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Hour"), el("th", { scope: "col", class: "number" }, "Photographs"), el("td", {}))), el("tbody", {}, ...rows));
}

/** The hour as the device told it, in its own time zone. */
function hourOf(instant) {
  const [day, rest] = instant.split("T");
  return `${Number(day.slice(8))}.${Number(day.slice(5, 7))}. ${rest.slice(0, 5)}`;
}

function moment(instant) {
  return new Date(instant).toLocaleString("en-GB", { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" });
}

look();
