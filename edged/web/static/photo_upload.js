// Adding photographs from the reader's machine: dropped or chosen, sent one after the other, each with what came of it.

import { send } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { count, megabytes } from "/static/words.js";

const ADDRESS = "/api/v1/console/photos";
const MOST_BYTES = 32 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "image/webp"];
const BUSY_MS = 1500;
const TRIES = 20;

/** Owns the section. added(): called when some more are in. */
export class Upload {
  #node;
  #added;
  #slug = "";
  #queue = [];
  #done = 0;
  #refused = [];
  #sending = false;
  #status = el("p", { role: "status" });
  #bar = el("progress", { "aria-label": "Photographs that are in", hidden: true });
  #list = el("ul", { class: "refused", "aria-label": "Files that were refused" });

  constructor(node, added) {
    this.#node = node;
    this.#added = added;
    const files = el("input", { type: "file", multiple: true, accept: KINDS.join(","), class: "unseen", id: "upload-files" });
    const choose = el("label", { class: "button", for: "upload-files" }, icon("add"), "Choose photographs");
    const drop = el("div", { class: "drop" }, icon("photos"), el("p", {}, "Drop photographs here: JPEG, PNG or WebP"), files, choose);
    node.append(el("div", { class: "head" }, el("h2", { id: "upload-title" }, "Add photographs")), drop, this.#bar, this.#status, this.#list);
    files.addEventListener("change", () => {
      this.#take([...files.files]);
      files.value = "";
    });
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#take([...event.dataTransfer.files]);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.#sending) event.preventDefault();
    });
  }

  /** Shows it for an event, or not at all. What is on its way goes on to where it was meant for. */
  offer(event, may) {
    this.#node.hidden = !may && !this.#sending;
    this.#slug = event.slug;
  }

  #take(files) {
    const slug = this.#slug;
    if (!this.#sending) {
      this.#done = 0;
      this.#refused = [];
    }
    this.#queue.push(...files.map((file) => ({ file, slug })));
    this.#render();
    if (!this.#sending) this.#work();
  }

  async #work() {
    this.#sending = true;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      this.#render(next.file.name);
      const why = await this.#sent(next);
      this.#queue.shift();
      if (why) this.#refused.push([next.file.name, why]);
      else this.#done += 1;
      if (!this.#queue.length || this.#done % 10 === 0) this.#added();
    }
    this.#sending = false;
    this.#render();
  }

  /** Why it was refused; empty: it is in. */
  async #sent({ file, slug }) {
    if (file.size > MOST_BYTES) return `It has ${megabytes(file.size / 1e6)}; at most ${megabytes(MOST_BYTES / 1e6)} are taken.`;
    if (file.type && !KINDS.includes(file.type)) return "It is neither JPEG nor PNG nor WebP.";
    const form = new FormData();
    form.append("file", file, file.name);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await send(`${ADDRESS}/events/${slug}/upload`, form);
        return "";
      } catch (error) {
        if (!/busy|in a moment/i.test(error.message) || attempt >= TRIES) return error.message;
        await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      }
    }
  }

  #render(name = "") {
    const all = this.#done + this.#refused.length + this.#queue.length;
    this.#bar.hidden = !this.#queue.length;
    this.#bar.max = Math.max(all, 1);
    this.#bar.value = all - this.#queue.length;
    const refused = this.#refused.length ? `, ${count(this.#refused.length, "was refused", "were refused")}` : "";
    if (this.#queue.length) this.#status.textContent = `${all - this.#queue.length} of ${all}${refused}${name ? `: ${name} is being looked at` : ""}`;
    else this.#status.textContent = all ? `${count(this.#done, "photograph is in", "photographs are in")}${refused}.` : "";
    show(this.#list, ...this.#refused.map(([file, why]) => el("li", {}, icon("warn"), el("span", {}, el("strong", {}, file), " – ", why))));
  }
}
