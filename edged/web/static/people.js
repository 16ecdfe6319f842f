// Everybody who is enrolled: searched, sorted, page by page, with one of them opened beside the list.

import { inAddress, queryOf, toAddress } from "/static/address.js";
import { may, read } from "/static/ask.js";
import { el, icon, show, time } from "/static/dom.js";
import { Enrolment } from "/static/enrolment.js";
import { Pane } from "/static/pane.js";
import { PersonView, validityOf } from "/static/person.js";
import { ago, count, exactly, personName } from "/static/words.js";

const ADDRESS = "/api/v1/console/people";
const FILTERS = ["q", "group", "only", "sort"];
const TYPING_MS = 250;

/** Owns the page. */
class People {
  #form = document.getElementById("filters");
  #table = document.querySelector(".grid");
  #body = document.getElementById("people");
  #more = document.getElementById("more");
  #nothing = document.getElementById("nothing");
  #trouble = document.getElementById("trouble");
  #section = document.querySelector(".listing");
  #people = [];
  #next = null;
  #asked = 0;
  #timer = 0;
  #open = "";
  #mayEnrol = false;
  #pane = new Pane(document.getElementById("detail"), () => this.#choose(""));
  #view = new PersonView(this.#pane, { changed: () => this.look(), gone: () => this.#choose("") });

  constructor() {
    this.#form.addEventListener("input", ({ target }) => this.#later(target.type === "search" ? TYPING_MS : 0));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#later(0);
    });
    document.getElementById("clear").addEventListener("click", () => {
      this.#form.reset();
      this.#later(0);
      this.#form.elements.q.focus();
    });
    for (const button of document.querySelectorAll(".sort")) {
      button.addEventListener("click", () => {
        this.#form.elements.sort.value = button.dataset.sort;
        this.#later(0);
      });
    }
    this.#more.addEventListener("click", () => this.#goOn());
    this.#body.addEventListener("click", ({ target }) => {
      const row = target.closest("tr");
      if (row && !target.closest("a")) this.#choose(row.dataset.id);
    });
    window.addEventListener("popstate", () => this.#fromAddress());
    this.#offer();
    this.#fromAddress();
  }

  /** Reads the list anew. */
  async look() {
    const asked = ++this.#asked;
    this.#section.setAttribute("aria-busy", "true");
    const answer = await this.#answer({});
    if (asked !== this.#asked) return;
    this.#section.setAttribute("aria-busy", "false");
    if (!answer) return;
    this.#people = answer.people;
    this.#took(answer);
  }

  async #offer() {
    this.#mayEnrol = await may("installer");
    const button = document.getElementById("enrol");
    button.hidden = !this.#mayEnrol;
    show(button, icon("add"), "Enrol somebody");
    button.addEventListener("click", () => this.#enrol());
    this.#render();
    if (new URLSearchParams(location.search).has("enrol") && this.#mayEnrol) this.#enrol();
  }

  #enrol() {
    new Enrolment({
      done: (id) => {
        this.look();
        this.#choose(id);
      },
    }).open();
  }

  #fromAddress() {
    const wanted = inAddress([...FILTERS, "open"]);
    for (const name of FILTERS) {
      const field = this.#form.elements[name];
      const value = wanted[name] || (name === "sort" ? "name" : "");
      if (field instanceof HTMLSelectElement && ![...field.options].some((option) => option.value === value)) field.append(el("option", { value }, value));
      field.value = value;
    }
    this.#open = wanted.open;
    this.look();
    if (this.#open) this.#view.open(this.#open, { focus: false });
    else this.#pane.close();
  }

  #later(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#toAddress();
      this.look();
    }, wait);
  }

  #wanted() {
    const wanted = Object.fromEntries(FILTERS.map((name) => [name, this.#form.elements[name].value.trim()]));
    return { ...wanted, sort: wanted.sort === "name" ? "" : wanted.sort };
  }

  #toAddress(step = false) {
    toAddress({ ...this.#wanted(), open: this.#open }, { step });
  }

  async #answer(more) {
    try {
      const answer = await read(`${ADDRESS}?${queryOf({ ...this.#wanted(), ...more })}`);
      this.#trouble.hidden = true;
      return answer;
    } catch (error) {
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
      return null;
    }
  }

  async #goOn() {
    this.#more.disabled = true;
    const asked = this.#asked;
    const answer = await this.#answer({ after: this.#next });
    this.#more.disabled = false;
    if (!answer || asked !== this.#asked) return;
    const first = this.#people.length;
    this.#people.push(...answer.people);
    this.#took(answer);
    this.#body.children[first]?.querySelector("button").focus();
  }

  #took({ next, found, everybody, groups }) {
    this.#next = next;
    const field = this.#form.elements.group;
    const there = [...field.options].map(({ value }) => value);
    field.append(...groups.filter((name) => !there.includes(name)).map((name) => el("option", { value: name }, name)));
    const all = count(everybody, "person is", "people are");
    document.getElementById("many").textContent = found === everybody ? `${all} enrolled` : `${found.toLocaleString("en")} of ${everybody.toLocaleString("en")} fit`;
    this.#everybody = everybody;
    this.#render();
  }

  #everybody = null;

  #render() {
    const { sort, ...filters } = this.#wanted();
    for (const button of document.querySelectorAll(".sort")) {
      const here = button.dataset.sort === (sort || "name");
      const cell = button.closest("th");
      if (here) cell.setAttribute("aria-sort", button.dataset.sort === "newest" ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
      show(button, button.textContent.trim(), ...(here ? [icon(button.dataset.sort === "newest" ? "down" : "up")] : []));
    }
    show(this.#body, ...this.#people.map((person) => this.#row(person)));
    this.#table.hidden = !this.#people.length;
    this.#more.hidden = this.#next === null;
    const filtered = Object.values(filters).some(Boolean);
    document.getElementById("clear").hidden = !filtered;
    show(this.#nothing, ...(this.#people.length || this.#everybody === null ? [] : [filtered ? nobodyFits() : nobodyYet(this.#mayEnrol)]));
  }

  #row(person) {
    const then = Date.parse(person.enrolled);
    const marks = [
      person.blocked !== null ? el("span", { class: "chip bad" }, icon("lock"), "Blocked") : null,
      person.look_alikes ? el("span", { class: "chip warn" }, icon("warn"), "Look-alike") : null,
      validityOf(person, Date.now()),
    ].filter(Boolean);
    const name = el("button", { type: "button", class: "name", "aria-expanded": String(person.id === this.#open) }, personName(person));
    return el(
      "tr",
      { "data-id": person.id, "aria-selected": person.id === this.#open ? "true" : undefined },
      el("td", { class: "face-cell" }, person.picture ? el("img", { class: "thumb", src: person.picture, alt: "", loading: "lazy", decoding: "async" }) : el("span", { class: "thumb none" }, icon("person"))),
      el("td", {}, name, marks.length ? el("span", { class: "chips" }, ...marks) : null),
      el("td", { class: "key" }, person.customer_person_id),
      el("td", { class: "wide-only" }, el("span", { class: "chips" }, ...person.groups.map((group) => el("span", { class: "chip" }, group)))),
      el("td", { class: "number wide-only" }, String(person.photographs)),
      el("td", { class: "wide-only soft" }, time(ago(then, Date.now()), exactly(then), person.enrolled)),
    );
  }

  #choose(id) {
    this.#open = id;
    this.#toAddress(Boolean(id));
    this.#render();
    if (!id) {
      this.#pane.close();
      return;
    }
    const opener = this.#body.querySelector(`tr[data-id="${CSS.escape(id)}"] button`);
    this.#view.open(id, { focus: true, opener });
  }
}

function nobodyFits() {
  return el("div", { class: "empty" }, icon("search"), el("p", { class: "title" }, "Nobody fits"), el("p", { class: "soft" }, "Search for less, or clear the filters."));
}

function nobodyYet(mayEnrol) {
  const how = mayEnrol ? "Choose Enrol somebody above: with photographs, or with a picture taken by one of the cameras." : "Whoever has an installer's account can enrol people here.";
  return el("div", { class: "empty" }, icon("people"), el("p", { class: "title" }, "Nobody is enrolled yet"), el("p", { class: "soft" }, `Everybody who comes is unknown until then. ${how}`));
}

new People();
