// Schedules and holidays: as pictures, and as forms whose changes go the way of every other change of the configuration.

import { el, show } from "/static/dom.js";
import { settle } from "/static/order.js";
import { originWords } from "/static/settings.js";
import { DAYS, DAY_NAMES, holidayWords, scheduleWords, weekPicture } from "/static/week.js";

const NAME = "[a-z0-9][a-z0-9_\\-]{0,31}";
const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

/** Owns the section of the hours. `edits`: whether who is signed in may change them; `reload`: reads them anew. */
export class HoursPanel {
  #node;
  #edits;
  #reload;

  constructor(node, edits, reload) {
    this.#node = node;
    this.#edits = edits;
    this.#reload = reload;
  }

  render(hours, doors) {
    const names = Object.keys(hours.schedules);
    const cards = names.map((name) => this.#schedule(name, hours, doors));
    const empty = el("p", { class: "nothing" }, "There are no schedules: a door without one lets its people pass at any hour. Add one, then choose it for a door under Config.");
    const add = this.#edits ? this.#button("Add a schedule …", () => this.#editSchedule("", {}, hours)) : null;
    const days = Object.entries(hours.holidays).sort(([, one], [, other]) => (one.first < other.first ? -1 : 1));
    const list = days.length
      ? el("ul", { class: "holidays" }, ...days.map(([name, holiday]) => this.#holiday(name, holiday, hours)))
      : el("p", { class: "nothing" }, "No holidays: every week is like the next.");
    const addDay = this.#edits ? this.#button("Add a holiday …", () => this.#editHoliday("", { first: "", last: "", yearly: false }, hours)) : null;
    this.#node.replaceChildren(
      el("div", { class: "head" }, el("h2", {}, "Hours"), el("p", { class: "soft small" }, hours.time_zone ? `Time zone: ${hours.time_zone}` : "Time zone of this machine"), add),
      names.length ? el("div", { class: "weeks" }, ...cards) : empty,
      el("div", { class: "head" }, el("h3", {}, "Holidays"), addDay),
      list,
    );
  }

  #button(words, act) {
    const button = el("button", { type: "button", class: "button" }, words);
    button.addEventListener("click", act);
    return button;
  }

  #schedule(name, hours, doors) {
    const path = `access.schedules.${name}`;
    const schedule = hours.schedules[name];
    const users = doors.filter((door) => door.schedule === name).map((door) => door.name);
    const open = doors.filter((door) => door.hold_open === name).map((door) => `${door.name} stands open`);
    const use = [users.length ? `For ${users.join(", ")}` : "", ...open].filter(Boolean).join("; ") || "No door uses it";
    const zone = hours.zones[name] || hours.time_zone;
    const edit = this.#edits && hours.origins[path] !== "file" ? this.#button("Edit …", () => this.#editSchedule(name, schedule, hours)) : null;
    edit?.setAttribute("aria-label", `Edit the schedule ${name}`);
    const locked = hours.origins[path] === "file" ? el("span", { class: "soft small" }, originWords("file")) : null;
    return el(
      "figure",
      { class: "schedule card" },
      el("figcaption", {}, el("strong", {}, name), el("span", { class: "soft small" }, use), edit ?? locked),
      weekPicture(name, schedule, hours.holidays, zone),
      el("p", { class: "soft small" }, scheduleWords(schedule), zone !== hours.time_zone ? ` (${zone})` : ""),
    );
  }

  #holiday(name, holiday, hours) {
    const edit = this.#edits && hours.origins[`access.holidays.${name}`] !== "file" ? this.#button("Edit …", () => this.#editHoliday(name, holiday, hours)) : null;
    edit?.setAttribute("aria-label", `Edit the holiday ${name}`);
    return el("li", {}, el("strong", {}, name), holidayWords(holiday), edit ?? el("span", { class: "soft small" }, this.#edits ? originWords("file") : ""));
  }

  #editSchedule(name, schedule, hours) {
    const rows = [...DAYS, "holidays"].map((day) => {
      const value = (schedule[day] ?? []).join(", ");
      const box = el("input", { name: day, value, placeholder: day === "holidays" ? "closed" : "closed, or 08:00-12:00, 13:00-18:00", autocomplete: "off", spellcheck: "false", disabled: hours.fixed.includes(`access.schedules.${name}.${day}`) });
      box.addEventListener("input", () => box.setCustomValidity(""));
      return el("label", { class: "line" }, el("span", {}, DAY_NAMES[day]), box);
    });
    const picture = el("div", { class: "preview" });
    const copy = this.#button("Monday’s hours on every working day", () => {
      const monday = form.element.elements.mon.value;
      for (const day of ["tue", "wed", "thu", "fri"]) form.element.elements[day].value = monday;
      draw();
    });
    const read = () => Object.fromEntries([...DAYS, "holidays"].map((day) => [day, spans(form.element.elements[day].value)]));
    const draw = () => {
      const value = read();
      const fit = Object.fromEntries(Object.entries(value).map(([day, list]) => [day, list.filter((text) => SPAN.test(text))]));
      show(picture, weekPicture(name || "new", fit, hours.holidays, hours.time_zone));
    };
    const form = this.#form(name ? `Schedule ${name}` : "A new schedule", name, hours.schedules, "access.schedules", hours, [el("p", { class: "soft small" }, "From-to, 24 hours, several with commas. One that ends before it begins reaches into the next day."), ...rows, copy, picture], () => {
      const value = read();
      for (const [day, list] of Object.entries(value)) {
        const box = form.element.elements[day];
        const wrong = list.find((text) => !SPAN.test(text));
        box.setCustomValidity(wrong ? `${wrong} is not from-to, like 08:00-18:00` : "");
        if (wrong) {
          box.reportValidity();
          return null;
        }
      }
      const before = schedule;
      const same = (day) => JSON.stringify(before[day] ?? []) === JSON.stringify(value[day]);
      return Object.fromEntries(Object.entries(value).filter(([day]) => !name || !same(day)));
    });
    form.element.addEventListener("input", draw);
    draw();
  }

  #editHoliday(name, holiday, hours) {
    const first = el("input", { type: "date", name: "first", required: true, value: holiday.first });
    const last = el("input", { type: "date", name: "last", value: holiday.last === holiday.first ? "" : holiday.last });
    const yearly = el("input", { type: "checkbox", name: "yearly" });
    yearly.checked = holiday.yearly;
    last.addEventListener("input", () => last.setCustomValidity(""));
    this.#form(name ? `Holiday ${name}` : "A new holiday", name, hours.holidays, "access.holidays", hours, [
      el("label", { class: "line" }, el("span", {}, "First day"), first),
      el("label", { class: "line" }, el("span", {}, "Last day, if there are several"), last),
      el("label", { class: "line tick" }, yearly, el("span", {}, "Every year again")),
    ], () => {
      if (last.value && last.value < first.value) {
        last.setCustomValidity("The last day lies before the first.");
        last.reportValidity();
        return null;
      }
      return { first: first.value, last: last.value || null, yearly: yearly.checked };
    });
  }

  /** A dialog with a name, some fields and what to do with them. `read` gives the value, or null where it does not fit. */
  #form(title, name, there, place, hours, fields, read) {
    const box = el("input", { name: "name", required: true, pattern: NAME, maxlength: "32", autocomplete: "off", spellcheck: "false", title: "Small letters, digits, - and _" });
    const naming = name ? [] : [el("label", { class: "line" }, el("span", {}, "Name"), box)];
    const removable = name && hours.origins[`${place}.${name}`] === "page";
    const remove = removable ? el("button", { type: "button", class: "button danger" }, `Remove ${name}`) : null;
    const cancel = el("button", { type: "button", class: "button" }, "Cancel");
    const go = el("button", { class: "button main" }, "Look at the change …");
    const element = el("form", { class: "stack" }, el("h2", { id: "hours-title" }, title), ...naming, ...fields, el("div", { class: "actions" }, remove, el("span", { class: "space" }), cancel, go));
    const dialog = el("dialog", { class: "dialog wide", "aria-labelledby": "hours-title" }, element);
    document.body.append(dialog);
    dialog.addEventListener("close", () => dialog.remove());
    cancel.addEventListener("click", () => dialog.close());
    const nested = (value) => {
      const [section, map] = place.split(".");
      return { [section]: { [map]: { [name || box.value]: value } } };
    };
    const send = async (words, value) => {
      if (await settle(words, nested(value))) {
        dialog.close();
        this.#reload();
      }
    };
    remove?.addEventListener("click", () => send(`Remove ${name}?`, null));
    box.addEventListener("input", () => box.setCustomValidity(""));
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!name && box.value in there) {
        box.setCustomValidity("There is one of this name already.");
        box.reportValidity();
        return;
      }
      const value = read();
      if (value) send(`${title}: apply?`, value);
    });
    dialog.showModal();
    return { element, dialog };
  }
}

function spans(text) {
  return text.split(/[,;]/).map((part) => part.trim().replace(/\s*[-–]\s*/, "-")).filter(Boolean);
}
