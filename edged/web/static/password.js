// The dialog in which one changes one's own password.

import { change } from "/static/ask.js";
import { el, icon } from "/static/dom.js";

/** Opens it. */
export function open() {
  const old = field("Old password", "current-password", "Leave it empty if you have none yet and came by a link.");
  const fresh = field("New password", "new-password", "Ten characters at least; a few words are best.");
  const trouble = el("p", { class: "problem", role: "alert", hidden: true });
  const save = el("button", { type: "submit", class: "button main" }, "Change password");
  const cancel = el("button", { type: "button", class: "button" }, "Cancel");
  const form = el("form", {}, el("h2", { id: "password-title" }, "Change your password"), old.label, fresh.label, trouble, el("div", { class: "actions" }, save, cancel));
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": "password-title" }, form);
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await change("/api/v1/me/password", { old: old.input.value, new: fresh.input.value });
      form.replaceChildren(
        el("h2", { id: "password-title" }, "Your password is changed"),
        el("p", {}, icon("known"), " Wherever else you were signed in, you are not any more."),
        el("div", { class: "actions" }, closing(dialog)),
      );
      form.querySelector("button").focus();
    } catch (error) {
      trouble.replaceChildren(icon("warn"), error.message);
      trouble.hidden = false;
      save.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

function field(name, purpose, hint) {
  const input = el("input", { type: "password", autocomplete: purpose, maxlength: "256", required: purpose === "new-password" });
  return { input, label: el("label", { class: "field" }, name, input, el("span", { class: "soft" }, hint)) };
}

function closing(dialog) {
  const button = el("button", { type: "button", class: "button main" }, "Close");
  button.addEventListener("click", () => dialog.close());
  return button;
}
