// What stands around every page of the console: where one can go, who is signed in, and what was just done.
//
// <edged-shell page="events"><main id="main" tabindex="-1">…</main></edged-shell>
//
// A page's own script imports from here: toast(), ask(). See docs/design/console.md.

import { change, me } from "/static/ask.js";
import { el, icon } from "/static/dom.js";
import { open as openPassword } from "/static/password.js";

const PAGES = [
  ["live", "/", "Live"],
  ["events", "/events", "Events"],
  ["people", "/people", "People"],
  ["review", "/review", "Review"],
  ["doors", "/doors", "Doors"],
  ["photos", "/photos", "Photographs"],
  ["cameras", "/cameras", "Cameras"],
  ["config", "/config", "Config"],
  ["health", "/health", "Health"],
  ["audit", "/audit", "Audit"],
  ["accounts", "/accounts", "Accounts", "administrator"],
];
const TOAST_MS = 8000;

class Shell extends HTMLElement {
  connectedCallback() {
    if (this.querySelector(".rail")) return;
    const links = PAGES.map(([name, address, words, role]) =>
      el(
        "li",
        { hidden: Boolean(role), "data-role": role },
        el("a", { href: address, "aria-current": name === this.getAttribute("page") ? "page" : undefined }, icon(name), el("span", {}, words)),
      ),
    );
    const pages = el("nav", { class: "rail-pages", id: "pages", "aria-label": "Pages" }, el("ul", {}, ...links));
    const menu = el("button", { type: "button", class: "button rail-menu", "aria-expanded": "false", "aria-controls": "pages" }, icon("menu"), "Menu");
    menu.addEventListener("click", () => this.#unfold(menu, menu.getAttribute("aria-expanded") !== "true"));
    this.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || menu.getAttribute("aria-expanded") !== "true") return;
      this.#unfold(menu, false);
      menu.focus();
    });
    const brand = el("a", { class: "rail-brand", href: "/" }, icon("brand"), el("span", { class: "rail-device" }, "edged"));
    const who = el("div", { class: "rail-who" });
    const rail = el("header", { class: "rail" }, brand, menu, pages, who);
    this.prepend(el("a", { class: "skip", href: "#main" }, "Skip to the content"), rail);
    this.append(el("div", { class: "toasts", role: "status" }));
    this.#greet(who);
  }

  #unfold(menu, wide) {
    menu.setAttribute("aria-expanded", String(wide));
    this.classList.toggle("unfolded", wide);
  }

  async #greet(who) {
    let account;
    try {
      account = await me();
    } catch {
      return; // the page itself says that the device does not answer
    }
    this.querySelector(".rail-device").textContent = account.device;
    if (!document.title.includes(account.device)) document.title = document.title.replace(/ – edged$/, ` – ${account.device} – edged`);
    if (account.role === "administrator") this.querySelectorAll("[data-role]").forEach((link) => { link.hidden = false; });
    const password = el("button", { type: "button", class: "link" }, "Change password");
    password.addEventListener("click", () => openPassword());
    const leave = el("button", { type: "button", class: "button" }, icon("leave"), "Sign out");
    leave.addEventListener("click", () => signOut());
    const name = el("p", { class: "rail-name" }, icon("person"), el("span", {}, account.name, el("span", { class: "soft small" }, account.role)));
    who.replaceChildren(name, password, leave);
  }
}

async function signOut() {
  try {
    await change("/api/v1/sign-out", {});
    location.assign("/sign-in");
  } catch (error) {
    toast(error.message, { tone: "bad" });
  }
}

/**
 * Says what was done, for some seconds, to the eye and to screen readers.
 *
 * tone: "good" or "bad" (which stays until it is closed); undo: called when the reader takes it back, within those seconds.
 */
export function toast(words, { tone = "good", undo = null } = {}) {
  const close = el("button", { type: "button", class: "button plain", "aria-label": "Close" }, icon("close"));
  const back = undo ? el("button", { type: "button", class: "button" }, "Undo") : null;
  const note = el("div", { class: `toast ${tone}` }, icon(tone === "good" ? "known" : "warn"), el("p", {}, words), back, close);
  const end = () => note.remove();
  close.addEventListener("click", end);
  back?.addEventListener("click", () => {
    end();
    undo();
  });
  document.querySelector("edged-shell .toasts").append(note);
  if (tone === "good") setTimeout(() => note.matches(":hover, :focus-within") ? setTimeout(end, TOAST_MS) : end(), TOAST_MS);
}

/**
 * Asks before something is done that cannot be undone; resolves to whether it may be.
 *
 * title: a question; text: what happens; action: the button's word ("Delete Anna"); danger: it destroys something;
 * typed: what has to be typed before, such as the name of what is destroyed.
 */
export function ask({ title, text = "", action, danger = false, typed = "" }) {
  return new Promise((resolve) => {
    const yes = el("button", { type: "submit", class: `button main ${danger ? "danger" : ""}`, value: "yes", disabled: Boolean(typed) }, action);
    const no = el("button", { type: "button", class: "button" }, "Cancel");
    const field = typed ? el("input", { type: "text", autocomplete: "off", spellcheck: "false" }) : null;
    field?.addEventListener("input", () => { yes.disabled = field.value.trim() !== typed; });
    const form = el(
      "form",
      {},
      el("h2", { id: "ask-title" }, title),
      text ? el("p", {}, text) : null,
      field ? el("label", { class: "field" }, el("span", {}, "Type ", el("strong", {}, typed), " to go on"), field) : null,
      el("div", { class: "actions" }, yes, no),
    );
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "ask-title" }, form);
    let answer = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = true;
      dialog.close();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    (field ?? no).focus();
  });
}

customElements.define("edged-shell", Shell);
