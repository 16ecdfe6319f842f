// One person: faces, facts, recent events, who looks like them, codes, and what can be done.

import { change, may, read } from "/static/ask.js";
import { FACTORS } from "/static/door-words.js";
import { el, icon, pairs, time } from "/static/dom.js";
import { Enrolment } from "/static/enrolment.js";
import { circumstances, markOf } from "/static/event-detail.js";
import { editing, prompted } from "/static/person-forms.js";
import { ask, toast } from "/static/shell.js";
import { ago, count, decimals, exactly, personName } from "/static/words.js";

const ADDRESS = "/api/v1/console/people";
const RECENT = 6;
const LOOK_MS = 1000;
const LOOKS = 60;

/** A chip where somebody's validity has not begun, or has ended; null where they are valid. */
export function validityOf({ valid_from: from, valid_until: until }, now) {
  if (from && Date.parse(from) > now) return el("span", { class: "chip warn" }, icon("wait"), "Not valid yet");
  if (until && Date.parse(until) <= now) return el("span", { class: "chip warn" }, icon("wait"), "Expired");
  return null;
}

/** Shows people in a pane. changed(): the list should be read anew; gone(): whoever is shown was deleted. */
export class PersonView {
  #pane;
  #changed;
  #gone;
  #id = "";

  constructor(pane, { changed, gone }) {
    this.#pane = pane;
    this.#changed = changed;
    this.#gone = gone;
  }

  /** Shows somebody by the device's own id. */
  async open(id, { focus = false, opener = null } = {}) {
    this.#id = id;
    let detail;
    let recent;
    const rights = {};
    try {
      const events = read(`/api/v1/console/events?person=${encodeURIComponent(id)}&limit=${RECENT}`).catch(() => null);
      [detail, recent, rights.installer, rights.administrator] = await Promise.all([read(`${ADDRESS}/${encodeURIComponent(id)}`), events, may("installer"), may("administrator")]);
    } catch (error) {
      if (id === this.#id) this.#pane.open("Not there", [el("p", {}, error.message)], { focus, opener });
      return;
    }
    if (id !== this.#id) return;
    const parts = [this.#head(detail, rights), this.#warnings(detail), this.#photographs(detail, rights), facts(detail), this.#codes(detail, rights), recently(recent, detail), this.#end(detail, rights)];
    this.#pane.open(personName(detail.person), parts.filter(Boolean), { focus, opener });
  }

  async #again() {
    this.#changed();
    await this.open(this.#id);
  }

  #head(detail, { installer }) {
    const { person } = detail;
    const chips = [
      person.blocked !== null ? el("span", { class: "chip bad" }, icon("lock"), "Blocked") : null,
      validityOf(person, Date.now()),
      ...person.groups.map((group) => el("span", { class: "chip" }, group)),
    ].filter(Boolean);
    const edit = button("edit", "Edit", () => this.#edit(detail));
    const more = button("add", "Add photographs", () => new Enrolment({ person, done: () => this.#again() }).open());
    return el(
      "div",
      { class: "person-head" },
      el("p", { class: "soft" }, "ID ", el("code", {}, person.customer_person_id)),
      chips.length ? el("div", { class: "chips" }, ...chips) : null,
      installer ? el("div", { class: "actions" }, edit, more, detail.codes === null ? null : this.#blocking(person)) : null,
    );
  }

  #blocking(person) {
    return person.blocked === null
      ? button("lock", "Block …", () => this.#block(person))
      : button("unlock", "Unblock", () => this.#unblock(person));
  }

  #warnings({ person, look_alikes: others }) {
    const notes = others.map((other) =>
      el(
        "p",
        { class: "note warn" },
        icon("warn"),
        el(
          "span",
          {},
          other.same ? "Probably enrolled a second time as " : "Looks much like ",
          el("a", { href: `/people?open=${encodeURIComponent(other.id)}` }, personName(other)),
          ` (similarity ${decimals(other.similarity, 2)}). `,
          other.same ? "If it is one person, delete one of the two." : "edged asks for more before it tells them apart; a door that matters should ask for a second factor.",
        ),
      ),
    );
    if (person.blocked !== null) notes.unshift(el("p", { class: "note bad" }, icon("lock"), el("span", {}, "Blocked at every door: ", el("strong", {}, person.blocked))));
    if (!person.photographs) notes.unshift(el("p", { class: "note warn" }, icon("warn"), el("span", {}, "There is no photograph of this person: they are not recognised. Add one.")));
    return notes.length ? el("div", { class: "notes" }, ...notes) : null;
  }

  #photographs({ person, photographs }, { installer }) {
    if (!photographs.length) return null;
    const shown = photographs.map((photo) => {
      const quality = `${decimals(photo.quality * 100, 0)} of 100`;
      const face = photo.picture
        ? el("img", { src: photo.picture, alt: `Photograph with quality ${quality}`, loading: "lazy", decoding: "async" })
        : el("span", { class: "none face-none" }, icon("person"), el("span", { class: "unseen" }, "The face was not kept"));
      const meter = el("span", { class: "small" }, "Quality ", el("strong", {}, quality));
      const enrolled = el("span", { class: "soft small" }, time(ago(Date.parse(photo.enrolled), Date.now()), exactly(Date.parse(photo.enrolled)), photo.enrolled));
      const remove = installer && photographs.length > 1 ? iconButton("remove", `Remove the photograph with quality ${quality}`, () => this.#removePhotograph(person, photo)) : null;
      return el("li", { class: "photo" }, face, meter, enrolled, remove);
    });
    return el("section", {}, el("h3", {}, count(photographs.length, "photograph", "photographs")), el("ul", { class: "photos" }, ...shown));
  }

  #codes({ person, codes }, { installer }) {
    if (codes === null) return null;
    const rows = ["card", "pin"].map((factor) => {
      const held = codes.includes(factor);
      const words = `${FACTORS[factor]}`;
      const set = button(held ? "edit" : "add", held ? "Replace" : "Set", () => this.#setCode(person, factor, held), `${held ? "Replace" : "Set"} the ${words}`);
      const remove = held ? button("remove", "Remove", () => this.#removeCode(person, factor), `Remove the ${words}`) : null;
      return el("li", { class: "code-row" }, el("span", {}, el("strong", {}, words.charAt(0).toUpperCase() + words.slice(1)), el("span", { class: "soft" }, held ? " set" : " none")), installer ? el("span", { class: "actions" }, set, remove) : null);
    });
    return el("section", {}, el("h3", {}, "Codes"), el("ul", { class: "codes" }, ...rows), el("p", { class: "soft small" }, "A code that is set cannot be read again. Visitors' passes are on the page Doors."));
  }

  #end(detail, { administrator }) {
    if (!administrator) return null;
    return el("section", {}, el("div", { class: "actions" }, button("remove", "Delete …", () => this.#delete(detail), "", "danger")));
  }

  async #edit(detail) {
    const before = editing.factsOf(detail);
    const done = await editing.ask(detail, (facts) => change(`${ADDRESS}/${detail.person.id}/change`, facts));
    if (!done) return;
    await this.#again();
    toast(`${personName(detail.person)} is changed.`, { undo: () => this.#do(() => change(`${ADDRESS}/${detail.person.id}/change`, before), "It is as it was before.") });
  }

  async #block(person) {
    const why = await prompted({ title: `Block ${personName(person)}?`, text: "No door opens for them, whatever they show, until somebody unblocks them.", label: "Why", hint: "whoever comes next reads it", action: "Block", longest: 200 });
    if (why === null) return;
    await this.#do(() => change(`${ADDRESS}/${person.id}/block`, { blocked: true, why }), `${personName(person)} is blocked.`, { undo: () => this.#unblock(person) });
  }

  async #unblock(person) {
    await this.#do(() => change(`${ADDRESS}/${person.id}/block`, { blocked: false }), `${personName(person)} is not blocked any more.`, {
      undo: () => this.#do(() => change(`${ADDRESS}/${person.id}/block`, { blocked: true, why: person.blocked || "blocked again" }), "They are blocked again."),
    });
  }

  async #removePhotograph(person, photo) {
    const yes = await ask({ title: "Remove this photograph?", text: `It is deleted with what was remembered of it, and cannot be brought back. ${personName(person)} stays enrolled with the others.`, action: "Remove it", danger: true });
    if (yes) await this.#do(() => change(`${ADDRESS}/${person.id}/remove-photograph`, { hash: photo.hash }), "The photograph is removed.");
  }

  async #setCode(person, factor, held) {
    const code = await prompted({
      title: `${held ? "Replace" : "Set"} the ${FACTORS[factor]} of ${personName(person)}`,
      text: factor === "card" ? "Hold the card to a reader that types, or type its number." : "They type it at the door. Tell it to nobody else.",
      label: factor === "card" ? "Number of the card" : "PIN",
      action: held ? "Replace it" : "Set it",
      longest: 128,
      secret: factor === "pin",
    });
    if (code !== null) await this.#do(() => change(`${ADDRESS}/${person.id}/code`, { factor, code }), `The ${FACTORS[factor]} is set.`);
  }

  async #removeCode(person, factor) {
    const yes = await ask({ title: `Remove the ${FACTORS[factor]} of ${personName(person)}?`, text: "It opens nothing any more. To use it again it has to be set again.", action: "Remove it", danger: true });
    if (yes) await this.#do(() => change(`${ADDRESS}/${person.id}/code`, { factor, code: "" }), `The ${FACTORS[factor]} is removed.`);
  }

  async #delete({ person, photographs, codes, events }) {
    const name = personName(person).trim();
    const kept = photographs.filter(({ picture }) => picture).length;
    const destroyed = [
      `${count(photographs.length, "template", "templates")} of their face and ${count(kept, "photograph", "photographs")}`,
      `their name in ${count(events, "event", "events")}, with the pictures of these`,
      codes?.length ? count(codes.length, "code", "codes") : "",
      "all that backups on this device hold of them",
    ].filter(Boolean);
    const text = `This destroys ${destroyed.slice(0, -1).join("; ")}; and ${destroyed.at(-1)}. It cannot be undone. A signed receipt stays, without their name.`;
    if (!(await ask({ title: `Delete ${name}?`, text, action: `Delete ${name}`, danger: true, typed: name }))) return;
    try {
      await change(`${ADDRESS}/${person.id}/delete`, { typed: name });
    } catch (error) {
      toast(error.message, { tone: "bad" });
      return;
    }
    this.#gone();
    this.#changed();
    toast(`${name} is deleted and is recognised no more. What else was kept is being removed.`);
    this.#await(person.id);
  }

  /** Says when somebody is forgotten everywhere. */
  async #await(id) {
    for (let look = 0; look < LOOKS; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      const { done, removed } = await read(`${ADDRESS}/${id}/receipt`).catch(() => ({ done: false }));
      if (!done) continue;
      const parts = Object.entries(removed).filter(([, many]) => many).map(([what, many]) => `${many} ${what}`);
      toast(`Forgotten everywhere on this device: ${parts.join(", ")}. The receipt is in edged people receipts.`);
      return;
    }
    toast("Not everything could be removed yet. It is tried again; see Health.", { tone: "bad" });
  }

  async #do(work, words, { undo = null } = {}) {
    try {
      await work();
    } catch (error) {
      toast(error.message, { tone: "bad" });
      return;
    }
    toast(words, { undo });
    await this.#again();
  }
}

function facts({ person, email, phone, notes }) {
  const day = (instant) => instant && exactly(Date.parse(instant));
  return el(
    "section",
    {},
    el("h3", {}, "Facts"),
    pairs(
      ["Valid from", day(person.valid_from)],
      ["Valid until", day(person.valid_until)],
      ["E-mail", email || null],
      ["Telephone", phone || null],
      ["Notes", notes ? el("span", { class: "own-lines" }, notes) : null],
      ["Enrolled", exactly(Date.parse(person.enrolled))],
    ),
  );
}

function recently(recent, { person, events }) {
  if (!recent) return null;
  const rows = recent.items.map((item) => {
    const { name, tone } = markOf(item);
    const then = Date.parse(item.at);
    return el("li", {}, el("a", { class: "recent", href: `/events?person=${encodeURIComponent(person.id)}&open=${encodeURIComponent(item.id)}` }, el("span", { class: `outcome ${tone}` }, icon(name)), el("span", {}, circumstances(item)), time(ago(then, Date.now()), exactly(then), item.at)));
  });
  const all = events > recent.items.length ? el("a", { href: `/events?person=${encodeURIComponent(person.id)}` }, "All their events") : null;
  return el("section", {}, el("h3", {}, "Lately"), rows.length ? el("ul", { class: "recents" }, ...rows) : el("p", { class: "soft" }, "Nothing is kept of them yet."), all);
}

function button(name, words, act, label = "", tone = "") {
  const made = el("button", { type: "button", class: `button ${tone}`, "aria-label": label || undefined }, icon(name), words);
  made.addEventListener("click", act);
  return made;
}

function iconButton(name, label, act) {
  const made = el("button", { type: "button", class: "button plain photo-remove", "aria-label": label, title: label }, icon(name));
  made.addEventListener("click", act);
  return made;
}
