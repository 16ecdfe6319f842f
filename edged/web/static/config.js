// The configuration: forms made from the document's schema, with where each value comes from and what a change costs.

import { read } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { Draft, FORGET } from "/static/draft.js";
import { costWords, forecast, problemWords, settle } from "/static/order.js";
import { SettingRow, described } from "/static/setting_row.js";
import { COSTS, GROUPS, Schema, at, label, originWords, sectionName } from "/static/settings.js";
import { count } from "/static/words.js";

const ADDRESS = "/api/v1/console/config";
const FORECAST_AFTER_MS = 350;
const MOST_FOUND = 60;

/** Owns the page: the list of sections, the section that is open, the bar with what is to be applied. */
class Config {
  #list = document.getElementById("sections");
  #choose = document.getElementById("choose");
  #find = document.getElementById("find");
  #form = document.getElementById("form");
  #title = document.getElementById("form-title");
  #trouble = document.getElementById("trouble");
  #bar = document.getElementById("bar");
  #said = document.getElementById("said");
  #apply = document.getElementById("apply");
  #discard = document.getElementById("discard");
  #draft = new Draft();
  #schema;
  #state;
  #rows = [];
  #problems = [];
  #timer = 0;
  #asked = 0;

  constructor() {
    this.#draft.addEventListener("change", () => this.#later());
    this.#find.addEventListener("input", () => this.#go({ find: this.#find.value.trim() }));
    this.#choose.addEventListener("change", () => this.#go({ section: this.#choose.value }));
    window.addEventListener("popstate", () => this.#open());
    window.addEventListener("beforeunload", (event) => this.#draft.size && event.preventDefault());
    this.#apply.addEventListener("click", () => this.#make());
    this.#discard.addEventListener("click", () => this.#forget());
    this.#load();
  }

  async #load() {
    try {
      const [schema, state] = await Promise.all([this.#schema ?? read(`${ADDRESS}/schema`), read(ADDRESS)]);
      this.#schema ??= new Schema(schema);
      this.#state = state;
      this.#trouble.hidden = true;
    } catch (error) {
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
      return;
    }
    this.#open();
  }

  /** Keeps what is looked at in the address. */
  #go(wanted) {
    const query = new URLSearchParams();
    if (wanted.find) query.set("find", wanted.find);
    else if (wanted.section) query.set("section", wanted.section);
    const move = wanted.find ? "replaceState" : "pushState";
    history[move](null, "", query.size ? `?${query}` : location.pathname);
    this.#open();
  }

  #open() {
    if (!this.#schema) return;
    const query = new URLSearchParams(location.search);
    const find = query.get("find") ?? "";
    const wanted = query.get("section");
    const section = this.#schema.sections.includes(wanted) ? wanted : "cameras";
    if (this.#find.value.trim() !== find) this.#find.value = find;
    this.#menu(find ? "" : section);
    this.#rows = [];
    if (find) this.#showFound(find);
    else this.#showSection(section);
    this.#markAll();
    this.#showBar();
  }

  #menu(open) {
    const known = GROUPS.flatMap(([, keys]) => keys);
    const rest = this.#schema.sections.filter((key) => !known.includes(key));
    const groups = [...GROUPS, ["More", rest]].map(([name, keys]) => [name, keys.filter((key) => this.#schema.sections.includes(key))]).filter(([, keys]) => keys.length);
    const link = (key) => {
      const problems = this.#problems.filter(({ path }) => path === key || path.startsWith(`${key}.`)).length;
      const changed = this.#draft.paths.some((path) => path.startsWith(`${key}.`));
      const mark = problems ? el("span", { class: "dot bad" }, count(problems, "problem", "problems")) : changed ? el("span", { class: "dot" }, "changed") : null;
      return el("li", {}, el("a", { class: "section", href: `?section=${key}`, "aria-current": key === open && "true", "data-section": key }, sectionName(key), mark));
    };
    show(this.#list, ...groups.map(([name, keys]) => el("div", {}, el("h3", {}, name), el("ul", {}, ...keys.map(link)))));
    this.#list.onclick = (event) => {
      const chosen = event.target.closest("a[data-section]");
      if (!chosen || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#go({ section: chosen.dataset.section });
      this.#title.focus();
    };
    const options = groups.map(([name, keys]) => el("optgroup", { label: name }, ...keys.map((key) => el("option", { value: key }, sectionName(key)))));
    this.#choose.replaceChildren(...(open ? [] : [el("option", { value: "" }, "Found settings")]), ...options);
    this.#choose.value = open;
  }

  #showSection(key) {
    const node = this.#schema.section(key);
    this.#title.textContent = sectionName(key);
    const about = node.description ? el("p", { class: "lead" }, ...described(node.description)) : null;
    this.#form.replaceChildren(...(about ? [about] : []), ...this.#parts(key, node));
  }

  /** What a section is made of: rows first, then what lies deeper. */
  #parts(path, node) {
    const entry = this.#schema.entry(node);
    if (entry) return [this.#map(path, node, entry)];
    const rows = [];
    const deeper = [];
    for (const [key, below] of this.#schema.below(node, this.#valueAt(path))) {
      const place = `${path}.${key}`;
      if (!this.#schema.isSection(below)) {
        if (below.const === undefined) rows.push(this.#row(place, below).element);
      } else {
        const heading = el("h3", {}, label(key));
        const about = below.description ? el("p", { class: "about" }, ...described(below.description)) : null;
        deeper.push(el("section", { class: "part", "aria-label": label(key) }, heading, about, ...this.#parts(place, below)));
      }
    }
    return [...rows, ...deeper];
  }

  /** What holds at a path, or what the draft would put there. */
  #valueAt(path) {
    return at(this.#state.effective, path) ?? (this.#draft.has(path) ? this.#draft.get(path) : undefined);
  }

  #row(path, node) {
    const value = at(this.#state.effective, path);
    const origin = this.#state.provenance[path] ?? "default";
    const now = { value, origin, hidden: this.#state.hidden.includes(path), source: this.#state.source };
    const row = new SettingRow(path, node, now, this.#draft);
    this.#rows.push(row);
    return row;
  }

  /** Entries with names: cameras, doors, schedules, holidays. */
  #map(path, node, entry) {
    const kept = Object.keys(at(this.#state.effective, path) ?? {});
    const added = this.#draft.paths.filter((place) => place.startsWith(`${path}.`) && place.split(".").length === path.split(".").length + 1 && this.#draft.get(place) !== FORGET).map((place) => place.slice(path.length + 1));
    const names = [...kept, ...added.filter((name) => !kept.includes(name))];
    const cards = names.map((name) => this.#entry(path, name, entry, !kept.includes(name), names.length === 1));
    const nothing = names.length ? null : el("p", { class: "nothing" }, `There are no ${label(path.split(".").at(-1)).toLowerCase()} yet. Add one below.`);
    return el("div", { class: "entries" }, nothing, ...cards, this.#adding(path, node, entry, names));
  }

  #entry(path, name, entry, isNew, open) {
    const place = `${path}.${name}`;
    const value = this.#valueAt(place);
    const goes = this.#draft.get(place) === FORGET;
    const kind = value?.kind ? el("span", { class: "kind" }, value.kind) : null;
    const state = goes ? "Will be removed" : isNew ? "New, not applied yet" : originWords(this.#state.names[place] ?? "default");
    const wanted = new URLSearchParams(location.search).get("entry") === place;
    const details = el("details", { class: "entry", open: open || isNew || wanted, "data-path": place });
    const summary = el("summary", {}, el("strong", {}, name), kind, el("span", { class: "origin", "data-origin": goes || isNew ? "draft" : this.#state.names[place] }, state));
    const live = path === "cameras" && !isNew ? el("img", { class: "sees", alt: `What ${name} sees now`, loading: "lazy", "data-src": `/api/v1/cameras/${name}/live.mjpeg` }) : null;
    const body = el("div", { class: "entry-body" }, live, ...(goes ? [] : this.#parts(place, entry)), el("div", { class: "actions" }, this.#removing(place, name, isNew, goes)));
    details.append(summary, body);
    // A live picture is a connection that never ends: only while it can be seen.
    const look = () => {
      if (!live) return;
      if (details.open) live.src = live.dataset.src;
      else live.removeAttribute("src");
    };
    live?.addEventListener("error", () => { live.hidden = true; });
    details.addEventListener("toggle", look);
    look();
    return details;
  }

  #removing(place, name, isNew, goes) {
    if (!isNew && !goes && this.#state.names[place] !== "page") {
      return el("p", { class: "soft small" }, `${originWords(this.#state.names[place] ?? "file")}: it can be removed there only.`);
    }
    const button = el("button", { type: "button", class: goes ? "button" : "button danger" }, goes ? `Keep ${name}` : `Remove ${name}`);
    button.addEventListener("click", () => {
      this.#draft.leave(place);
      if (!isNew && !goes) this.#draft.set(place, FORGET);
      this.#open();
    });
    return button;
  }

  #adding(path, node, entry, names) {
    const noun = label(path.split(".").at(-1)).toLowerCase().replace(/s$/, "");
    const kinds = [...this.#schema.kinds(entry)];
    const name = el("input", { type: "text", name: "name", required: true, maxlength: "32", pattern: this.#schema.names(node).replace(/^\^|\$$/g, ""), autocomplete: "off", spellcheck: "false", title: "Small letters, digits, - and _" });
    const kind = kinds.length ? el("select", { name: "kind" }, ...kinds.map(([value, below]) => el("option", { value }, `${value} – ${(below.description ?? "").split(/[.:]/)[0]}`))) : null;
    const form = el("form", { class: "adding" }, el("label", {}, `Name of a new ${noun}`, name), kind ? el("label", {}, "Kind", kind) : null, el("button", { class: "button" }, `Add ${noun}`));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (names.includes(name.value)) {
        name.setCustomValidity("There is one of this name already.");
        name.reportValidity();
        return;
      }
      const place = `${path}.${name.value}`;
      this.#draft.set(place, kind ? { kind: kind.value } : {});
      this.#open();
      this.#form.querySelector(`[data-path="${place}"] :is(input, select, textarea):not(:disabled)`)?.focus();
    });
    name.addEventListener("input", () => name.setCustomValidity(""));
    return form;
  }

  #showFound(find) {
    const words = find.toLowerCase().split(/\s+/);
    const found = [...this.#all()].filter(({ path, node }) => {
      const text = `${path} ${path.split(".").map(label).join(" ")} ${node.description ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    this.#title.textContent = found.length ? count(found.length, "setting", "settings") : "Nothing found";
    if (!found.length) {
      this.#form.replaceChildren(el("p", { class: "nothing" }, `No setting has “${find}” in its name or description. Try another word, or open a section.`));
      return;
    }
    const groups = new Map();
    for (const one of found.slice(0, MOST_FOUND)) {
      const section = one.path.split(".")[0];
      groups.set(section, [...(groups.get(section) ?? []), one]);
    }
    const parts = [...groups].map(([section, items]) => el("section", { class: "part" }, el("h3", {}, sectionName(section)), ...items.map(({ path, node }) => this.#row(path, node).element)));
    if (found.length > MOST_FOUND) parts.push(el("p", { class: "soft" }, `The first ${MOST_FOUND} are shown; give more of the name.`));
    this.#form.replaceChildren(...parts);
  }

  /** Every setting that is there. */
  *#all() {
    const walk = function* (schema, path, node, value) {
      const entry = schema.entry(node);
      if (entry) {
        for (const [name, below] of Object.entries(value ?? {})) yield* walk(schema, `${path}.${name}`, entry, below);
        return;
      }
      for (const [key, below] of schema.below(node, value)) {
        const place = `${path}.${key}`;
        if (schema.isSection(below)) yield* walk(schema, place, below, value?.[key]);
        else if (below.const === undefined) yield { path: place, node: below };
      }
    };
    for (const key of this.#schema.sections) yield* walk(this.#schema, key, this.#schema.section(key), this.#state.effective[key]);
  }

  /** Asks what would come of the draft, once nobody types any more. */
  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), FORECAST_AFTER_MS);
    this.#showBar();
  }

  async #ask() {
    const number = (this.#asked += 1);
    if (!this.#draft.size) {
      this.#problems = [];
      this.#markAll();
      this.#showBar();
      return;
    }
    let seen;
    try {
      seen = await forecast(this.#draft.patch());
    } catch (error) {
      this.#said.textContent = error.message;
      return;
    }
    if (number !== this.#asked) return;
    this.#problems = seen.problems;
    this.#markAll();
    this.#showBar(seen);
  }

  #markAll() {
    const shown = new Set();
    for (const row of this.#rows) {
      const problem = this.#problems.find(({ path }) => path === row.path);
      row.mark(problem);
      if (problem) shown.add(problem);
    }
    const others = this.#problems.filter((problem) => !shown.has(problem));
    const list = document.getElementById("others");
    list.hidden = !others.length;
    show(list, ...others.map((problem) => el("li", {}, problem.path ? el("code", {}, problem.path) : null, " ", problemWords(problem))));
    this.#menu(new URLSearchParams(location.search).get("find") ? "" : this.#choose.value);
  }

  #showBar(seen) {
    const changes = this.#draft.size;
    this.#bar.hidden = !changes;
    document.body.classList.toggle("has-bar", Boolean(changes));
    this.#apply.disabled = this.#problems.length > 0;
    if (!changes) return;
    const words = [count(changes, "change", "changes")];
    if (this.#problems.length) words.push(count(this.#problems.length, "problem", "problems"));
    else if (seen) words.push(seen.costliest ? COSTS[seen.costliest][0].toLowerCase() : "nothing would differ");
    this.#said.textContent = words.join(" · ");
    this.#said.title = seen && !seen.problems.length ? costWords(seen) : "";
  }

  async #make() {
    if (await settle("Apply these changes?", this.#draft.patch())) this.#draft.clear();
    await this.#load();
    (this.#bar.hidden ? this.#title : this.#apply).focus();
  }

  #forget() {
    this.#draft.clear();
    this.#problems = [];
    this.#open();
    this.#title.focus();
  }
}

new Config();
