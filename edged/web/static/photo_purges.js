// Purging an event, and the list of those that were: how far each is, and its signed report.

import { change } from "/static/ask.js";
import { el, icon, time } from "/static/dom.js";
import { ask, toast } from "/static/shell.js";
import { ago, count, exactly } from "/static/words.js";

const ADDRESS = "/api/v1/console/photos";

/** Asks for the event's name and purges it; resolves to whether it was. */
export async function confirmPurge(event) {
  const photos = event.shown + event.waiting + event.hidden;
  const destroyed = [
    `${count(photos, "photograph", "photographs")} in all ${photos === 1 ? "its" : "their"} sizes`,
    `the templates of ${count(event.faces, "face", "faces")}`,
    `${count(event.searches, "search", "searches")} of guests, with what they said of them`,
    event.selfies ? count(event.selfies, "selfie", "selfies") : null,
  ].filter(Boolean);
  const text = `This destroys ${destroyed.join(", ")}, and with them every link and QR code. It cannot be undone. A signed report of what was removed stays.`;
  if (!(await ask({ title: `Purge ${event.name}?`, text, action: `Purge ${event.name}`, danger: true, typed: event.slug }))) return false;
  try {
    await change(`${ADDRESS}/events/${event.slug}/purge`, { typed: event.slug });
    return true;
  } catch (error) {
    toast(error.message, { tone: "bad" });
    return false;
  }
}

/** The events that were purged, the latest first. */
export function purgeList(purges) {
  const rows = purges.map((purge) => {
    const then = Date.parse(purge.at);
    return el(
      "li",
      {},
      el("div", { class: "what" }, el("strong", {}, purge.name), el("span", { class: "soft small" }, `${purge.slug} · ${count(purge.photographs, "photograph", "photographs")} · by ${byWhom(purge.by)}`)),
      time(ago(then, Date.now()), exactly(then), purge.at),
      purge.signed ? reports(purge) : progress(purge),
    );
  });
  return [el("div", { class: "head" }, el("h2", { id: "purges-title" }, "Purged events")), el("ul", { class: "purge-list" }, ...rows)];
}

function reports(purge) {
  return el(
    "div",
    { class: "actions" },
    el("span", { class: "chip good" }, icon("known"), "Nothing is left"),
    purge.at_hub ? el("span", { class: "chip good", title: exactly(Date.parse(purge.at_hub)) }, icon("known"), "Nor at the hub") : null,
    el("a", { class: "button", href: `/event-report?purge=${purge.event}`, "aria-label": `Report of ${purge.name}` }, icon("audit"), "Report"),
    el("a", { class: "button", href: `${ADDRESS}/purges/${purge.event}?download=1`, download: true, "aria-label": `Download the signed report of ${purge.name}` }, icon("down"), "Signed file"),
  );
}

function progress(purge) {
  const counted = purge.step === "files" && purge.files > 0;
  const words = purge.step === "files" ? `${purge.files_done.toLocaleString("en")} of ${purge.files.toLocaleString("en")} files are removed` : "The files are gone; leftovers are being removed";
  return el(
    "div",
    { class: "purging" },
    el("progress", { max: counted ? String(purge.files) : undefined, value: counted ? String(purge.files_done) : undefined, "aria-label": `Purging ${purge.name}` }),
    el("span", { class: "small" }, words),
  );
}

/** Who had an event purged, for people. */
export function byWhom(by) {
  if (by === "device") return "the clock";
  return by.replace(/^account:/, "").replace(/^shell:/, "command line, ");
}
