// Trying the rules: who, where and when, and what each rule would answer. Nothing opens.

import { change, read } from "/static/ask.js";
import { el, icon } from "/static/dom.js";
import { VERDICT_ICONS } from "/static/door-words.js";
import { deciding, ruleList, verdictColour } from "/static/rules.js";

const PEOPLE = "/api/v1/console/people";
const SUGGESTED = 8;
const TYPING_MS = 250;
const ADDRESS = "/api/v1/console/doors/try";

/** Owns the section of the trial. */
export class TrialPanel {
  #door = el("select", { name: "door", required: true });
  #answer = el("div", { class: "trial-answer", "aria-live": "polite" });
  #known = "";
  #timer = 0;

  constructor(node) {
    const person = el("input", { name: "person", autocomplete: "off", spellcheck: "false", maxlength: "256", placeholder: "name or ID; empty: a stranger", list: "trial-people" });
    const people = el("datalist", { id: "trial-people" });
    person.addEventListener("input", () => this.#suggest(person.value.trim(), people));
    const at = el("input", { name: "at", type: "datetime-local", step: "60" });
    const factors = ["face", "pin", "card", "qr"].map((factor) => {
      const box = el("input", { type: "checkbox", name: "factors", value: factor });
      box.checked = factor === "face";
      return el("label", { class: "tick" }, box, { face: "Face", pin: "PIN", card: "Card", qr: "QR code" }[factor]);
    });
    const living = el("input", { type: "checkbox", name: "living" });
    living.checked = true;
    const form = el(
      "form",
      { class: "form" },
      el("div", { class: "fields" }, el("label", { class: "field" }, "Person", person, people), el("label", { class: "field" }, "Door", this.#door), el("label", { class: "field" }, "When (empty: now)", at)),
      el("fieldset", { class: "ticks" }, el("legend", {}, "Shown"), ...factors, el("label", { class: "tick" }, living, "Living face")),
      el("div", { class: "actions" }, el("button", { class: "button main" }, "Ask the rules"), el("span", { class: "soft small" }, "Nothing opens, and nothing is kept.")),
    );
    node.replaceChildren(el("h2", { id: "trial-title" }, "Would it open?"), form, this.#answer);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const wanted = { door: this.#door.value, person: person.value.trim(), factors: [...form.querySelectorAll("[name=factors]:checked")].map(({ value }) => value), living: living.checked };
      if (at.value) wanted.at = new Date(at.value).toISOString();
      try {
        const { passages } = await change(ADDRESS, wanted);
        this.#answer.replaceChildren(...said(passages[0]));
      } catch (error) {
        this.#answer.replaceChildren(el("p", { class: "verdict bad", role: "alert" }, icon("warn"), error.message));
      }
    });
  }

  /** Offers whoever the letters fit; their ID is what is asked with. */
  #suggest(letters, list) {
    clearTimeout(this.#timer);
    if (letters.length < 2) return;
    this.#timer = setTimeout(async () => {
      try {
        const { people } = await read(`${PEOPLE}?${new URLSearchParams({ q: letters, limit: SUGGESTED })}`);
        list.replaceChildren(...people.map((one) => el("option", { value: one.customer_person_id }, one.name)));
      } catch {
        list.replaceChildren(); // the ID can be typed all the same
      }
    }, TYPING_MS);
  }

  /** The doors there are. */
  render(doors) {
    const names = doors.map(({ name }) => name);
    if (names.join() === this.#known) return;
    this.#known = names.join();
    this.#door.replaceChildren(...names.map((name) => el("option", { value: name }, name)));
  }
}

function said(passage) {
  const words = { granted: "It would open.", refused: "It would stay shut.", waits: "It would wait for more.", spoof: "It would take this for a picture." }[passage.verdict];
  return [el("p", { class: `verdict ${verdictColour(passage.verdict)}` }, icon(VERDICT_ICONS[passage.verdict]), words), el("p", {}, deciding(passage)), ruleList(passage)];
}
