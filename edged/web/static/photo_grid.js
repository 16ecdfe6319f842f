// The photographs of an event, page by page: looked at, let through, taken away and deleted, by mouse, thumb or keyboard.

import { inAddress, queryOf, toAddress } from "/static/address.js";
import { change, me, read } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { enlarge, photoTile } from "/static/photo_tile.js";
import { toast } from "/static/shell.js";
import { count } from "/static/words.js";

const ADDRESS = "/api/v1/console/photos";
const PAGE = 60;
const UNDO_MS = 8000;
const TABS = [
  ["waiting", "To check"],
  ["shown", "Shown"],
  ["hidden", "Hidden"],
  ["", "All"],
];
const NOTHING = {
  waiting: ["Nothing to check", "Photographs wait here where the event has them checked, or a guest has reported one."],
  shown: ["Nothing is shown yet", "Photographs come from the booth’s camera, the watched folder, or from you."],
  hidden: ["Nothing is hidden", "What is taken away from guests stays here, until it is shown again or deleted."],
  "": ["No photographs yet", "Photographs come from the booth’s camera, the watched folder, or from you."],
};

/** Owns the section. may: { mayChange, mayDestroy }; changed(): called when counts have changed. */
export class PhotoGrid {
  #may;
  #changed;
  #slug = "";
  #standing = "shown";
  #offset = 0;
  #photos = [];
  #total = 0;
  #chosen = new Set();
  #asked = 0;
  #counts = "";
  #doomed = new Map();
  #tabs = el("div", { class: "segments", role: "group", "aria-label": "Which photographs" });
  #tools = el("div", { class: "actions tools" });
  #grid = el("ul", { class: "photo-grid", "aria-label": "Photographs" });
  #nothing = el("div", {});
  #pages = el("nav", { class: "actions", "aria-label": "Pages of photographs" });

  constructor(node, { mayChange, mayDestroy, changed }) {
    this.#may = { mayChange, mayDestroy };
    this.#changed = changed;
    const key = (name) => el("kbd", {}, name);
    const keys = mayChange ? el("p", { class: "soft small keys" }, "On a photograph: ", key("A"), " shows, ", key("H"), " hides, ", key("X"), " chooses", mayDestroy ? [", ", key("Delete"), " deletes"] : "", ", arrows move, ", key("Enter"), " opens it.") : null;
    node.append(el("div", { class: "head" }, el("h2", { id: "photos-title" }, "Photographs"), this.#tabs), keys ?? "", this.#tools, this.#grid, this.#nothing, this.#pages);
    this.#tabs.addEventListener("change", ({ target }) => this.#turn(target.value, 0));
    this.#grid.addEventListener("click", (event) => this.#clicked(event));
    this.#grid.addEventListener("keydown", (event) => this.#pressed(event));
    this.#tools.addEventListener("click", ({ target }) => this.#bulk(target.closest("button")?.dataset.act));
    this.#pages.addEventListener("click", ({ target }) => {
      const step = target.closest("button")?.dataset.step;
      if (step) this.#turn(this.#standing, this.#offset + Number(step) * PAGE);
    });
    window.addEventListener("pagehide", () => this.#finishDeleting());
  }

  /** Shows an event's photographs of a standing. */
  open(slug, standing) {
    const same = slug === this.#slug;
    this.#slug = slug;
    if (!same) this.#photos = [];
    this.#standing = standing === "all" ? "" : standing || (same ? this.#standing : "shown");
    this.#offset = Number(inAddress(["from"]).from) || 0;
    this.#chosen.clear();
    this.#counts = "";
    this.look();
  }

  /** Takes the event's counts over; looks again where they have changed and nobody is at work. */
  update(event) {
    const counts = [event.shown, event.waiting, event.hidden].join();
    const first = this.#counts === "";
    if (counts === this.#counts) return;
    this.#counts = counts;
    if (first && event.waiting && this.#standing === "shown" && !inAddress(["standing"]).standing) this.#turn("waiting", 0);
    else if (!first && !this.#chosen.size && !this.#grid.contains(document.activeElement)) this.look();
    const many = { waiting: event.waiting, shown: event.shown, hidden: event.hidden, "": event.shown + event.waiting + event.hidden };
    const there = [...this.#tabs.querySelectorAll("input")].find(({ checked }) => checked)?.value;
    show(this.#tabs, ...TABS.map(([value, words]) => el("label", {}, el("input", { type: "radio", name: "standing", value }), el("span", {}, `${words} ${many[value].toLocaleString("en")}`))));
    if (there !== this.#standing) this.#check();
  }

  /** Reads the page anew. */
  async look() {
    const asked = ++this.#asked;
    this.#check();
    let answer;
    try {
      answer = await read(`${ADDRESS}/events/${this.#slug}/photos?${queryOf({ standing: this.#standing, offset: this.#offset, limit: PAGE })}`);
    } catch (error) {
      if (asked === this.#asked) show(this.#nothing, el("p", { class: "problem" }, icon("warn"), el("span", {}, error.message)));
      return;
    }
    if (asked !== this.#asked) return;
    if (!answer.photos.length && this.#offset) {
      this.#turn(this.#standing, Math.max(0, this.#offset - PAGE));
      return;
    }
    this.#photos = answer.photos.filter(({ id }) => !this.#doomed.has(id));
    this.#total = answer.total;
    this.#render();
  }

  #check() {
    for (const input of this.#tabs.querySelectorAll("input")) input.checked = input.value === this.#standing;
  }

  #turn(standing, offset) {
    this.#standing = standing;
    this.#offset = offset;
    this.#chosen.clear();
    toAddress({ event: this.#slug, standing: standing || "all", from: offset || "" });
    this.look();
  }

  #render() {
    const here = document.activeElement?.closest?.(".photo-tile")?.dataset.id;
    const place = this.#placeOf(here);
    show(this.#grid, ...this.#photos.map((photo, index) => photoTile(photo, { reached: index === Math.max(0, place), chosen: this.#chosen.has(photo.id), mixed: this.#standing === "", mayChange: this.#may.mayChange })));
    if (here) (this.#tileOf(here) ?? this.#grid.children[Math.min(Math.max(place, 0), this.#photos.length - 1)]?.querySelector(".open"))?.focus();
    const [title, words] = NOTHING[this.#standing];
    show(this.#nothing, ...(this.#photos.length ? [] : [el("div", { class: "empty" }, icon("photos"), el("p", { class: "title" }, title), el("p", { class: "soft" }, words))]));
    const last = Math.min(this.#offset + PAGE, this.#total);
    const step = (name, words2, by, off) => el("button", { type: "button", class: "button", "data-step": by, disabled: off }, icon(name), words2);
    show(this.#pages, ...(this.#total > PAGE ? [step("left", "Earlier", "-1", this.#offset === 0), el("span", { role: "status" }, `${this.#offset + 1}–${last} of ${this.#total.toLocaleString("en")}`), step("right", "Later", "1", last >= this.#total)] : []));
    this.#renderTools();
  }

  #renderTools() {
    const many = this.#chosen.size;
    const button = (act, name, words, tone = "") => el("button", { type: "button", class: `button ${tone}`, "data-act": act }, icon(name), words);
    const all = this.#photos.length > 0 && this.#photos.every(({ id }) => this.#chosen.has(id));
    const doing = many ? [el("span", { role: "status" }, `${many} chosen`), button("show", "known", "Show"), button("hide", "off", "Hide"), this.#may.mayDestroy ? button("delete", "remove", "Delete", "danger") : null] : [];
    const tools = this.#may.mayChange && this.#photos.length ? [button(all ? "none" : "all", "copy", all ? "Choose none" : "Choose all here"), ...doing] : [];
    show(this.#tools, ...tools.filter(Boolean));
  }

  #placeOf(id) {
    return this.#photos.findIndex((photo) => photo.id === id);
  }

  #tileOf(id) {
    return this.#grid.querySelector(`[data-id="${CSS.escape(id)}"] .open`);
  }

  #clicked(event) {
    const button = event.target.closest("button");
    const id = button?.closest(".photo-tile").dataset.id;
    if (id) this.#act(event.ctrlKey || event.metaKey || event.shiftKey ? "choose" : button.dataset.act, id);
  }

  #pressed(event) {
    const tile = event.target.closest(".photo-tile");
    if (!tile || event.ctrlKey || event.metaKey || event.altKey) return;
    const id = tile.dataset.id;
    const keys = this.#may.mayChange ? { a: "show", h: "hide", x: "choose", Delete: "delete" } : {};
    const wanted = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const across = Math.max(1, getComputedStyle(this.#grid).gridTemplateColumns.split(" ").length);
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
    if (wanted) this.#act(wanted, id);
    else if (by) this.#move(this.#placeOf(id) + by);
    else return;
    event.preventDefault();
  }

  #move(place) {
    const photo = this.#photos[place];
    if (!photo) return;
    for (const open of this.#grid.querySelectorAll(".open")) open.tabIndex = -1;
    const open = this.#tileOf(photo.id);
    open.tabIndex = 0;
    open.focus();
  }

  #act(what, id) {
    if (what === "open") enlarge(this.#photos[this.#placeOf(id)], this.#may, (wanted) => this.#act(wanted, id));
    if (what === "choose") {
      if (!this.#chosen.delete(id)) this.#chosen.add(id);
      this.#render();
    }
    if (what === "show" || what === "hide") this.#stand([id], what === "show" ? "shown" : "hidden");
    if (what === "delete" && this.#may.mayDestroy) this.#delete([id]);
  }

  #bulk(what) {
    const ids = [...this.#chosen];
    if (what === "all") this.#photos.forEach(({ id }) => this.#chosen.add(id));
    if (what === "none") this.#chosen.clear();
    if (what === "all" || what === "none") this.#render();
    if (what === "show" || what === "hide") this.#stand(ids, what === "show" ? "shown" : "hidden");
    if (what === "delete") this.#delete(ids);
  }

  /** Changes the standing of some; can be taken back. */
  async #stand(ids, standing) {
    const before = this.#byStanding(ids);
    this.#leave(ids, standing);
    if (!(await this.#ask("stand", { photos: ids, standing }))) return;
    const words = `${count(ids.length, "photograph is", "photographs are")} ${standing === "shown" ? "shown" : "hidden from guests"}.`;
    toast(words, { undo: () => this.#restore(before) });
    this.#changed();
  }

  /** Hides some at once, and deletes them when nobody has taken it back for some seconds, or leaves the page. */
  async #delete(ids) {
    const before = this.#byStanding(ids);
    ids.forEach((id) => this.#doomed.set(id, this.#slug));
    this.#leave(ids, null);
    if (!(await this.#ask("stand", { photos: ids, standing: "hidden" }))) {
      ids.forEach((id) => this.#doomed.delete(id));
      return;
    }
    const slug = this.#slug;
    const timer = setTimeout(async () => {
      await this.#ask("delete", { photos: ids }, slug);
      ids.forEach((id) => this.#doomed.delete(id));
      this.#changed();
    }, UNDO_MS);
    toast(`${count(ids.length, "photograph is", "photographs are")} deleted.`, {
      undo: () => {
        if (!ids.every((id) => this.#doomed.has(id))) {
          toast("It was too late: they are gone.", { tone: "bad" });
          return;
        }
        clearTimeout(timer);
        ids.forEach((id) => this.#doomed.delete(id));
        this.#restore(before);
      },
    });
    this.#changed();
  }

  async #finishDeleting() {
    const headers = { "content-type": "application/json", "edged-token": (await me()).word };
    for (const slug of new Set(this.#doomed.values())) {
      const photos = [...this.#doomed].filter(([, its]) => its === slug).map(([id]) => id);
      fetch(`${ADDRESS}/events/${slug}/delete`, { method: "POST", headers, body: JSON.stringify({ photos }), keepalive: true });
    }
  }

  async #restore(before) {
    for (const [standing, photos] of before) await this.#ask("stand", { photos, standing });
    this.look();
    this.#changed();
  }

  /** Ids by the standing they have. */
  #byStanding(ids) {
    const groups = new Map();
    for (const id of ids) {
      const standing = this.#photos[this.#placeOf(id)]?.standing ?? "hidden";
      groups.set(standing, [...(groups.get(standing) ?? []), id]);
    }
    return [...groups];
  }

  /** Takes photographs out of what is seen, or shows their new standing; the keyboard goes to the next one. */
  #leave(ids, standing) {
    const stays = standing !== null && (this.#standing === "" || this.#standing === standing);
    const next = this.#photos.slice(this.#placeOf(ids.at(-1)) + 1).find(({ id }) => !ids.includes(id)) ?? this.#photos.findLast(({ id }) => !ids.includes(id));
    const focused = this.#grid.contains(document.activeElement);
    if (stays) this.#photos = this.#photos.map((photo) => (ids.includes(photo.id) ? { ...photo, standing } : photo));
    else this.#photos = this.#photos.filter(({ id }) => !ids.includes(id));
    ids.forEach((id) => this.#chosen.delete(id));
    this.#render();
    if (focused && next) this.#move(this.#placeOf(next.id));
    if (!this.#photos.length) this.look();
  }

  async #ask(what, wanted, slug = this.#slug) {
    try {
      await change(`${ADDRESS}/events/${slug}/${what}`, wanted);
      return true;
    } catch (error) {
      toast(error.message, { tone: "bad" });
      this.look();
      return false;
    }
  }
}
