// The form by which somebody is enrolled from unknown visits.

import { el, icon, show } from "/static/dom.js";

/**
 * One form.
 *
 * submit(wanted): does it, or throws an Error whose message is shown; close(): puts the form away.
 */
export class EnrolForm {
  #key = field("ID", "customer_person_id", "your own key for this person", { required: true, maxlength: 128 });
  #name = field("Name", "name", "may be left empty", { maxlength: 256 });
  #groups = field("Groups", "groups", "separated by commas", { maxlength: 2000 });
  #known = el("input", { type: "checkbox", name: "known" });
  #problem = el("div", { role: "alert" });
  #save = el("button", { type: "submit", class: "button main" }, "Enrol");
  #submit;

  constructor(submit, close) {
    this.#submit = submit;
    const cancel = el("button", { type: "button", class: "button" }, "Cancel");
    cancel.addEventListener("click", close);
    this.element = el(
      "form",
      { class: "enrol", autocomplete: "off" },
      el("p", { class: "soft small" }, "The ticked pictures are used. What you leave out stays in the list."),
      el("div", { class: "fields" }, this.#key, this.#name, this.#groups),
      el("label", { class: "tick" }, this.#known, "This person is enrolled already: add the pictures to them"),
      this.#problem,
      el("div", { class: "actions" }, this.#save, cancel),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && close());
  }

  /** Puts the cursor into the first field. */
  focus() {
    input(this.#key).focus();
  }

  async #send() {
    this.#save.disabled = true;
    show(this.#problem);
    try {
      await this.#submit({
        customer_person_id: input(this.#key).value.trim(),
        name: input(this.#name).value.trim(),
        groups: input(this.#groups).value.split(",").map((group) => group.trim()).filter(Boolean),
        known: this.#known.checked,
      });
    } catch (error) {
      show(this.#problem, el("p", { class: "problem" }, icon("warn"), error.message));
      this.#save.disabled = false;
    }
  }
}

function field(label, name, hint, more) {
  const words = el("span", {}, label, el("span", { class: "soft" }, ` – ${hint}`));
  return el("label", { class: "field" }, words, el("input", { name, type: "text", ...more }));
}

function input(label) {
  return label.querySelector("input");
}
