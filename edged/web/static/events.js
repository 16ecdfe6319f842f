// The timeline: what happened, the newest first, searched and filtered, with everything that explains one of it beside it.

import { inAddress, queryOf, toAddress } from "/static/address.js";
import { read } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { explained, titleOf } from "/static/event-detail.js";
import { Row } from "/static/event-row.js";
import { follow } from "/static/feed.js";
import { Pane } from "/static/pane.js";
import { count } from "/static/words.js";

const ADDRESS = "/api/v1/console/events";
const FILTERS = ["q", "kind", "answer", "camera", "door", "since", "until", "person"];
const VERDICTS = ["granted", "refused", "waits", "door_spoof"];
const TYPING_MS = 250;
const TAIL_MS = 4000;
const AGES_MS = 10_000;

/** Owns the page. */
class Timeline {
  #form = document.getElementById("filters");
  #list = document.getElementById("items");
  #older = document.getElementById("older");
  #nothing = document.getElementById("nothing");
  #trouble = document.getElementById("trouble");
  #section = document.querySelector(".timeline");
  #items = new Map();
  #rows = new Map();
  #next = null;
  #asked = 0;
  #newest = 0;
  #timer = 0;
  #open = "";
  #person = "";
  #shown = "";
  #pane = new Pane(document.getElementById("detail"), () => this.#choose(""));

  constructor() {
    this.#form.addEventListener("input", ({ target }) => this.#later(target.type === "search" ? TYPING_MS : 0));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#later(0);
    });
    document.getElementById("clear").addEventListener("click", () => {
      this.#form.reset();
      this.#person = "";
      this.#later(0);
      this.#form.elements.q.focus();
    });
    this.#older.addEventListener("click", () => this.#more());
    this.#list.addEventListener("keydown", (event) => this.#step(event));
    window.addEventListener("popstate", () => this.#fromAddress());
    setInterval(() => document.hidden || this.#render(), AGES_MS);
    setInterval(() => document.hidden || this.#tail(), TAIL_MS);
    this.#fromAddress();
  }

  /** Something new may be there. */
  wake() {
    this.#tail();
  }

  #fromAddress() {
    const wanted = inAddress([...FILTERS, "open"]);
    this.#person = wanted.person;
    for (const name of FILTERS.filter((name) => this.#form.elements[name])) choose(this.#form.elements[name], wanted[name]);
    this.#open = wanted.open;
    this.#look();
    if (this.#open) this.#explain({ focus: false });
    else this.#pane.close();
  }

  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      toAddress({ ...this.#wanted(), open: this.#open });
      this.#look();
    }, wait);
  }

  /** What the form says, with the names of the address. */
  #wanted() {
    const fields = Object.fromEntries(FILTERS.filter((name) => this.#form.elements[name]).map((name) => [name, this.#form.elements[name].value.trim()]));
    return { ...fields, person: this.#person };
  }

  #query(more = {}) {
    const { answer, since, until, ...rest } = this.#wanted();
    const door = VERDICTS.includes(answer);
    return queryOf({
      ...rest,
      outcome: door ? "" : answer,
      verdict: door ? answer.replace("door_", "") : "",
      since: since && startOf(since, 0),
      until: until && startOf(until, 1),
      ...more,
    });
  }

  async #look() {
    const asked = ++this.#asked;
    this.#section.setAttribute("aria-busy", "true");
    const answer = await this.#answer(`${ADDRESS}?${this.#query()}`);
    if (asked !== this.#asked) return;
    this.#section.setAttribute("aria-busy", "false");
    if (!answer) return;
    this.#items = new Map(answer.items.map((item) => [item.id, item]));
    this.#next = answer.next;
    this.#newest = answer.items[0]?.number ?? 0;
    this.#places(answer);
    this.#render();
  }

  /** Puts what came since on top; what was further down and has news moves up. */
  async #tail() {
    if (this.#section.getAttribute("aria-busy") === "true") return;
    const asked = this.#asked;
    const answer = await this.#answer(`${ADDRESS}?${this.#query()}`);
    if (!answer || asked !== this.#asked) return;
    const fresh = answer.items.filter((item) => this.#items.get(item.id)?.number !== item.number);
    const before = new Set(this.#items.keys());
    const oldest = answer.items.at(-1)?.number ?? 0;
    const kept = [...this.#items.values()].filter((item) => item.number < oldest && !answer.items.some(({ id }) => id === item.id));
    if (answer.next === null) kept.length = 0; // what is not there any more was deleted
    this.#items = new Map([...answer.items, ...kept].map((item) => [item.id, item]));
    if (!kept.length) this.#next = answer.next;
    const news = fresh.filter(({ id, number }) => !before.has(id) && number > this.#newest);
    this.#newest = Math.max(this.#newest, answer.items[0]?.number ?? 0);
    if (news.length) document.getElementById("news").textContent = news.length > 2 ? count(news.length, "new event", "new events") : news.map(titleOf).join(", ");
    this.#places(answer);
    this.#render();
    if (fresh.some(({ id }) => id === this.#open)) this.#explain({ focus: false });
  }

  async #more() {
    this.#older.disabled = true;
    const asked = this.#asked;
    const answer = await this.#answer(`${ADDRESS}?${this.#query({ below: this.#next })}`);
    this.#older.disabled = false;
    if (!answer || asked !== this.#asked) return;
    const first = answer.items.find(({ id }) => !this.#items.has(id));
    for (const item of answer.items) if (!this.#items.has(item.id)) this.#items.set(item.id, item);
    this.#next = answer.next;
    this.#render();
    if (first) this.#rows.get(first.id)?.focus();
  }

  async #answer(address) {
    try {
      const answer = await read(address);
      this.#trouble.hidden = true;
      return answer;
    } catch (error) {
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
      return null;
    }
  }

  #places({ cameras, doors }) {
    fillIn(this.#form.elements.camera, cameras);
    fillIn(this.#form.elements.door, doors);
    document.getElementById("door-field").hidden = !doors.length;
  }

  #render() {
    const wanted = [...this.#items.values()].map((item) => {
      const row = this.#rows.get(item.id) ?? new Row((id) => this.#choose(id === this.#open && this.#pane.isOpen ? "" : id));
      this.#rows.set(item.id, row);
      row.show(item, item.id === this.#open);
      return row;
    });
    for (const id of [...this.#rows.keys()]) if (!this.#items.has(id)) this.#rows.delete(id);
    [...this.#list.children].forEach((child) => wanted.some((row) => row.element === child) || child.remove());
    wanted.forEach((row, index) => {
      if (this.#list.children[index] !== row.element) this.#list.insertBefore(row.element, this.#list.children[index] ?? null);
    });
    this.#older.hidden = this.#next === null;
    const filtered = Object.values(this.#wanted()).some(Boolean);
    document.getElementById("clear").hidden = !filtered;
    const of = document.getElementById("of-person");
    of.hidden = !this.#person;
    of.textContent = this.#person ? "Only of one person." : "";
    show(this.#nothing, ...(wanted.length ? [] : [filtered ? nothingFits() : nothingYet()]));
  }

  /** The keyboard goes up and down the rows with the arrows. */
  #step(event) {
    const moves = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const buttons = [...this.#list.querySelectorAll("button")];
    const here = buttons.indexOf(document.activeElement);
    if (!(event.key in moves) || here < 0) return;
    event.preventDefault();
    buttons[Math.min(Math.max(here + moves[event.key], 0), buttons.length - 1)].focus();
  }

  #choose(id) {
    this.#open = id;
    toAddress({ ...this.#wanted(), open: id }, { step: Boolean(id) });
    this.#render();
    if (id) this.#explain({ focus: true });
    else this.#pane.close();
    if (!id) this.#shown = "";
  }

  async #explain({ focus }) {
    const id = this.#open;
    const opener = this.#rows.get(id)?.button ?? null;
    let detail;
    try {
      detail = await read(`${ADDRESS}/${encodeURIComponent(id)}`);
    } catch (error) {
      if (id === this.#open) this.#pane.open("Not there", [el("p", {}, error.message)], { focus, opener });
      return;
    }
    if (id !== this.#open) return;
    this.#pane.open(titleOf(detail.item), explained(detail), { focus, opener, update: this.#shown === id });
    this.#shown = id;
  }
}

/** The beginning of a day in the reader's time zone, so many days later, as the device reads it. */
function startOf(day, later) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}

/** Gives a field a value, also one that its list does not offer yet. */
function choose(field, value) {
  if (field instanceof HTMLSelectElement && ![...field.options].some((option) => option.value === value)) field.append(el("option", { value }, value));
  field.value = value;
}

function fillIn(field, names) {
  const there = [...field.options].map(({ value }) => value);
  field.append(...names.filter((name) => !there.includes(name)).map((name) => el("option", { value: name }, name)));
}

function nothingFits() {
  return el("div", { class: "empty" }, icon("search"), el("p", { class: "title" }, "Nothing fits"), el("p", { class: "soft" }, "Search for less, choose a longer time, or clear the filters."));
}

function nothingYet() {
  const advice = "Step in front of a camera: each visit appears here, with its picture and the reason for the answer.";
  return el("div", { class: "empty" }, icon("events"), el("p", { class: "title" }, "Nothing has happened yet"), el("p", { class: "soft" }, advice), el("a", { href: "/people", class: "button" }, "Enrol somebody"));
}

const timeline = new Timeline();
const tail = document.getElementById("tail");

follow({
  onEvents: (_entries, fresh) => fresh || timeline.wake(),
  onState: () => {},
  onLink: (word) => {
    tail.className = `life ${word === "up" ? "good" : "bad"}`;
    show(tail, icon(word === "up" ? "known" : "away"), word === "up" ? "New ones appear by themselves" : "No connection");
  },
});
