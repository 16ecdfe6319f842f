// An event in figures and words, the room that photographs take, and how far the watched folder is.

import { el, icon, pairs, time } from "/static/dom.js";
import { ago, capital, count, exactly, size } from "/static/words.js";

const STATES = {
  open: ["good", "known", "Open"],
  closed: ["", "stop", "Closed"],
  expired: ["warn", "wait", "Over"],
};
const FULL = {
  refuse: "When it is full, new photographs are refused and nothing is deleted.",
  oldest: "When it is full, the oldest photographs of events that are closed are deleted for new ones.",
};
const NEARLY = 0.9;

/** One event in the list of all. */
export function eventCard(event) {
  return el(
    "li",
    { class: "card event-card" },
    el("h3", {}, el("a", { href: `/photos?event=${event.slug}`, "data-event": event.slug }, event.name)),
    el("div", { class: "chips" }, ...chips(event)),
    el(
      "dl",
      { class: "counts" },
      figure(event.shown, "shown"),
      figure(event.waiting, "to check", event.waiting > 0),
      figure(event.searches, "searches"),
      figure(size(event.bytes), "as they came"),
    ),
    el("p", { class: "soft small" }, ends(event)),
  );
}

/** All of one event, above its photographs. */
export function eventHead(event, { mayChange, mayDestroy }) {
  const report = el("a", { class: "button", href: `/event-report?event=${event.slug}` }, icon("audit"), "Sign-off report");
  const over = event.state === "expired";
  return [
    el("p", {}, el("a", { href: "/photos", "data-event": "" }, "All events")),
    el("div", { class: "chips" }, ...chips(event), ...features(event)),
    el(
      "dl",
      { class: "counts wide" },
      figure(event.shown, "shown"),
      figure(event.waiting, "to check", event.waiting > 0),
      figure(event.hidden, "hidden"),
      figure(event.faces, "faces"),
      figure(event.searches, "searches"),
      figure(event.denials, "“not me”"),
      figure(event.guests_forgotten, "forgotten"),
      figure(size(event.bytes), "as they came"),
    ),
    el("p", { class: "soft" }, `${ends(event)}.`),
    el(
      "details",
      { class: "more-facts" },
      el("summary", {}, "All about it"),
      pairs(
        ["In addresses", event.slug],
        ["Made", moment(event.created)],
        ["Closes", event.closes ? moment(event.closes) : null],
        ["Closed", event.closed ? moment(event.closed) : null],
        ["Over for guests", event.expires ? moment(event.expires) : null],
        ["Is purged", event.purges_at ? moment(event.purges_at) : null],
        ["Consent", event.consent ? `version ${event.consent_version}` : "no text of its own"],
        ["Confidence from which a photograph is shown to a guest", String(event.threshold)],
      ),
      event.consent ? el("blockquote", { class: "own-lines" }, event.consent) : null,
    ),
    el(
      "div",
      { class: "actions" },
      mayChange ? act("edit", "edit", "Edit …") : null,
      mayChange && event.state === "open" ? act("close", "stop", "Close") : null,
      mayChange && event.state === "closed" ? act("open", "go", "Open again") : null,
      report,
      mayDestroy ? act("purge", "remove", "Purge …", "danger") : null,
    ),
    over ? el("p", { class: "note warn" }, icon("warn"), el("span", {}, "It is over: guests find nothing any more, and it is purged by the clock. To keep it, edit the event and put the end off.")) : null,
  ].filter(Boolean);
}

/** How much room photographs take. */
export function storageCard(storage) {
  const { used_bytes: used, most_bytes: most, when_full: full } = storage;
  const share = most ? used / most : 0;
  const tone = share >= 1 ? "bad" : share >= NEARLY ? "warn" : "good";
  const words = `${size(used)} of ${size(most)}`;
  return [
    el("div", { class: "head" }, el("h2", { id: "storage-title" }, "Storage"), tone === "good" ? null : el("span", { class: `chip ${tone}` }, icon("warn"), tone === "bad" ? "Full" : "Nearly full")),
    el("meter", { class: tone, min: "0", max: String(most), value: String(Math.min(used, most)), "aria-label": "Room that photographs take" }, words),
    el("p", {}, words),
    el("p", { class: "soft small" }, FULL[full] ?? ""),
  ];
}

/** How far the watched folder is. */
export function intakeCard(intake) {
  const all = intake.done + intake.waiting;
  const state = intake.waiting ? (intake.event ? `${count(intake.waiting, "photograph waits", "photographs wait")}.` : "No event is open: what lies there waits.") : "All that lies there is in.";
  const refused = intake.refusals.map(({ name, what }) => el("li", {}, icon("warn"), el("span", {}, el("strong", {}, name), " – ", capital(what))));
  return [
    el("div", { class: "head" }, el("h2", { id: "intake-title" }, "Watched folder"), intake.waiting ? el("span", { class: "chip" }, icon("wait"), "Reading") : null),
    el("progress", { max: String(Math.max(all, 1)), value: String(all ? intake.done : 1), "aria-label": "Photographs of the watched folder that are in" }),
    el("p", {}, `${intake.done.toLocaleString("en")} of ${all.toLocaleString("en")}. ${state}`, intake.ends ? [" Done ", el("strong", {}, clockOf(intake.ends)), "."] : ""),
    el("p", { class: "soft small" }, intake.folder),
    intake.refused ? el("details", {}, el("summary", {}, count(intake.refused, "file was refused", "files were refused")), el("ul", { class: "refused" }, ...refused)) : null,
  ].filter(Boolean);
}

function chips(event) {
  const [tone, mark, words] = STATES[event.state];
  return [el("span", { class: `chip ${tone}` }, icon(mark), words), event.current ? el("span", { class: "chip" }, icon("camera"), "The booth adds here") : null];
}

function features(event) {
  return [
    event.is_moderated ? "Checked before shown" : null,
    event.selfie_search ? null : "No selfie search",
    event.downloads ? null : "No downloads",
    event.keeps_originals ? null : "Originals not kept",
    event.keeps_selfies ? "Selfies kept" : null,
    event.enabled ? null : "Switched off for guests",
  ]
    .filter(Boolean)
    .map((words) => el("span", { class: "chip" }, words));
}

function figure(value, words, stands = false) {
  return el("div", { class: stands ? "stands" : undefined }, el("dt", {}, words), el("dd", {}, typeof value === "number" ? value.toLocaleString("en") : value));
}

function act(what, mark, words, tone = "") {
  return el("button", { type: "button", class: `button ${tone}`, "data-do": what }, icon(mark), words);
}

function ends(event) {
  if (event.purges_at) return `Over; purged ${clockOf(event.purges_at)}`;
  const closes = event.state === "open" ? (event.closes ? `closes ${clockOf(event.closes)}` : "closes when somebody closes it") : null;
  const expires = event.expires ? `over for guests ${clockOf(event.expires)}` : "is there until somebody purges it";
  return capital([closes, expires].filter(Boolean).join(", "));
}

/** A time to come or past, short: today only the time of day. */
function clockOf(instant) {
  const then = new Date(instant);
  const today = then.toDateString() === new Date().toDateString();
  const hour = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return today ? `at ${hour}` : `on ${then.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short" })} at ${hour}`;
}

function moment(instant) {
  const then = Date.parse(instant);
  return time(then > Date.now() ? exactly(then) : ago(then, Date.now()), exactly(then), instant);
}
