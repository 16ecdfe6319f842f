// One setting on the page: what it is called, what it does, its value, where that comes from and what a change costs.

import { el } from "/static/dom.js";
import { FORGET } from "/static/draft.js";
import { problemWords } from "/static/order.js";
import { COSTS, allowedWords, label, originWords, sort, unit, valueWords } from "/static/settings.js";

let rows = 0;

/** Text with `code` in it. */
export function described(text = "") {
  const parts = text.replaceAll("\n", " ").split("`");
  return parts.map((part, index) => (index % 2 ? el("code", {}, part) : part));
}

/** What the form for one setting reads and writes: text, a choice, a tick, several ticks. Each has `read` and `write`. */
function control(node, id, attributes) {
  const { node: inner, nullable } = sort(node);
  if (inner.type === "boolean" && !nullable) return tick(id, attributes);
  if (inner.enum) return choice(inner, nullable, id, attributes);
  if (inner.type === "array" && inner.items.enum) return ticks(inner, id, attributes);
  if (inner.type === "array") return lines(id, attributes);
  if (inner.type === "integer" || inner.type === "number") return number(nullable, id, attributes);
  return text(inner, nullable, id, attributes);
}

function tick(id, attributes) {
  const box = el("input", { type: "checkbox", role: "switch", id, ...attributes });
  return { element: box, focus: box, read: () => box.checked, write: (value) => { box.checked = value === true; } };
}

function choice(node, nullable, id, attributes) {
  const options = node.enum.map((value) => el("option", { value: String(value) }, String(value)));
  if (nullable) options.unshift(el("option", { value: "" }, "not set"));
  const box = el("select", { id, ...attributes }, ...options);
  const read = () => node.enum.find((value) => String(value) === box.value) ?? null;
  return { element: box, focus: box, read, write: (value) => { box.value = value === null || value === undefined ? "" : String(value); } };
}

function ticks(node, id, { disabled, ...attributes }) {
  const boxes = node.items.enum.map((value) => el("input", { type: "checkbox", value, disabled }));
  const labels = boxes.map((box) => el("label", { class: "tick" }, box, box.value));
  const group = el("div", { class: "ticks", role: "group", id, tabindex: "-1", ...attributes }, ...labels);
  // In the order of the document where they are ticked already: providers are tried in it.
  let before = [];
  const read = () => {
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    return [...before.filter((value) => wanted.includes(value)), ...wanted.filter((value) => !before.includes(value))];
  };
  const write = (value) => {
    before = value ?? [];
    boxes.forEach((box) => { box.checked = before.includes(box.value); });
  };
  return { element: group, focus: group, read, write };
}

function lines(id, attributes) {
  const box = el("textarea", { id, rows: "2", spellcheck: "false", ...attributes });
  const read = () => box.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const write = (value) => {
    box.value = (value ?? []).join("\n");
    box.rows = Math.min(8, Math.max(2, (value ?? []).length + 1));
  };
  return { element: box, focus: box, read, write };
}

function number(nullable, id, attributes) {
  const box = el("input", { type: "text", inputmode: "decimal", id, autocomplete: "off", class: "short", ...attributes });
  const read = () => {
    const text = box.value.trim().replace(",", ".");
    if (!text) return nullable ? null : "";
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  };
  return { element: box, focus: box, read, write: (value) => { box.value = value ?? ""; } };
}

function text(node, nullable, id, attributes) {
  const secret = node.writeOnly === true;
  const kind = secret ? { type: "password", autocomplete: "new-password" } : { type: "text", autocomplete: "off" };
  const box = el("input", { ...kind, id, spellcheck: "false", ...attributes });
  const read = () => (box.value === "" && nullable ? null : box.value);
  return { element: box, focus: box, read, write: (value) => { box.value = value ?? ""; } };
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Args: `path` in the document, the `node` of its schema, the `now` of the device ({value, origin, hidden, source}), and
 * the `draft` that changes go to.
 */
export class SettingRow {
  #now;
  #draft;
  #control;
  #node;
  #problem = el("p", { class: "problem", role: "alert", hidden: true });
  #origin = el("span", { class: "origin" });
  #reset = el("button", { type: "button", class: "link" });

  constructor(path, node, now, draft) {
    this.path = path;
    this.#node = node;
    this.#now = now;
    this.#draft = draft;
    const key = path.split(".").at(-1);
    const id = `setting-${(rows += 1)}`;
    const secret = this.#secret;
    const about = `${id}-about`;
    const pinned = this.#pinned;
    const attributes = { "aria-describedby": about, disabled: Boolean(pinned) };
    if (secret) attributes.placeholder = now.value === null || now.value === undefined ? "not set" : "set; type to replace it";
    else if (now.hidden) attributes.placeholder = now.value;
    this.#control = control(node, id, attributes);
    const named = this.#control.element.tagName === "DIV" ? { id: `${id}-name` } : { for: id };
    const name = el(named.for ? "label" : "span", { class: "name", ...named }, label(key));
    if (named.id) this.#control.element.setAttribute("aria-labelledby", named.id);
    const what = unit(key);
    const allowed = pinned ? "" : allowedWords(node);
    const help = el("p", { class: "about", id: about }, ...described(node.description), allowed ? el("span", { class: "allowed" }, ` ${allowed.charAt(0).toUpperCase()}${allowed.slice(1)}.`) : null);
    const field = el("div", { class: "input" }, this.#control.element, what ? el("span", { class: "unit" }, what) : null);
    const cost = el("span", { class: "cost", "data-cost": node.apply, title: COSTS[node.apply][1] }, COSTS[node.apply][0]);
    const marks = el("p", { class: "marks" }, this.#origin, cost, this.#reset);
    const words = el("div", { class: "words" }, name, el("code", { class: "path" }, path), help);
    this.element = el("div", { class: "setting", "data-path": path }, words, el("div", { class: "value" }, field, pinned ? el("p", { class: "pinned" }, pinned) : null, this.#problem, marks));
    this.#show();
    this.#control.element.addEventListener("input", () => this.#changed());
    this.#control.element.addEventListener("change", () => this.#changed());
    this.#reset.addEventListener("click", () => this.#takeBack());
  }

  focus() {
    this.#control.focus.focus();
  }

  /** Says what is wrong beside the field; null: nothing is. */
  mark(problem) {
    this.#problem.hidden = !problem;
    this.#problem.textContent = problem ? problemWords(problem) : "";
    this.#control.focus.toggleAttribute("aria-invalid", Boolean(problem));
    if (problem) this.#control.focus.setAttribute("aria-invalid", "true");
  }

  /** Shows what the draft has for it, or what holds. */
  refresh() {
    this.#show();
  }

  get #secret() {
    return sort(this.#node).node.writeOnly === true;
  }

  /** Why it cannot be changed here; empty where it can. */
  get #pinned() {
    const { origin, source } = this.#now;
    if (origin === "file") return `Set in ${source}; change it there.`;
    if (this.#node.file_only) return source ? `Can be set in ${source} only.` : "Can be set in the device's own file only.";
    return "";
  }

  get #value() {
    if (this.#now.hidden) return null;
    return this.#now.value === undefined ? this.#node.default ?? null : this.#now.value;
  }

  #changed() {
    const value = this.#control.read();
    const empty = value === "" || value === null;
    // What is hidden and left empty stays as it is; an optional value that is emptied is not set any more.
    if (same(value, this.#value) || (empty && (this.#now.hidden || (this.#value === null && this.#now.value === undefined)))) this.#draft.leave(this.path);
    else this.#draft.set(this.path, value === null ? FORGET : value);
    this.#marks();
  }

  #takeBack() {
    if (this.#draft.has(this.path)) this.#draft.leave(this.path);
    else this.#draft.set(this.path, FORGET);
    this.#show();
    this.focus();
  }

  #show() {
    const drafted = this.#draft.get(this.path);
    if (drafted === FORGET) this.#control.write(this.#node.default ?? null);
    else this.#control.write(drafted === undefined ? this.#value : drafted);
    this.#marks();
  }

  #marks() {
    const changed = this.#draft.has(this.path);
    this.element.classList.toggle("changed", changed);
    const forgets = this.#draft.get(this.path) === FORGET;
    this.#origin.textContent = forgets ? "Will be taken back" : changed ? "Changed, not applied yet" : originWords(this.#now.origin);
    this.#origin.dataset.origin = changed ? "draft" : this.#now.origin;
    const resettable = !changed && this.#now.origin === "page";
    this.#reset.hidden = !changed && !resettable;
    const back = this.#node.default === undefined ? "" : ` (default: ${valueWords(this.#node.default)})`;
    this.#reset.textContent = changed ? "Undo" : `Reset${this.#secret ? "" : back}`;
  }
}
