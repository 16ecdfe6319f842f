// Dialogs about a person: what is known of them, and one thing that has to be typed.

import { el, icon, show } from "/static/dom.js";
import { personName } from "/static/words.js";

/** A field with its label and a hint. */
export function field(label, name, { hint = "", area = false, ...more } = {}) {
  const words = el("span", {}, label, hint ? el("span", { class: "soft" }, ` – ${hint}`) : null);
  return el("label", { class: "field" }, words, el(area ? "textarea" : "input", { name, ...(area ? { rows: "3" } : { type: "text" }), ...more }));
}

/** The fields of a person but for the ID. */
export function factFields() {
  return [
    field("Name", "name", { maxlength: 256 }),
    field("Groups", "groups", { hint: "separated by commas", maxlength: 2000 }),
    field("Valid from", "valid_from", { hint: "empty: at once", type: "date" }),
    field("Valid until", "valid_until", { hint: "with that day; empty: for good", type: "date" }),
    field("E-mail", "email", { maxlength: 254 }),
    field("Telephone", "phone", { maxlength: 64 }),
    field("Notes", "notes", { area: true, maxlength: 4096 }),
  ];
}

/** What the fields of a form hold, as the device reads it. A validity that was not touched stays as exact as it was. */
export function factsIn(form, before = {}) {
  const value = (name) => form.elements[name].value.trim();
  const bound = (name) => {
    const asBefore = before[name] && value(name) === dayOf(before[name], name === "valid_until");
    return asBefore ? before[name] : value(name);
  };
  return {
    name: value("name"),
    email: value("email"),
    phone: value("phone"),
    notes: form.elements.notes.value.trim(),
    groups: value("groups").split(",").map((group) => group.trim()).filter(Boolean),
    valid_from: bound("valid_from"),
    valid_until: bound("valid_until"),
  };
}

/** The day of a moment in the reader's time zone; of an end that is midnight, the day before. */
function dayOf(instant, ends) {
  const moment = new Date(Date.parse(instant) - (ends ? 1000 : 0));
  const two = (number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

export const editing = {
  /** What is known of a person, as the device reads it. */
  factsOf({ person, email, phone, notes }) {
    return { name: person.name, email, phone, notes, groups: person.groups, valid_from: person.valid_from ?? "", valid_until: person.valid_until ?? "" };
  },

  /** Lets the reader change it; resolves to whether it was saved. save(facts): does it, or throws. */
  ask(detail, save) {
    const before = editing.factsOf(detail);
    const fields = el("div", { class: "fields" }, ...factFields());
    return dialog(`Edit ${personName(detail.person)}`, [el("p", { class: "soft small" }, "The ID stays: everything refers to it. "), fields], "Save", {
      wide: true,
      prepare: (form) => {
        for (const name of ["name", "email", "phone", "notes"]) form.elements[name].value = before[name];
        form.elements.groups.value = before.groups.join(", ");
        if (before.valid_from) form.elements.valid_from.value = dayOf(before.valid_from, false);
        if (before.valid_until) form.elements.valid_until.value = dayOf(before.valid_until, true);
      },
      submit: (form) => save(factsIn(form, before)),
    });
  },
};

/** Asks for one line; resolves to it, or to null. */
export async function prompted({ title, text, label, hint = "", action, longest, secret = false }) {
  let typed = null;
  const line = field(label, "typed", { hint, maxlength: longest, required: true, autocomplete: "off", ...(secret ? { type: "password", autocomplete: "new-password" } : {}) });
  const done = await dialog(title, [el("p", {}, text), line], action, {
    submit: (form) => {
      typed = form.elements.typed.value.trim();
    },
  });
  return done ? typed : null;
}

/** A dialog with a form; resolves to whether it was submitted. submit(form): does it, or throws what is shown. */
function dialog(title, children, action, { wide = false, prepare = () => {}, submit }) {
  return new Promise((resolve) => {
    const problem = el("div", { role: "alert" });
    const save = el("button", { type: "submit", class: "button main" }, action);
    const cancel = el("button", { type: "button", class: "button" }, "Cancel");
    const form = el("form", { autocomplete: "off" }, el("h2", { id: "form-title" }, title), ...children, problem, el("div", { class: "actions" }, save, cancel));
    const box = el("dialog", { class: `dialog${wide ? " wide" : ""}`, "aria-labelledby": "form-title" }, form);
    let done = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      save.disabled = true;
      show(problem);
      try {
        await submit(form);
        done = true;
        box.close();
      } catch (error) {
        show(problem, el("p", { class: "problem" }, icon("warn"), el("span", {}, error.message)));
        save.disabled = false;
      }
    });
    cancel.addEventListener("click", () => box.close());
    box.addEventListener("close", () => {
      box.remove();
      resolve(done);
    });
    prepare(form);
    document.body.append(box);
    box.showModal();
    form.querySelector("input, textarea").focus();
  });
}
