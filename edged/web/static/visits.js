// Events, told as visits: one row for each time somebody was there, whatever number of events it took.

import { code, el, icon, show, time } from "/static/dom.js";
import { DELETED } from "/static/door-words.js";
import { explanation } from "/static/why.js";
import { OUTCOMES, ago, count, duration, exactly, personName } from "/static/words.js";

const AT_FIRST = 12;
const KEPT = 100;

/** Owns the section #events. */
export class Visits {
  #list = document.getElementById("visits");
  #nothing = document.getElementById("no-visits");
  #more = document.getElementById("more");
  #news = document.getElementById("news");
  #visits = new Map();
  #all = false;
  #skew = 0;
  #started = 0;
  #enrolled = null;

  constructor() {
    this.#more.addEventListener("click", () => {
      const firstNew = this.#list.children.length;
      this.#all = true;
      this.#render();
      this.#list.children[firstNew]?.querySelector("summary").focus();
    });
    setInterval(() => this.#render(), 10_000);
  }

  /** Takes over events, oldest first; `fresh` ones replace all that were there. */
  add(entries, fresh) {
    if (fresh) this.#visits.clear();
    for (const entry of entries) {
      const visit = this.#enter(entry);
      const begins = entry.event.type === "new";
      if (!fresh && begins) this.#news.textContent = `${title(visit.event)}, at ${visit.event.camera}`;
    }
    for (const id of [...this.#visits.keys()].slice(0, -KEPT)) this.#visits.delete(id);
    this.#render();
  }

  /** Takes over the device's clock, its start, and how many people it knows. */
  update(state) {
    this.#skew = Date.parse(state.health.at) - Date.now();
    this.#started = Date.parse(state.info.started);
    const before = this.#enrolled;
    this.#enrolled = state.index.persons;
    if (before !== this.#enrolled) this.#render();
  }

  #enter({ event, picture }) {
    const captured = Date.parse(event.at.captured);
    const visit = this.#visits.get(event.visit) ?? { first: captured, picture: null, delay: null };
    const decides = event.type !== "end" && event.outcome !== visit.event?.outcome;
    if (decides) visit.delay = Date.parse(event.at.decided) - captured;
    if (picture || !visit.picture) Object.assign(visit, { picture, replay: event.id });
    Object.assign(visit, { event, last: captured });
    this.#visits.set(event.visit, visit);
    return visit;
  }

  #render() {
    const newest = [...this.#visits.values()].reverse();
    const shown = this.#all ? newest : newest.slice(0, AT_FIRST);
    this.#keepRows(shown);
    this.#list.hidden = !shown.length;
    this.#more.hidden = shown.length === newest.length;
    this.#more.textContent = `Show all ${newest.length}`;
    show(this.#nothing, ...(shown.length ? [] : this.#emptyWords()));
  }

  /** One row a visit, the same element as long as it is there: what is open or has the focus stays so. */
  #keepRows(visits) {
    const rows = new Map([...this.#list.children].map((row) => [row.dataset.visit, row]));
    const wanted = visits.map((visit) => {
      const row = rows.get(visit.event.visit) ?? el("li", { "data-visit": visit.event.visit }, el("details", {}));
      this.#fill(row.firstChild, visit);
      return row;
    });
    rows.forEach((row) => wanted.includes(row) || row.remove());
    wanted.forEach((row, index) => {
      if (this.#list.children[index] !== row) this.#list.insertBefore(row, this.#list.children[index] ?? null);
    });
  }

  #fill(details, visit) {
    const { event, picture } = visit;
    show(
      details,
      el(
        "summary",
        {},
        portrait(picture, "thumb"),
        el(
          "span",
          { class: "what" },
          el("span", { class: `outcome ${event.outcome}` }, icon(event.outcome), title(event)),
          time(ago(visit.first, Date.now() + this.#skew), exactly(visit.first), new Date(visit.first).toISOString()),
          el("span", { class: "soft small" }, this.#circumstances(visit)),
        ),
        icon("open"),
      ),
      el("div", { class: "opened" }, portrait(picture, "shot"), explanation(event, visit)),
    );
  }

  #circumstances({ event, first, last }) {
    const word = event.outcome === "known" ? `${OUTCOMES.known} · ` : "";
    const ended = event.type === "end" || last < this.#started;
    const seconds = (last - first) / 1000;
    const stay = ended ? (seconds >= 1 ? ` · for ${duration(seconds)}` : "") : " · still here";
    const again = event.stranger_visits > 1 ? ` · seen before as ${event.stranger}` : "";
    return `${word}${event.camera}${stay}${again}`;
  }

  #emptyWords() {
    const lines = [el("p", { class: "title" }, icon("person"), "Nobody has come by yet")];
    if (this.#enrolled === 0) {
      const advice = "Nobody is enrolled either, so everybody will be unknown. To have somebody recognised:";
      lines.push(el("p", {}, advice), code("Command", "edged enroll anna anna.jpg"));
    } else if (this.#enrolled) {
      const enrolled = `${count(this.#enrolled, "person is", "people are")} enrolled.`;
      const advice = "Step in front of a camera: each visit appears here with its picture and the reason for the answer.";
      lines.push(el("p", {}, `${enrolled} ${advice}`));
    }
    return lines;
  }
}

function title(event) {
  if (event.outcome === "known") return event.best ? personName(event.best.person) : DELETED;
  return OUTCOMES[event.outcome];
}

function portrait(picture, name) {
  if (!picture) return el("span", { class: `${name} none` }, icon("person"));
  return el("img", { class: name, src: picture, alt: "", loading: "lazy", decoding: "async" });
}
