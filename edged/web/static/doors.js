// The doors: how each stands now, opening and locking, who is inside, what passed and why, and when who may.

import { change, may, read } from "/static/ask.js";
import { alarmWords, modeWords } from "/static/audit_words.js";
import { el, icon, show, time } from "/static/dom.js";
import { HoursPanel } from "/static/hours.js";
import { PassPanel } from "/static/passes.js";
import { deciding, ruleList, verdictMark, whoWords } from "/static/rules.js";
import { ask, toast } from "/static/shell.js";
import { TrialPanel } from "/static/trial.js";
import { ago, capital, clock, count, exactly } from "/static/words.js";

const ADDRESS = "/api/v1/console/doors";
const AGAIN_MS = 1000;
const PASSAGES_EVERY_MS = 3000;
const PAGE = 50;

const CONTACTS = { shut: "Shut", open: "Open", none: "No contact" };

/** Owns the page. */
class Doors {
  #list = document.getElementById("doors");
  #none = document.getElementById("none");
  #areas = document.getElementById("areas");
  #trouble = document.getElementById("trouble");
  #installs;
  #hours;
  #trial;
  #passes;
  #passages;
  #state = null;
  #known = "";

  constructor(installs) {
    this.#installs = installs;
    this.#hours = new HoursPanel(document.getElementById("hours"), installs, () => this.#readHours());
    this.#trial = new TrialPanel(document.getElementById("trial"));
    this.#passes = new PassPanel(document.getElementById("passes"), installs);
    this.#passages = new Passages();
    this.#list.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
    this.#areas.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
    this.#look();
    setInterval(() => document.hidden || this.#look(), AGAIN_MS);
    this.#passes.look();
  }

  async #look() {
    try {
      this.#state = await read(ADDRESS);
      this.#trouble.hidden = true;
    } catch (error) {
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
      return;
    }
    const { doors, areas } = this.#state;
    show(this.#list, ...doors.map((door) => this.#door(door)));
    this.#none.hidden = doors.length > 0;
    if (!doors.length) {
      const more = this.#installs ? el("p", {}, "Add one under ", el("a", { href: "/config?section=access" }, "Config, Doors and hours"), ". Its relay is named in the device's own file.") : el("p", {}, "An installer adds one under Config.");
      show(this.#none, icon("doors"), el("p", { class: "title" }, "This device has no doors yet"), more);
    }
    this.#areas.hidden = !areas.length;
    show(this.#areas, ...areas.map((area) => this.#area(area)));
    this.#trial.render(doors);
    this.#passes.render(doors);
    this.#passages.offer(doors);
    document.getElementById("trial").hidden = !doors.length;
    const known = doors.map(({ name }) => name).join();
    if (known !== this.#known) {
      this.#known = known;
      this.#readHours();
    }
  }

  async #readHours() {
    try {
      this.#hours.render(await read(`${ADDRESS}/hours`), this.#state.doors);
    } catch (error) {
      toast(error.message, { tone: "bad" });
    }
  }

  #door(door) {
    const { name, mode, contact, unlocked, reachable, alarms } = door;
    const tone = alarms.length || !reachable || mode === "emergency" ? "bad" : mode === "normal" ? (unlocked ? "good" : "") : "warn";
    const lock = unlocked ? "Unlocked" : "Secured";
    const chips = [
      el("span", { class: `chip ${mode === "emergency" ? "bad" : mode === "normal" ? "" : "warn"}` }, icon(mode === "normal" ? "known" : "warn"), mode === "normal" ? "Normal" : capital(modeWords(mode))),
      el("span", { class: `chip ${unlocked ? "good" : ""}` }, lock),
      contact === "none" ? null : el("span", { class: `chip ${contact === "open" ? "warn" : ""}` }, CONTACTS[contact]),
      reachable ? null : el("span", { class: "chip bad" }, icon("warn"), "Relay does not answer"),
    ];
    const facts = [
      door.camera ? `Camera ${door.camera}` : "Codes only",
      door.way === "out" ? "way out" : "way in",
      door.area ? `to ${door.area}` : "",
      door.schedule ? `hours: ${door.schedule}` : "at any hour",
      door.hold_open ? `stands open: ${door.hold_open}` : "",
      door.liveness === "off" ? "" : `liveness: ${door.liveness}`,
      door.second_factor.length ? `and ${door.second_factor.join(" or ")}` : "",
      door.two_person ? "two people" : "",
      door.relay === "none" ? "no relay: nothing is switched" : "",
    ].filter(Boolean);
    const alarmRows = alarms.map((alarm) =>
      el("li", {}, icon("warn"), el("span", {}, capital(alarmWords(alarm))), button("Seen to", { act: "quiet", door: name, alarm })),
    );
    const since = Date.parse(door.since);
    return el(
      "li",
      { class: "door-card card", "data-tone": tone, "data-door": name },
      el("div", { class: "head" }, el("h2", {}, name), time(ago(since, Date.parse(this.#state.at)), exactly(since), door.since)),
      el("div", { class: "chips" }, ...chips),
      alarmRows.length ? el("ul", { class: "alarms" }, ...alarmRows) : null,
      el("p", { class: "soft small" }, capital(facts.join(" · "))),
      el("div", { class: "actions" }, ...this.#acts(door)),
    );
  }

  #acts({ name, mode }) {
    const acts = [];
    if (mode === "normal") acts.push(button("Open", { act: "open", door: name }, "button main"));
    if (mode !== "locked" && mode !== "emergency") acts.push(button("Lock", { act: "mode", mode: "locked", door: name }));
    if (mode === "normal" && this.#installs) acts.push(button("Hold open", { act: "mode", mode: "held_open", door: name }));
    if (mode === "locked" || (mode !== "normal" && this.#installs)) acts.push(button("Back to normal", { act: "mode", mode: "normal", door: name }));
    if (mode !== "emergency") acts.push(button("Emergency …", { act: "mode", mode: "emergency", door: name }, "button danger"));
    return acts;
  }

  #area({ name, doors, inside }) {
    const people = inside.map(({ who, since }) => {
      const then = Date.parse(since);
      const link = who ? el("a", { href: `/people?open=${encodeURIComponent(who.id)}` }, who.name || who.customer_person_id) : el("span", {}, "A visitor, or somebody not enrolled any more");
      return el("li", {}, link, time(ago(then, Date.parse(this.#state.at)), exactly(then), since));
    });
    return el(
      "div",
      { class: "card area" },
      el("div", { class: "head" }, el("h2", {}, `Inside ${name}`), el("span", { class: "soft small" }, `by ${doors.join(", ")}`), this.#installs && inside.length ? button("Reset …", { act: "reset", area: name }) : null),
      inside.length ? el("details", {}, el("summary", {}, el("strong", {}, count(inside.length, "person", "people"))), el("ul", { class: "inside" }, ...people)) : el("p", { class: "soft" }, "Nobody, as far as passages tell."),
    );
  }

  async #clicked(pressed) {
    if (!pressed?.dataset.act) return;
    const { act, door, mode, alarm, area } = pressed.dataset;
    const wanted = await this.#agreed(act, { door, mode, alarm, area });
    if (!wanted) return;
    try {
      const answer = await change(`${ADDRESS}/${act}`, wanted.body);
      toast(wanted.done(answer));
    } catch (error) {
      toast(error.message, { tone: "bad" });
    }
    this.#look();
  }

  /** What to send, and what to say when it is done; null where whoever was asked says no. */
  async #agreed(act, { door, mode, alarm, area }) {
    if (act === "open") {
      const yes = await ask({ title: `Open ${door} now?`, text: "It unlocks for one passage, for whoever stands there. Your name stands beside it in the audit.", action: `Open ${door}` });
      return yes && { body: { door }, done: ({ open_s }) => `${capital(door)} is open for ${open_s} s.` };
    }
    if (act === "quiet") return { body: { door, alarm }, done: () => `Seen to: ${alarmWords(alarm)} at ${door}.` };
    if (act === "reset") {
      const yes = await ask({ title: `Reset ${area}?`, text: "Everybody counts as being outside, so that anti-passback lets them in again.", action: "Reset" });
      return yes && { body: { area }, done: () => `Everybody counts as outside of ${area}.` };
    }
    const questions = {
      emergency: { title: `Emergency at ${door}?`, text: "The door stands open for everybody until an installer or administrator ends it.", action: "Open for everybody", danger: true },
      held_open: { title: `Hold ${door} open?`, text: "It stands open, and nobody is asked, until somebody sets it back to normal.", action: "Hold open" },
      locked: { title: `Lock ${door}?`, text: "It opens for nobody until somebody sets it back to normal.", action: "Lock" },
      normal: { title: `Set ${door} back to normal?`, text: "It stands as its hours say, and opens for whoever may pass.", action: "Back to normal" },
    };
    return (await ask(questions[mode])) && { body: { door, mode }, done: () => `${capital(door)}: ${modeWords(mode)}.` };
  }
}

/** The list of passages, newest first. */
class Passages {
  #list = document.getElementById("passages");
  #none = document.getElementById("passages-none");
  #more = document.getElementById("passages-more");
  #title = document.getElementById("passages-title");
  #door = document.getElementById("passages-door");
  #since = document.getElementById("passages-since");
  #oldest = 0;
  #paged = false;

  constructor() {
    const query = new URLSearchParams(location.search);
    this.#since.value = query.get("since") ?? "";
    this.#door.dataset.wanted = query.get("door") ?? "";
    for (const box of [this.#door, this.#since]) {
      box.addEventListener("change", () => {
        const query = new URLSearchParams(location.search);
        for (const [name, value] of [["door", this.#door.value], ["since", this.#since.value]]) {
          if (value) query.set(name, value);
          else query.delete(name);
        }
        history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
        this.#paged = false;
        this.look();
      });
    }
    this.#more.addEventListener("click", () => this.#older());
    this.look();
    // Whoever has gone back to older ones is not sent to the top again.
    setInterval(() => document.hidden || this.#paged || this.look(), PASSAGES_EVERY_MS);
  }

  /** The doors there are, to choose from. */
  offer(doors) {
    const names = doors.map(({ name }) => name);
    if (this.#door.options.length === names.length + 1) return;
    const wanted = this.#door.value || this.#door.dataset.wanted;
    this.#door.replaceChildren(el("option", { value: "" }, "all"), ...names.map((name) => el("option", { value: name }, name)));
    this.#door.value = names.includes(wanted) ? wanted : "";
  }

  #query() {
    const since = new Date();
    since.setHours(0, 0, 0, 0);
    const from = this.#since.value ? new Date(`${this.#since.value}T00:00:00`) : since;
    const query = new URLSearchParams({ limit: PAGE, since: from.toISOString() });
    const door = this.#door.value || this.#door.dataset.wanted;
    if (door) query.set("door", door);
    return query;
  }

  async look() {
    let answer;
    try {
      answer = await read(`${ADDRESS}/passages?${this.#query()}`);
    } catch {
      return; // the state of the doors says it
    }
    this.#title.textContent = this.#since.value ? "Passages" : "Passages today";
    const open = new Set([...this.#list.querySelectorAll("details[open]")].map(({ dataset }) => dataset.id));
    const wanted = new URLSearchParams(location.search).get("passage");
    if (wanted && !this.#oldest) open.add(wanted);
    show(this.#list, ...answer.passages.map((passage) => row(passage, open.has(passage.id))));
    this.#end(answer);
    this.#none.hidden = answer.passages.length > 0;
    this.#none.textContent = this.#since.value ? "Nobody wanted to pass since then." : "Nobody has wanted to pass today.";
  }

  async #older() {
    const query = this.#query();
    query.set("before", this.#oldest);
    try {
      const answer = await read(`${ADDRESS}/passages?${query}`);
      this.#paged = true;
      this.#list.append(...answer.passages.map((passage) => row(passage, false)));
      this.#end(answer);
    } catch (error) {
      toast(error.message, { tone: "bad" });
    }
  }

  #end({ passages, more }) {
    if (passages.length) this.#oldest = passages.at(-1).number;
    this.#more.hidden = !more;
  }
}

function row(passage, open) {
  const then = Date.parse(passage.at.decided);
  const today = new Date(then).toDateString() === new Date().toDateString();
  const when = today ? clock(then) : new Date(then).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const score = passage.threshold ? `Similarity ${passage.similarity.toFixed(3)}, threshold ${passage.threshold.toFixed(3)}` : "";
  const shown = passage.factors.length ? `Shown: ${passage.factors.join(", ")}` : "";
  const wrong = passage.wrong.length ? `did not fit: ${passage.wrong.join(", ")}` : "";
  const facts = [shown, wrong, score, passage.liveness ? `liveness ${passage.liveness.method}: ${passage.liveness.passed ? "passed" : passage.liveness.why || "not passed"}` : ""].filter(Boolean).join(" · ");
  const event = passage.visit ? el("a", { href: `/events?open=${encodeURIComponent(passage.visit)}` }, "The visit with its picture") : null;
  return el(
    "li",
    {},
    el(
      "details",
      { class: "passage", "data-id": passage.id, open },
      el("summary", {}, time(when, exactly(then), passage.at.decided), el("span", { class: "who" }, el("strong", {}, whoWords(passage)), el("span", { class: "soft small" }, `${passage.door}, ${passage.way}`)), verdictMark(passage), el("span", { class: "because" }, deciding(passage))),
      el("div", { class: "opened" }, ruleList(passage), facts ? el("p", { class: "soft small" }, facts) : null, event),
    ),
  );
}

function button(words, data, kind = "button") {
  const attributes = Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value]));
  return el("button", { type: "button", class: kind, ...attributes, "aria-label": data.door ? `${words.replace(" …", "")}: ${data.door}${data.alarm ? `, ${alarmWords(data.alarm)}` : ""}` : undefined }, words);
}

new Doors(await may("installer"));
