// Codes: typed on the screen, on a keyboard, or by a reader that types. They are shown as dots, and kept nowhere.

import { el, show } from "/static/dom.js";

const MOST = 512;
const MOST_DOTS = 12;
const FORGET_MS = 10000;
const MACHINE_GAP_MS = 40;
const MACHINE_KEYS = 4;
const ROWS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "done"];

/**
 * Which factor a code is, among those that are accepted; null where none fits.
 *
 * A reader types faster than anybody, and letters that no PIN has. Cards are short numbers; what else it read is a QR code.
 */
export function factorOf(code, byMachine, accepts) {
  const isNumber = /^\d+$/.test(code);
  const isCard = /^[0-9A-Fa-f:]{4,20}$/.test(code);
  const read = byMachine || !isNumber;
  const order = read ? (isCard ? ["card", "qr"] : ["qr", "card"]) : ["pin", "card", "qr"];
  const fits = order.find((factor) => accepts.includes(factor));
  return fits ?? (accepts.includes("pin") && isNumber ? "pin" : null);
}

/** Owns the pad. onCode(factor, code): somebody finished one. onCancel(): they went away from it. */
export class Pad {
  #node;
  #words = null;
  #onCode;
  #onCancel;
  #accepts = [];
  #code = "";
  #times = [];
  #byHand = false;
  #forget = 0;
  #dots = el("p", { class: "dots", role: "img" });

  constructor(node, { onCode, onCancel }) {
    this.#node = node;
    this.#onCode = onCode;
    this.#onCancel = onCancel;
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Which factors are taken now; what was begun for others is forgotten. */
  take(accepts) {
    if (accepts.join() !== this.#accepts.join()) this.clear();
    this.#accepts = accepts;
  }

  /** Shows the keys, or takes them away. canCancel: with a key to go back. */
  show(visible, words, canCancel) {
    if (!visible && !this.#node.hidden) this.clear();
    this.#node.hidden = !visible;
    if (!visible || (words === this.#words && Boolean(this.#node.querySelector(".cancel")) === canCancel)) return;
    this.#words = words;
    this.#node.setAttribute("aria-label", words.keys);
    const cancel = canCancel ? el("button", { type: "button", class: "key cancel" }, words.cancel) : null;
    cancel?.addEventListener("click", () => this.#onCancel());
    show(this.#node);
    this.#node.append(this.#dots, el("div", { class: "keys" }, ...ROWS.map((name) => this.#button(name))), ...(cancel ? [cancel] : []));
    this.#count();
  }

  /** Forgets what was typed. */
  clear() {
    clearTimeout(this.#forget);
    this.#code = "";
    this.#times = [];
    this.#byHand = false;
    this.#count();
  }

  #button(name) {
    const isDigit = name.length === 1;
    const button = el("button", { type: "button", class: isDigit ? "key" : `key ${name}` }, isDigit ? name : this.#words[name]);
    button.addEventListener("click", () => {
      if (name === "done") this.#finish();
      else if (name === "erase") this.#erase();
      else {
        this.#byHand = true;
        this.#add(name, 0);
      }
    });
    return button;
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Enter" && this.#times.length) this.#finish();
    else if (event.key === "Backspace") this.#erase();
    else if (event.key === "Escape") this.#onCancel();
    else if (/^[!-~]$/.test(event.key) && this.#accepts.length) this.#add(event.key, event.timeStamp);
    else return;
    event.preventDefault();
  }

  #add(key, at) {
    if (this.#code.length >= MOST) return;
    this.#code += key;
    if (at) this.#times.push(at);
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.clear(), FORGET_MS);
    this.#count();
  }

  #erase() {
    this.#code = this.#code.slice(0, -1);
    this.#times.pop();
    this.#count();
  }

  #finish() {
    const code = this.#code;
    const factor = code && factorOf(code, this.#isMachine(), this.#accepts);
    this.clear();
    if (factor) this.#onCode(factor, code);
  }

  #isMachine() {
    const times = this.#times;
    if (this.#byHand || times.length < MACHINE_KEYS) return false;
    return (times.at(-1) - times[0]) / (times.length - 1) < MACHINE_GAP_MS;
  }

  #count() {
    const count = this.#code.length;
    show(this.#dots, ...Array.from({ length: Math.min(count, MOST_DOTS) }, () => el("span", {})));
    if (this.#words) this.#dots.setAttribute("aria-label", this.#words.digits.replace("{count}", count));
  }
}
