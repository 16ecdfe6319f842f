// Enrolling: photographs from files or from a camera, each judged before anything is stored, then who it is.

import { change, read, send } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { factFields, factsIn, field } from "/static/person-forms.js";
import { toast } from "/static/shell.js";
import { count, decimals, personName, sentence } from "/static/words.js";

const ADDRESS = "/api/v1/console/people";
const MOST = 16;
const MOST_BYTES = 16 * 1024 * 1024;
const GOOD = 0.6;

/** One enrolment: open() shows it. person: who gets more photographs; without, somebody new. done(id): it was stored. */
export class Enrolment {
  #person;
  #done;
  #photos = [];
  #busy = 0;
  #sure = false;
  #list = el("ul", { class: "drafts", "aria-label": "Photographs" });
  #say = el("p", { class: "unseen", role: "status" });
  #problem = el("div", { role: "alert" });
  #save = el("button", { type: "submit", class: "button main" });
  #files = el("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/bmp", multiple: true, class: "unseen", tabindex: "-1", "aria-label": "Photographs to add" });
  #camera = el("div", { class: "booth", hidden: true });
  #form;
  #box;

  constructor({ person = null, done }) {
    this.#person = person;
    this.#done = done;
    const choose = el("button", { type: "button", class: "button" }, icon("add"), "Choose photographs …");
    const booth = el("button", { type: "button", class: "button" }, icon("camera"), "Use a camera");
    const drop = el(
      "div",
      { class: "drop" },
      icon("people"),
      el("p", {}, "Drop photographs here, or"),
      el("div", { class: "actions" }, choose, booth),
      el("p", { class: "soft small" }, "JPEG, PNG, WebP or BMP. One person in each, looking at the camera. Two to five that differ recognise best."),
      this.#files,
    );
    choose.addEventListener("click", () => this.#files.click());
    this.#files.addEventListener("change", () => {
      this.#take([...this.#files.files]);
      this.#files.value = "";
    });
    booth.addEventListener("click", () => this.#openCamera());
    for (const type of ["dragenter", "dragover"]) {
      drop.addEventListener(type, (event) => {
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#take([...event.dataTransfer.files]);
    });

    const cancel = el("button", { type: "button", class: "button" }, "Cancel");
    const key = field("ID", "customer_person_id", { hint: "your own key for this person; it stays", required: true, maxlength: 128 });
    const title = person ? `More photographs of ${personName(person)}` : "Enrol somebody";
    const who = person ? null : el("fieldset", { class: "fields" }, el("legend", {}, "Who it is"), key, ...factFields());
    const close = el("button", { type: "button", class: "button plain", "aria-label": "Close" }, icon("close"));
    close.addEventListener("click", () => this.#box.close());
    this.#form = el(
      "form",
      { class: "enrolment", autocomplete: "off" },
      el("div", { class: "pane-head" }, el("h2", { id: "enrol-title" }, title), close),
      drop,
      this.#camera,
      this.#list,
      who,
      this.#problem,
      this.#say,
      el("div", { class: "actions" }, this.#save, cancel),
    );
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#store();
    });
    cancel.addEventListener("click", () => this.#box.close());
    this.#box = el("dialog", { class: "dialog wide", "aria-labelledby": "enrol-title" }, this.#form);
    this.#box.addEventListener("close", () => {
      this.#camera.replaceChildren(); // the live picture ends with it
      this.#box.remove();
    });
    this.#render();
  }

  open() {
    document.body.append(this.#box);
    this.#box.showModal();
    this.#form.querySelector(".drop button").focus();
  }

  async #take(files) {
    const room = MOST - this.#photos.length;
    const chosen = files.slice(0, Math.max(room, 0));
    if (chosen.length < files.length) this.#trouble(`${MOST} photographs at once are the most.`);
    for (const file of chosen) {
      if (file.size > MOST_BYTES) {
        this.#add({ file: file.name, taken: false, what: `it has ${decimals(file.size / 1e6, 0)} MB`, remedy: "Send one of 16 MB at most", warnings: [], picture: null });
        continue;
      }
      const form = new FormData();
      form.append("person", this.#person?.id ?? "");
      form.append("photograph", file, file.name);
      await this.#judge(file.name, () => send(`${ADDRESS}/drafts`, form));
    }
  }

  /** Has one photograph judged; what is wrong with it is part of the answer. */
  async #judge(name, ask) {
    this.#busy += 1;
    this.#render();
    try {
      this.#add(await ask());
    } catch (error) {
      this.#add({ file: name, taken: false, what: error.message, remedy: "", warnings: [], picture: null });
    }
    this.#busy -= 1;
    this.#render();
  }

  #add(answer) {
    this.#photos.push(answer);
    this.#sure = false;
    this.#say.textContent = `${answer.file}: ${verdictOf(answer)}`;
    this.#render();
  }

  async #openCamera() {
    this.#camera.hidden = false;
    let cameras;
    try {
      ({ cameras } = await read("/api/v1/state"));
    } catch (error) {
      this.#trouble(error.message);
      return;
    }
    const names = Object.keys(cameras).filter((name) => cameras[name].state === "online");
    if (!names.length) {
      this.#camera.replaceChildren(el("p", { class: "note warn" }, icon("warn"), el("span", {}, "No camera gives pictures at the moment. ", el("a", { href: "/cameras" }, "See what is wrong"))));
      return;
    }
    const live = el("img", { class: "live-view", alt: "What the camera sees now" });
    const pick = el("select", { name: "camera" }, ...names.map((name) => el("option", { value: name }, name)));
    const point = () => live.setAttribute("src", `/api/v1/cameras/${encodeURIComponent(pick.value)}/live.mjpeg`);
    pick.addEventListener("change", point);
    const shoot = el("button", { type: "button", class: "button main" }, icon("camera"), "Take a picture");
    shoot.addEventListener("click", async () => {
      if (this.#photos.length >= MOST) return;
      shoot.disabled = true;
      await this.#judge(pick.value, () => change(`${ADDRESS}/drafts/camera`, { camera: pick.value, person: this.#person?.id ?? "" }));
      shoot.disabled = false;
      shoot.focus();
    });
    const which = el("label", { class: "field", hidden: names.length < 2 }, el("span", {}, "Camera"), pick);
    const advice = el("p", { class: "soft small" }, "Ask them to come close and to look into the camera. For the next picture, let them turn the head a little.");
    this.#camera.replaceChildren(live, el("div", { class: "booth-side" }, which, shoot, advice));
    point();
    shoot.focus();
  }

  async #store() {
    const drafts = this.#usable().map(({ draft }) => draft);
    if (!drafts.length) {
      this.#trouble("Add a photograph that can be used first.");
      return;
    }
    this.#save.disabled = true;
    show(this.#problem);
    const asked = this.#person
      ? { drafts, person: this.#person.id, certain: this.#sure }
      : { drafts, customer_person_id: this.#form.elements.customer_person_id.value.trim(), ...factsIn(this.#form), certain: this.#sure };
    let answer;
    try {
      answer = await change(`${ADDRESS}/enroll`, asked);
    } catch (error) {
      this.#trouble(error.message);
      this.#save.disabled = false;
      return;
    }
    if (!answer.stored) {
      for (const found of answer.photographs) {
        const photo = this.#photos.find(({ draft }) => draft && draft === found.draft);
        if (photo) photo.warnings = found.warnings;
      }
      this.#sure = true;
      this.#render();
      this.#trouble("Nothing is stored yet: something is odd about the photographs marked below. Remove them, or go on if you are sure.");
      return;
    }
    this.#box.close();
    const many = count(drafts.length, "photograph", "photographs");
    toast(this.#person ? `${answer.name} has ${many} more.` : `${answer.name} is enrolled with ${many} and is recognised from now on.`);
    this.#done(answer.id);
  }

  #usable() {
    return this.#photos.filter(({ taken }) => taken);
  }

  #trouble(words) {
    show(this.#problem, el("p", { class: "problem" }, icon("warn"), el("span", {}, words)));
  }

  #render() {
    const waiting = this.#busy ? [el("li", { class: "draft waiting" }, el("span", { class: "none face-none" }, icon("looking")), el("p", {}, "It is looked at …"))] : [];
    this.#list.replaceChildren(...this.#photos.map((photo) => this.#card(photo)), ...waiting);
    const usable = this.#usable().length;
    const verb = this.#person ? "Add" : "Enrol with";
    show(this.#save, this.#sure ? "I am sure: go on" : usable ? `${verb} ${count(usable, "photograph", "photographs")}` : this.#person ? "Add" : "Enrol");
    this.#save.disabled = this.#busy > 0;
  }

  #card(photo) {
    const tone = photo.taken ? (photo.warnings.length ? "warn" : "good") : "bad";
    const picture = photo.picture ? el("img", { src: photo.picture, alt: "" }) : el("span", { class: "none face-none" }, icon("person"));
    const remove = el("button", { type: "button", class: "button plain", "aria-label": `Leave out ${photo.file}`, title: "Leave it out" }, icon("close"));
    remove.addEventListener("click", () => {
      this.#photos = this.#photos.filter((other) => other !== photo);
      this.#sure = false;
      this.#render();
      this.#save.focus();
    });
    const meter = photo.taken ? el("meter", { min: "0", max: "1", low: "0.4", high: String(GOOD), optimum: "1", value: String(photo.quality), "aria-label": "Quality" }) : null;
    const words = [el("p", { class: `verdict ${tone}` }, icon({ good: "known", warn: "warn", bad: "away" }[tone]), verdictOf(photo)), meter];
    if (!photo.taken && photo.remedy) words.push(el("p", { class: "small" }, sentence(photo.remedy)));
    for (const warning of photo.warnings) words.push(el("p", { class: "small" }, `${sentence(warning.what)} ${sentence(warning.remedy)}`));
    return el("li", { class: `draft ${tone}` }, picture, el("div", { class: "draft-words" }, el("p", { class: "small soft draft-file" }, photo.file), ...words.filter(Boolean)), remove);
  }
}

function verdictOf({ taken, quality, what, warnings }) {
  if (!taken) return sentence(what);
  const score = `${decimals(quality * 100, 0)} of 100`;
  if (warnings.length) return `Quality ${score}, but something is odd`;
  return quality >= GOOD ? `Good: quality ${score}` : `Can be used: quality ${score}. A better one recognises better.`;
}
