// Whether anybody is still there: asked before the screen forgets a guest, with the time that is left.

const WARNED_S = 15;

/** Owns the <dialog>. onGone(): nobody touched anything, nor said that they are there. */
export class Idle {
  #dialog;
  #onGone;
  #words = null;
  #limit = 0;
  #timer = 0;

  constructor(dialog, onGone) {
    this.#dialog = dialog;
    this.#onGone = onGone;
    for (const kind of ["pointerdown", "keydown"]) {
      document.addEventListener(kind, (event) => {
        // Whoever answers this means nothing else by it.
        if (dialog.open) event.stopPropagation();
        this.#stay();
      }, true);
    }
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#stay();
    });
  }

  /** Waits so many seconds without a touch before it asks; 0: for ever. */
  watch(seconds, words) {
    this.#words = words;
    this.#limit = seconds;
    this.#stay();
  }

  #stay() {
    clearTimeout(this.#timer);
    if (this.#dialog.open) this.#dialog.close();
    if (this.#limit) this.#timer = setTimeout(() => this.#ask(WARNED_S), 1000 * this.#limit);
  }

  #ask(left) {
    if (left <= 0) {
      this.#limit = 0;
      this.#stay();
      this.#onGone();
      return;
    }
    const part = (name) => this.#dialog.querySelector(`#idle-${name}`);
    part("title").textContent = this.#words.title;
    part("stay").textContent = this.#words.stay;
    part("line").textContent = this.#words.line.replace("{seconds}", left);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#timer = setTimeout(() => this.#ask(left - 1), 1000);
  }
}
