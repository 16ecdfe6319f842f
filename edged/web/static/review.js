// Visits of people nobody knew: enrolled with the chosen pictures, given a made-up name, or ignored.
//
// Within a group E enrols, N names, I ignores, and J and K go to the next group and back.

import { change, may, read } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { EnrolForm } from "/static/enrol.js";
import { madeUp } from "/static/made-up.js";
import { ago, count, exactly } from "/static/words.js";

const AGAIN_MS = 30_000;
const MOST_PICTURES = 16;
const CHOSEN_AT_FIRST = 8;

/** Owns the section #review. */
class Review {
  #groups = document.getElementById("groups");
  #nobody = document.getElementById("nobody");
  #waiting = document.getElementById("waiting");
  #trouble = document.getElementById("trouble");
  #done = document.getElementById("done");
  #reading = false;
  #mayEnrol = false;

  constructor() {
    document.getElementById("reload").addEventListener("click", () => this.look());
    this.#groups.addEventListener("keydown", (event) => this.#shortcut(event));
    setInterval(() => document.hidden || this.#filling() || this.look(), AGAIN_MS);
    this.#begin();
  }

  async #begin() {
    this.#mayEnrol = await may("installer").catch(() => false);
    this.look();
  }

  /** Reads what there is, until the device has compared all of it. */
  async look() {
    if (this.#reading) return;
    this.#reading = true;
    try {
      let waiting = 1;
      if (this.#nobody.hidden && !this.#groups.children.length) this.#waiting.textContent = "Comparing …";
      while (waiting) {
        const answer = await read("/api/v1/console/review");
        waiting = answer.waiting;
        this.#trouble.hidden = true;
        this.#waiting.textContent = waiting ? `Comparing ${count(waiting, "more visit", "more visits")} …` : "";
        if (!this.#filling()) this.#render(answer.groups);
      }
    } catch (error) {
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
      this.#waiting.textContent = "";
    }
    this.#reading = false;
  }

  /** Whether somebody is filling in a form: what they look at must not change under their hands. */
  #filling() {
    return this.#groups.querySelector("form") !== null;
  }

  #render(groups) {
    const rows = new Map([...this.#groups.children].map((row) => [row.dataset.visits, row]));
    const wanted = groups.map(({ visits, likely }) => {
      const key = [...visits.map(({ event }) => event), likely].join(" ").trim();
      return rows.get(key) ?? this.#row(key, visits, likely);
    });
    rows.forEach((row) => wanted.includes(row) || row.remove());
    wanted.forEach((row, index) => {
      if (this.#groups.children[index] !== row) this.#groups.insertBefore(row, this.#groups.children[index] ?? null);
    });
    this.#showNobody();
  }

  #showNobody() {
    const empty = !this.#groups.children.length;
    this.#nobody.hidden = !empty;
    const advice = "Visits of people who are not enrolled appear here with their pictures: to be enrolled, to be known again by a made-up name, or to be ignored.";
    show(this.#nobody, el("div", { class: "empty" }, icon("review"), el("p", { class: "title" }, "Nobody to review"), el("p", { class: "soft" }, advice)));
  }

  #row(key, visits, likely) {
    const faces = visits.map((visit, index) => face(visit, index < CHOSEN_AT_FIRST));
    const enrol = this.#mayEnrol ? act("E", "Enrol …", "main") : null;
    const dismiss = act("I", "Ignore");
    const again = likely ? act("A", `${likely} again`) : null;
    const name = act("N", "Give a name …");
    const actions = el("div", { class: "actions" }, enrol, dismiss, again, name);
    const title = el("h3", {}, heading(visits));
    const hint = likely ? el("p", { class: "likely" }, icon("person"), el("span", {}, "Looks like ", el("strong", {}, likely), ", whom somebody has named before.")) : null;
    const list = el("ul", { class: "faces" }, ...faces);
    const row = el("li", { class: "group card", "data-visits": key }, title, hint, list, actions);
    const fold = (form, opener) => {
      actions.hidden = true;
      row.append(form.element);
      form.focus();
      return () => {
        form.element.remove();
        actions.hidden = false;
        opener.focus();
      };
    };
    enrol?.addEventListener("click", () => {
      const form = new EnrolForm((wanted) => this.#enrol(row, wanted), () => close());
      const close = fold(form, enrol);
    });
    name.addEventListener("click", () => {
      const form = new NameForm((wanted) => this.#name(row, visits, wanted), () => close());
      const close = fold(form, name);
    });
    again?.addEventListener("click", () => this.#name(row, visits, likely).catch((error) => this.#complain(error)));
    dismiss.addEventListener("click", () => this.#dismiss(row, visits));
    return row;
  }

  /** Letters act on the group that has the focus; where text is typed they are letters. */
  #shortcut(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const row = event.target.closest(".group");
    const key = event.key.toUpperCase();
    if (key === "J" || key === "K") {
      const next = key === "J" ? row.nextElementSibling : row.previousElementSibling;
      next?.querySelector(".actions button, form input")?.focus();
      if (next) event.preventDefault();
      return;
    }
    const button = row.querySelector(`.actions:not([hidden]) > button[aria-keyshortcuts="${CSS.escape(key)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  #complain(error) {
    this.#trouble.textContent = error.message;
    this.#trouble.hidden = false;
  }

  async #name(row, visits, wanted) {
    const events = visits.map(({ event }) => event);
    const { name } = await change("/api/v1/console/review/name", { events, name: wanted });
    this.#say(row, `${count(events.length, "visit is", "visits are")} shown as ${name} from now on, on this device only.`, this.#undo(() => change("/api/v1/console/review/name", { events, name: "" })));
  }

  #undo(work) {
    const undo = el("button", { type: "button", class: "button" }, "Undo");
    undo.addEventListener("click", async () => {
      try {
        await work();
        this.#done.replaceChildren();
      } catch (error) {
        this.#complain(error);
      }
      this.look();
    });
    return undo;
  }

  async #enrol(row, wanted) {
    const events = [...row.querySelectorAll(".face :checked")].map(({ value }) => value);
    if (!events.length) throw new Error("Choose one picture at least.");
    if (events.length > MOST_PICTURES) throw new Error(`Choose ${MOST_PICTURES} pictures at most.`);
    const { name, pictures, refused } = await change("/api/v1/console/review/enroll", { ...wanted, events });
    const left = refused.length ? ` ${count(refused.length, "picture was", "pictures were")} not taken: ${refused.join("; ")}.` : "";
    this.#say(row, `${name} is enrolled with ${count(pictures, "picture", "pictures")} and is recognised from now on.${left}`);
  }

  async #dismiss(row, visits) {
    const events = visits.map(({ event }) => event);
    const buttons = row.querySelectorAll(".actions button");
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await change("/api/v1/console/review/dismiss", { events });
    } catch (error) {
      buttons.forEach((button) => { button.disabled = false; });
      this.#complain(error);
      return;
    }
    const undo = this.#undo(() => change("/api/v1/console/review/dismiss", { events, undo: true }));
    this.#say(row, `${count(events.length, "visit is", "visits are")} ignored. Who comes again is shown again.`, undo);
  }

  /** A group is dealt with: it leaves, what was done is said, and the keyboard goes on from there. */
  #say(row, words, ...more) {
    row.remove();
    this.#showNobody();
    this.#trouble.hidden = true;
    this.#done.replaceChildren(el("p", {}, icon("known"), el("span", {}, words), ...more));
    (more[0] ?? document.getElementById("review")).focus();
    this.look();
  }
}

/** The form in which a stranger gets a made-up name. submit(name): does it, or throws; close(): puts it away. */
class NameForm {
  #input = el("input", { name: "pseudonym", type: "text", required: true, maxlength: "40", autocomplete: "off" });
  #problem = el("div", { role: "alert" });

  constructor(submit, close) {
    const another = el("button", { type: "button", class: "button" }, "Another one");
    const save = el("button", { type: "submit", class: "button main" }, "Use this name");
    const cancel = el("button", { type: "button", class: "button" }, "Cancel");
    const words = el("span", {}, "Made-up name", el("span", { class: "soft" }, " – never their own: they have not been asked"));
    this.#input.value = madeUp();
    another.addEventListener("click", () => {
      this.#input.value = madeUp();
      this.#input.select();
    });
    cancel.addEventListener("click", close);
    this.element = el(
      "form",
      { class: "enrol" },
      el("p", { class: "soft small" }, "It stands beside these visits in Events, on this device only, for as long as they are kept. When they seem to come again, it is offered here."),
      el("div", { class: "fields" }, el("label", { class: "field" }, words, this.#input)),
      this.#problem,
      el("div", { class: "actions" }, save, another, cancel),
    );
    this.element.addEventListener("submit", async (event) => {
      event.preventDefault();
      save.disabled = true;
      show(this.#problem);
      try {
        await submit(this.#input.value.trim());
      } catch (error) {
        show(this.#problem, el("p", { class: "problem" }, icon("warn"), el("span", {}, error.message)));
        save.disabled = false;
      }
    });
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && close());
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }
}

/** A button with the letter that presses it. */
function act(letter, words, tone = "") {
  return el("button", { type: "button", class: `button ${tone}`, "aria-keyshortcuts": letter }, words, el("kbd", { "aria-hidden": "true" }, letter));
}

function heading(visits) {
  const [newest] = visits;
  const cameras = [...new Set(visits.map(({ camera }) => camera))].join(", ");
  return `${count(visits.length, "visit", "visits")}, the latest ${ago(Date.parse(newest.captured), Date.now())} · ${cameras}`;
}

function face({ event, captured, camera, picture }, chosen) {
  const then = Date.parse(captured);
  const words = ago(then, Date.now());
  const box = el("input", { type: "checkbox", value: event, "aria-label": `Use the picture from ${camera}, ${words}` });
  box.checked = chosen;
  const image = el("img", { src: picture, alt: "", loading: "lazy", decoding: "async" });
  const mark = el("span", { class: "mark small" }, box, el("time", { datetime: captured, title: exactly(then) }, words));
  return el("li", {}, el("label", { class: "face" }, image, mark));
}

new Review();
