// The pane beside a list that says everything about one of its rows; on narrow screens it covers the page.

import { el, icon, show } from "/static/dom.js";

/** Owns an element `.detail`, which is hidden while nothing is open. */
export class Pane {
  #element;
  #onClose;
  #opener = null;

  /** onClose(): called when the reader closes it. */
  constructor(element, onClose) {
    this.#element = element;
    this.#onClose = onClose;
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      this.#closed();
    });
  }

  get isOpen() {
    return !this.#element.hidden;
  }

  /**
   * Shows `children` below a title.
   *
   * focus: the keyboard goes there, and back to `opener` when it is closed; update: the same thing is shown as before,
   * so only what differs is changed, and nothing in it may listen to events.
   */
  open(title, children, { focus = false, opener = null, update = false } = {}) {
    const close = el("button", { type: "button", class: "button plain pane-close", "aria-label": "Close" }, icon("close"));
    const head = el("div", { class: "pane-head" }, el("h2", { id: "pane-title", tabindex: "-1" }, title), close);
    this.#element.hidden = false;
    this.#element.setAttribute("aria-labelledby", "pane-title");
    if (update) show(this.#element, head, ...children);
    else this.#element.replaceChildren(head, ...children);
    this.#element.querySelector(".pane-close").onclick = () => this.#closed();
    if (!focus) return;
    this.#opener = opener;
    this.#element.scrollTop = 0;
    this.#element.querySelector("#pane-title").focus();
  }

  close() {
    this.#element.hidden = true;
    this.#element.replaceChildren();
  }

  #closed() {
    this.close();
    this.#onClose();
    if (this.#opener?.isConnected) this.#opener.focus();
  }
}
