// The doors on the Live page: how each stands, and a button to open it.

import { change, read } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { toast } from "/static/shell.js";

const EVERY_MS = 2000;
const DOORS = "/api/v1/console/doors";
const MODES = {
  normal: null,
  held_open: ["unlock", "warn", "Stands open"],
  locked: ["lock", "bad", "Locked to everybody"],
  emergency: ["warn", "bad", "Emergency: open"],
};
const CONTACTS = { open: "open", shut: "shut" };

/** Owns the section #doors; hidden where the device has none. */
export class DoorList {
  #section = document.getElementById("doors");
  #list = document.getElementById("door-list");
  #busy = new Set();
  #there = false;

  constructor() {
    setInterval(() => document.hidden || this.#look(), EVERY_MS);
  }

  /** Takes over which doors there are. */
  update({ doors }) {
    const first = doors.length > 0 && !this.#there;
    this.#there = doors.length > 0;
    this.#section.hidden = !this.#there;
    if (first) this.#look();
  }

  async #look() {
    if (!this.#there) return;
    let doors;
    try {
      ({ doors } = await read(DOORS));
    } catch (error) {
      show(this.#list, el("li", { class: "problem" }, icon("warn"), error.message));
      return;
    }
    show(this.#list, ...doors.map((door) => this.#row(door)));
    for (const button of this.#list.querySelectorAll("button")) {
      button.onclick = () => this.#open(button.value);
    }
  }

  #row({ name, mode, contact, unlocked, reachable, alarms }) {
    const words = unlocked ? "unlocked" : (CONTACTS[contact] ?? "");
    const marks = [
      MODES[mode],
      reachable ? null : ["away", "bad", "Its relay does not answer"],
      ...alarms.map((alarm) => ["bell", "bad", `Alarm: ${alarm.replaceAll("_", " ")}`]),
    ].filter(Boolean);
    return el(
      "li",
      {},
      icon(unlocked ? "unlock" : "doors"),
      el("div", {}, el("p", { class: "door-name" }, name, words ? el("span", { class: "soft small" }, ` ${words}`) : null), el("div", { class: "chips" }, ...marks.map(([sign, tone, text]) => el("span", { class: `chip ${tone}` }, icon(sign), text)))),
      el("button", { type: "button", class: "button", value: name, disabled: this.#busy.has(name) || !reachable, "aria-label": `Open ${name}` }, icon("unlock"), "Open"),
    );
  }

  async #open(door) {
    this.#busy.add(door);
    try {
      await change(`${DOORS}/open`, { door });
      toast(`${door} is open for one passage.`);
    } catch (error) {
      toast(error.message, { tone: "bad" });
    }
    this.#busy.delete(door);
    this.#look();
  }
}
