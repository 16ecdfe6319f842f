// The audit log: what was done and by whom, as sentences, with what of it was proven to be whole.

import { change, may, read } from "/static/ask.js";
import { el, icon, show, time } from "/static/dom.js";
import { actName, entrySentence, whoSentence } from "/static/audit_words.js";
import { ago, capital, clock, count, exactly } from "/static/words.js";

const ADDRESS = "/api/v1/console/audit";
const PAGE = 100;
const ASK_AFTER_MS = 300;

/** Owns the page. What is looked for stands in the address. */
class Audit {
  #filters = document.getElementById("filters");
  #rows = document.getElementById("entries");
  #none = document.getElementById("none");
  #more = document.getElementById("more");
  #chain = document.getElementById("chain");
  #verify = document.getElementById("verify");
  #trouble = document.getElementById("trouble");
  #timer = 0;
  #asked = 0;
  #oldest = 0;

  constructor() {
    this.#fill();
    this.#filters.addEventListener("submit", (event) => event.preventDefault());
    this.#filters.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#go(), ASK_AFTER_MS);
    });
    this.#more.addEventListener("click", () => this.#older());
    this.#verify.addEventListener("click", () => this.#prove());
    window.addEventListener("popstate", () => {
      this.#fill();
      this.#look();
    });
    may("administrator").then((allowed) => { document.getElementById("exports").hidden = !allowed; }, () => {});
    this.#look();
  }

  #fill() {
    const query = new URLSearchParams(location.search);
    const act = this.#filters.elements.act;
    const wanted = query.get("act") ?? "";
    if (wanted && ![...act.options].some((option) => option.value === wanted)) act.append(el("option", { value: wanted }, actName(wanted)));
    for (const name of ["act", "by", "text", "since", "until"]) this.#filters.elements[name].value = query.get(name) ?? "";
  }

  #go() {
    const query = new URLSearchParams([...new FormData(this.#filters)].filter(([, value]) => value));
    history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
    this.#look();
  }

  /** What is looked for, as the device wants to be asked. */
  #query() {
    const query = new URLSearchParams(location.search);
    const asked = new URLSearchParams();
    for (const name of ["act", "by", "text"]) if (query.get(name)) asked.set(name, query.get(name));
    if (query.get("since")) asked.set("since", new Date(`${query.get("since")}T00:00:00`).toISOString());
    if (query.get("until")) {
      const day = new Date(`${query.get("until")}T00:00:00`);
      day.setDate(day.getDate() + 1);
      asked.set("until", day.toISOString());
    }
    return asked;
  }

  async #look() {
    const number = (this.#asked += 1);
    const asked = this.#query();
    for (const form of ["csv", "json"]) {
      const link = document.getElementById(`export-${form}`);
      link.href = `${ADDRESS}/export?${new URLSearchParams([...asked, ["form", form]])}`;
    }
    let answer;
    try {
      answer = await read(`${ADDRESS}?${new URLSearchParams([...asked, ["limit", PAGE]])}`);
    } catch (error) {
      this.#say(error.message);
      return;
    }
    if (number !== this.#asked) return;
    this.#say("");
    this.#offer(answer.acts);
    this.#rows.replaceChildren(...answer.entries.map(row));
    this.#end(answer);
    this.#showChain(answer.verified);
    this.#none.hidden = answer.entries.length > 0;
    const filtered = location.search !== "";
    show(
      this.#none,
      icon("audit"),
      el("p", { class: "title" }, filtered ? "No entry fits" : "Nothing was noted yet"),
      el("p", {}, filtered ? "Take away a filter, or choose other days." : "Decisions, openings, changes and sign-ins appear here as they happen."),
    );
  }

  #offer(acts) {
    const box = this.#filters.elements.act;
    if (box.options.length > acts.length) return;
    const now = box.value;
    const options = acts.map((act) => el("option", { value: act }, actName(act)));
    box.replaceChildren(el("option", { value: "" }, "Everything"), ...options);
    box.value = now;
  }

  async #older() {
    this.#more.disabled = true;
    try {
      const answer = await read(`${ADDRESS}?${new URLSearchParams([...this.#query(), ["limit", PAGE], ["before", this.#oldest]])}`);
      const rows = answer.entries.map(row);
      this.#rows.append(...rows);
      this.#end(answer);
    } catch (error) {
      this.#say(error.message);
    }
    this.#more.disabled = false;
  }

  #end({ entries, more }) {
    if (entries.length) this.#oldest = entries.at(-1).number;
    this.#more.hidden = !more;
  }

  async #prove() {
    this.#verify.disabled = true;
    this.#chain.replaceChildren(el("p", { class: "verdict" }, el("span", { class: "turning", "aria-hidden": "true" }), "Looking at every entry …"));
    try {
      const { verified } = await change(`${ADDRESS}/verify`, {});
      this.#showChain(verified);
    } catch (error) {
      this.#chain.replaceChildren();
      this.#say(error.message);
    }
    this.#verify.disabled = false;
  }

  #showChain(verified) {
    if (!verified) {
      this.#chain.replaceChildren(el("p", { class: "verdict" }, "Not verified since edged started."));
      return;
    }
    const then = Date.parse(verified.at);
    const when = time(ago(then, Date.now()), exactly(then), verified.at);
    if (verified.whole) {
      const size = verified.last ? `Whole: entries ${verified.first} to ${verified.last} verified ` : "Nothing to verify yet, looked at ";
      this.#chain.replaceChildren(el("p", { class: "verdict good" }, icon("known"), el("span", {}, size, when)));
      return;
    }
    const words = el("span", {}, `Not whole: ${count(verified.findings.length, "finding", "findings")}, looked at `, when);
    const advice = "Somebody or something changed the log outside of edged. Keep a copy of the state directory before anything else, and compare with an earlier export.";
    this.#chain.replaceChildren(el("p", { class: "verdict bad" }, icon("warn"), words), el("ul", { class: "problems" }, ...verified.findings.map((text) => el("li", {}, text))), el("p", { class: "small" }, advice));
  }

  #say(words) {
    this.#trouble.textContent = words;
    this.#trouble.hidden = !words;
  }
}

function row(entry) {
  const then = Date.parse(entry.at);
  const today = new Date(then).toDateString() === new Date().toDateString();
  const words = today ? clock(then) : new Date(then).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const facts = Object.entries(entry.about).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value === null ? "–" : String(value))));
  const more = el("details", { class: "facts" }, el("summary", {}, "Details"), el("dl", { class: "pairs" }, ...facts, el("div", {}, el("dt", {}, "hash"), el("dd", {}, el("code", {}, entry.hash)))));
  return el(
    "tr",
    { "data-act": entry.act },
    el("td", { class: "number" }, String(entry.number)),
    el("td", { class: "when" }, time(words, exactly(then), entry.at)),
    el("td", { class: "who" }, whoSentence(entry.by)),
    el("td", { class: "act" }, el("span", { class: "kind" }, capital(actName(entry.act)))),
    el("td", { class: "said" }, el("p", {}, ...entrySentence(entry)), more),
  );
}

new Audit();
