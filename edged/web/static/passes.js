// Visitors' passes: issued, shown once as a QR code to print, listed and revoked.

import { change, read } from "/static/ask.js";
import { el, icon } from "/static/dom.js";
import { qr } from "/static/qr.js";
import { ask, toast } from "/static/shell.js";

const ADDRESS = "/api/v1/console/passes";
const DAY_MS = 86_400_000;

/** Owns the section of the passes. `edits`: whether who is signed in may issue and revoke. */
export class PassPanel {
  #list = el("ul", { class: "pass-list" });
  #trouble = el("p", { class: "problem", role: "alert", hidden: true });
  #edits;
  #doors = [];

  constructor(node, edits) {
    this.#edits = edits;
    const issue = el("button", { type: "button", class: "button" }, "Issue a pass …");
    issue.addEventListener("click", () => this.#issue());
    node.replaceChildren(el("div", { class: "head" }, el("h2", { id: "passes-title" }, "Visitors’ passes"), edits ? issue : null), this.#trouble, this.#list);
  }

  /** The doors there are. */
  render(doors) {
    this.#doors = doors.map(({ name }) => name);
  }

  async look() {
    try {
      const { passes } = await read(ADDRESS);
      this.#trouble.hidden = true;
      const nothing = el("li", { class: "nothing" }, this.#edits ? "No pass is out. Issue one for a visitor: it opens the doors that let visitors in, for as long as you say." : "No pass is out.");
      this.#list.replaceChildren(...(passes.length ? passes.map((ticket) => this.#row(ticket)) : [nothing]));
    } catch (error) {
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
    }
  }

  #row(ticket) {
    const name = ticket.name || "Without a name";
    const until = Date.parse(ticket.valid_until);
    const over = until < Date.now();
    const used = ticket.uses_left === 0;
    const state = over ? ["Over", "none"] : used ? ["Used", "none"] : Date.parse(ticket.valid_from) > Date.now() ? ["Not valid yet", "warn"] : ["Valid", "good"];
    const uses = ticket.uses_left === null ? "as often as wanted" : `${ticket.uses_left} more ${ticket.uses_left === 1 ? "time" : "times"}`;
    const revoke = this.#edits ? el("button", { type: "button", class: "button", "aria-label": `Revoke the pass ${name}` }, "Revoke …") : null;
    revoke?.addEventListener("click", async () => {
      if (!(await ask({ title: `Revoke the pass “${name}”?`, text: "It opens nothing any more, at once. This cannot be undone; issue a new one instead.", action: "Revoke", danger: true }))) return;
      try {
        await change(`${ADDRESS}/revoke`, { id: ticket.id });
        toast(`The pass “${name}” is revoked.`);
      } catch (error) {
        toast(error.message, { tone: "bad" });
      }
      this.look();
    });
    return el(
      "li",
      {},
      el("span", { class: `chip ${state[1]}` }, state[0]),
      el("div", { class: "what" }, el("strong", {}, name), el("span", { class: "soft small" }, `${ticket.doors.join(", ") || "all doors for visitors"} · ${uses}`)),
      el("span", { class: "small soft" }, `${short(ticket.valid_from)} – ${short(ticket.valid_until)}`),
      revoke,
    );
  }

  #issue() {
    const now = new Date();
    const tonight = new Date(now);
    tonight.setHours(23, 59, 0, 0);
    const name = el("input", { name: "name", maxlength: "120", autocomplete: "off", placeholder: "for example: Acme, lift service" });
    const from = el("input", { name: "from", type: "datetime-local", required: true, value: local(now) });
    const until = el("input", { name: "until", type: "datetime-local", required: true, value: local(tonight) });
    const uses = el("input", { name: "uses", type: "number", min: "1", max: "10000", placeholder: "as often as wanted" });
    const doors = this.#doors.map((door) => el("label", { class: "tick" }, el("input", { type: "checkbox", name: "doors", value: door }), door));
    const trouble = el("p", { class: "problem", role: "alert", hidden: true });
    const cancel = el("button", { type: "button", class: "button" }, "Cancel");
    const form = el(
      "form",
      { class: "form" },
      el("h2", { id: "pass-title" }, "A visitor’s pass"),
      el("label", { class: "field" }, "For whom or what", name),
      el("div", { class: "fields" }, el("label", { class: "field" }, "From", from), el("label", { class: "field" }, "Until", until), el("label", { class: "field" }, "Uses", uses)),
      el("fieldset", { class: "ticks" }, el("legend", {}, "Doors (none chosen: all that let visitors in)"), ...doors),
      trouble,
      el("div", { class: "actions" }, el("button", { class: "button main" }, "Issue"), cancel),
    );
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "pass-title" }, form);
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      this.look();
    });
    cancel.addEventListener("click", () => dialog.close());
    until.addEventListener("input", () => until.setCustomValidity(""));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (Date.parse(until.value) <= Date.parse(from.value)) {
        until.setCustomValidity("It would be over before it begins.");
        until.reportValidity();
        return;
      }
      const wanted = {
        name: name.value,
        doors: [...form.querySelectorAll("[name=doors]:checked")].map(({ value }) => value),
        valid_from: new Date(from.value).toISOString(),
        valid_until: new Date(until.value).toISOString(),
        uses: uses.value ? Number(uses.value) : null,
      };
      try {
        const issued = await change(`${ADDRESS}/issue`, wanted);
        dialog.replaceChildren(...shown(issued, dialog));
        dialog.querySelector("button").focus();
      } catch (error) {
        trouble.textContent = error.message;
        trouble.hidden = false;
      }
    });
    dialog.showModal();
    name.focus();
  }
}

/** The new pass with its code, for this once. */
function shown({ ticket, code, picture }, dialog) {
  const print = el("button", { type: "button", class: "button main" }, "Print");
  const close = el("button", { type: "button", class: "button" }, "Done");
  print.addEventListener("click", () => window.print());
  close.addEventListener("click", () => dialog.close());
  const sheet = el(
    "div",
    { class: "pass-sheet" },
    el("h2", { id: "pass-title" }, ticket.name || "Visitor’s pass"),
    qr(picture, "The pass as a QR code"),
    el("p", { class: "code" }, el("code", {}, code)),
    el("p", {}, `${ticket.doors.join(", ") || "All doors for visitors"}`),
    el("p", {}, `${short(ticket.valid_from)} – ${short(ticket.valid_until)}`),
  );
  const once = el("p", { class: "once" }, icon("warn"), "This code is shown once. Print it or take a picture of it now; the device does not keep it.");
  return [sheet, once, el("div", { class: "actions" }, print, close)];
}

function local(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function short(instant) {
  const then = Date.parse(instant);
  const day = Math.abs(then - Date.now()) < DAY_MS / 2 && new Date(then).toDateString() === new Date().toDateString();
  return new Date(then).toLocaleString("en-GB", day ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}
