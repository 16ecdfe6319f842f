// Making an event and changing it: what guests agree to as they will read it, when it ends, and who may find what.

import { change } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";

const ADDRESS = "/api/v1/console/photos/events";
const DAY_MS = 86_400_000;
const CONSENT = "We look for your face in the photographs of this event, and show you those you are in. Your selfie is not kept. What we remember of your face is deleted with the event, or at once when you ask.";
const CLOSES = [
  ["", "When I close it"],
  ["tonight", "Tonight at midnight"],
  ["tomorrow", "Tomorrow at midnight"],
  ["at", "At a time …"],
];
const EXPIRES = [
  ["30", "In 30 days"],
  ["7", "In 7 days"],
  ["1", "In 24 hours"],
  ["tonight", "Tonight at midnight"],
  ["", "When I purge it"],
  ["at", "At a time …"],
];
const THRESHOLDS = [
  ["0.5", "Strict (0.5)"],
  ["0.05", "Balanced (0.05)"],
  ["0.005", "Generous (0.005)"],
  ["own", "Another number …"],
];
/** What was measured in an event of 1,660 faces, see docs/benchmarks.md. */
const MEASURED = {
  0.5: "Finds about 96 of 100 photographs that somebody is in; of 1,000 that are shown about 1 is somebody else’s.",
  0.05: "Finds about 98 of 100 photographs that somebody is in; of 1,000 that are shown about 2 are somebody else’s.",
  0.005: "Finds about 99 of 100 photographs that somebody is in; of 1,000 that are shown about 17 are somebody else’s.",
};

/** Lets the reader make an event, or change one; resolves to the event as it is saved, or to null. */
export function editEvent(event) {
  return new Promise((resolve) => {
    const fields = fieldsOf(event);
    const problem = el("div", { role: "alert" });
    const save = el("button", { type: "submit", class: "button main" }, event ? "Save" : "Make and open it");
    const cancel = el("button", { type: "button", class: "button" }, "Cancel");
    const form = el("form", { autocomplete: "off" }, el("h2", { id: "event-form-title" }, event ? `Edit ${event.name}` : "A new event"), ...fields.nodes, problem, el("div", { class: "actions" }, save, cancel));
    const box = el("dialog", { class: "dialog wide", "aria-labelledby": "event-form-title" }, form);
    let saved = null;
    form.addEventListener("input", ({ target }) => fields.follow(form, target));
    form.addEventListener("submit", async (submitted) => {
      submitted.preventDefault();
      save.disabled = true;
      show(problem);
      try {
        const wanted = fields.wanted(form);
        saved = (await change(event ? `${ADDRESS}/${event.slug}/change` : ADDRESS, event ? wanted : { ...wanted, slug: form.elements.slug.value })).event;
        box.close();
      } catch (error) {
        show(problem, el("p", { class: "problem" }, icon("warn"), el("span", {}, error.message)));
        save.disabled = false;
      }
    });
    cancel.addEventListener("click", () => box.close());
    box.addEventListener("close", () => {
      box.remove();
      resolve(saved);
    });
    document.body.append(box);
    fields.follow(form, null);
    box.showModal();
    form.elements.name.focus();
  });
}

function fieldsOf(event) {
  const preview = el("div", { class: "consent-preview", "aria-label": "What guests read", role: "group" });
  const version = el("p", { class: "soft small", role: "status" });
  const sure = el("p", { class: "soft small", role: "status" });
  const nodes = [
    el(
      "div",
      { class: "fields" },
      labelled("Name", el("input", { type: "text", name: "name", required: true, maxlength: 120, value: event?.name ?? "" }), "guests see it"),
      event ? null : labelled("In addresses", el("input", { type: "text", name: "slug", required: true, maxlength: 64, pattern: "[a-z0-9\\-]+", spellcheck: "false" }), "a–z, 0–9 and hyphens; stays"),
    ),
    el(
      "div",
      { class: "consent" },
      el("div", {}, labelled("What guests agree to", area(event), "in plain words"), version),
      el("div", {}, el("p", { class: "small soft" }, "As guests read it"), preview),
    ),
    el(
      "div",
      { class: "fields" },
      el("div", {}, labelled("Takes no more photographs", choice("closes", CLOSES, event ? (event.closes ? "at" : "") : "tonight")), when("closes_at", "Closes at", event?.closes)),
      el("div", {}, labelled("Over for guests, and purged", choice("expires", EXPIRES, event ? (event.expires ? "at" : "") : "30"), "everything is deleted then"), when("expires_at", "Over at", event?.expires)),
      el("div", {}, labelled("How sure to be who is in one", choice("threshold", THRESHOLDS, thresholdOf(event))), labelled("Confidence", el("input", { type: "number", name: "own", min: "0", max: "1", step: "any", value: String(event?.threshold ?? 0.05) }), "0 to 1"), sure),
    ),
    el(
      "fieldset",
      { class: "ticks-list" },
      el("legend", {}, "What the event offers and keeps"),
      tick("selfie_search", "Guests find their photographs with a selfie", event?.selfie_search ?? true),
      tick("downloads", "Guests may download them", event?.downloads ?? true),
      tick("is_moderated", "Photographs are shown once somebody has let them through here", event?.is_moderated ?? false),
      tick("keeps_originals", "The files are kept as they came, not only what is shown of them", event?.keeps_originals ?? true),
      tick("keeps_selfies", "Guests’ selfies are kept: say so in what they agree to", event?.keeps_selfies ?? false),
      tick("forgets_faces", "A guest who asks to be forgotten takes their face out of all photographs’ index", event?.forgets_faces ?? true),
      tick("enabled", "The event is on: guests and programs see it", event?.enabled ?? true),
    ),
  ];
  const follow = (form, target) => {
    const { elements } = form;
    if (elements.slug && (target === elements.name || target === null) && !elements.slug.dataset.touched) elements.slug.value = slugOf(elements.name.value);
    if (target === elements.slug) elements.slug.dataset.touched = "yes";
    for (const name of ["closes", "expires"]) elements[`${name}_at`].closest("label").hidden = elements[name].value !== "at";
    elements.own.closest("label").hidden = elements.threshold.value !== "own";
    sure.textContent = MEASURED[elements.threshold.value] ?? "A higher one finds fewer, and fewer that are wrong.";
    const text = elements.consent.value.trim();
    show(preview, el("p", { class: "name" }, elements.name.value.trim() || "The event"), el("p", { class: "own-lines" }, text || "Only what the booth says by itself."), el("p", { class: "answers" }, el("span", { class: "yes" }, "I agree"), el("span", { class: "no" }, "No, thank you")));
    const changed = event && text !== event.consent;
    version.textContent = !event ? "This will be version 1." : changed ? `Saving makes this version ${event.consent_version + 1}: guests agree to it from then on.` : `This is version ${event.consent_version}.`;
  };
  const wanted = ({ elements }) => ({
    name: elements.name.value.trim(),
    consent: elements.consent.value.trim(),
    closes: timeOf(elements.closes.value, elements.closes_at, event?.closes),
    expires: timeOf(elements.expires.value, elements.expires_at, event?.expires),
    threshold: Number(elements.threshold.value === "own" ? elements.own.value : elements.threshold.value),
    ...Object.fromEntries(["selfie_search", "downloads", "is_moderated", "keeps_originals", "keeps_selfies", "forgets_faces", "enabled"].map((name) => [name, elements[name].checked])),
  });
  return { nodes: nodes.filter(Boolean), follow, wanted };
}

function labelled(words, input, hint = "") {
  return el("label", { class: "field" }, el("span", {}, words, hint ? el("span", { class: "soft" }, ` – ${hint}`) : null), input);
}

function area(event) {
  const made = el("textarea", { name: "consent", rows: "6", maxlength: 8000 });
  made.value = event ? event.consent : CONSENT;
  return made;
}

function choice(name, options, chosen) {
  return el("select", { name }, ...options.map(([value, words]) => el("option", { value, selected: value === chosen }, words)));
}

function when(name, words, instant) {
  const shown = instant ? local(new Date(instant)) : "";
  return labelled(words, el("input", { type: "datetime-local", name, value: shown, "data-shown": shown }));
}

function tick(name, words, checked) {
  return el("label", { class: "tick" }, el("input", { type: "checkbox", name, checked }), words);
}

function thresholdOf(event) {
  const value = String(event?.threshold ?? 0.05);
  return THRESHOLDS.some(([one]) => one === value) ? value : "own";
}

/** The moment that was chosen, as the device reads it. One that was not touched stays as exact as it was. */
function timeOf(chosen, field, before) {
  if (chosen === "") return null;
  if (chosen === "tonight" || chosen === "tomorrow") {
    const midnight = new Date();
    midnight.setHours(24 + (chosen === "tomorrow" ? 24 : 0), 0, 0, 0);
    return midnight.toISOString();
  }
  if (chosen !== "at") return new Date(Date.now() + Number(chosen) * DAY_MS).toISOString();
  if (before && field.value === field.dataset.shown) return before;
  if (!field.value) throw new Error("Say when: a time is missing.");
  return new Date(field.value).toISOString();
}

function local(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function slugOf(name) {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);
}
