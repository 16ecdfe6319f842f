// Visits of people nobody knew: enrolled with the chosen pictures, or put aside.

import { change, read } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { EnrolForm } from "/static/enrol.js";
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

  constructor() {
    document.getElementById("reload").addEventListener("click", () => this.look());
    setInterval(() => document.hidden || this.#filling() || this.look(), AGAIN_MS);
    this.look();
  }

  /** Reads what there is, until the device has compared all of it. */
  async look() {
    if (this.#reading) return;
    this.#reading = true;
    try {
      let waiting = 1;
      while (waiting) {
        const answer = await read("/api/v1/review");
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
    const wanted = groups.map(({ visits }) => {
      const key = visits.map(({ event }) => event).join(" ");
      return rows.get(key) ?? this.#row(key, visits);
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
    const advice = "Visits of people who are not enrolled appear here, with their pictures, to be enrolled or put aside.";
    show(this.#nobody, el("p", { class: "title" }, icon("person"), "Nobody to review"), el("p", {}, advice));
  }

  #row(key, visits) {
    const faces = visits.map((visit, index) => face(visit, index < CHOSEN_AT_FIRST));
    const enrol = el("button", { type: "button", class: "button main" }, "Enrol …");
    const dismiss = el("button", { type: "button", class: "button" }, "Put aside");
    const actions = el("div", { class: "actions" }, enrol, dismiss);
    const title = el("h3", {}, heading(visits));
    const list = el("ul", { class: "faces" }, ...faces);
    const row = el("li", { class: "group card", "data-visits": key }, title, list, actions);
    enrol.addEventListener("click", () => {
      actions.hidden = true;
      const close = () => {
        form.element.remove();
        actions.hidden = false;
        enrol.focus();
      };
      const form = new EnrolForm((wanted) => this.#enrol(row, wanted), close);
      row.append(form.element);
      form.focus();
    });
    dismiss.addEventListener("click", () => this.#dismiss(row, visits));
    return row;
  }

  async #enrol(row, wanted) {
    const events = [...row.querySelectorAll(".face :checked")].map(({ value }) => value);
    if (!events.length) throw new Error("Choose one picture at least.");
    if (events.length > MOST_PICTURES) throw new Error(`Choose ${MOST_PICTURES} pictures at most.`);
    const { name, pictures, refused } = await change("/api/v1/review/enroll", { ...wanted, events });
    const left = refused.length ? ` ${count(refused.length, "picture was", "pictures were")} not taken: ${refused.join("; ")}.` : "";
    this.#say(row, `${name} is enrolled with ${count(pictures, "picture", "pictures")} and is recognised from now on.${left}`);
  }

  async #dismiss(row, visits) {
    const events = visits.map(({ event }) => event);
    const buttons = row.querySelectorAll(".actions button");
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await change("/api/v1/review/dismiss", { events });
    } catch (error) {
      buttons.forEach((button) => { button.disabled = false; });
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
      return;
    }
    const undo = el("button", { type: "button", class: "button" }, "Undo");
    undo.addEventListener("click", async () => {
      try {
        await change("/api/v1/review/dismiss", { events, undo: true });
        this.#done.replaceChildren();
      } catch (error) {
        this.#trouble.textContent = error.message;
        this.#trouble.hidden = false;
      }
      this.look();
    });
    this.#say(row, `${count(events.length, "visit was", "visits were")} put aside.`, undo);
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
