// The live picture of one camera, with the faces that the device found in exactly that picture.

import { drawFaces, faceHint, faceWords } from "/static/boxes.js";
import { code, el, icon, show } from "/static/dom.js";
import { parts } from "/static/multipart.js";
import { decimals, duration, lasting, latency, sentence } from "/static/words.js";

const STALLED_MS = 3000;
const AGAIN_MS = 2000;

const PARTS = ["cameras", "pause", "view", "picture", "boxes", "message", "in-view", "pace"];

const HOW_TO_ADD = "Add one to /etc/edged/edged.yaml as below, then run: systemctl reload edged";
const EXAMPLE = "cameras:\n  front:\n    kind: v4l2\n    device: /dev/video0";

/** Owns the section #live. Reads the stream only while it is wanted: camera there, page visible, not paused. */
export class Live {
  #parts = Object.fromEntries(PARTS.map((id) => [id, document.getElementById(id)]));
  #state = null;
  #camera = new URLSearchParams(location.search).get("camera");
  #paused = false;
  #faces = [];
  #drawn = 0;
  #problem = null;
  #reading = null;

  constructor() {
    this.#parts.pause.addEventListener("click", () => {
      this.#paused = !this.#paused;
      this.#refresh();
    });
    document.addEventListener("visibilitychange", () => this.#refresh());
    new ResizeObserver(() => drawFaces(this.#parts.boxes, this.#faces)).observe(this.#parts.view);
    setInterval(() => this.#refresh(), 1000);
    this.#refresh();
  }

  /** Takes over what the device says of itself. */
  update(state) {
    this.#state = state;
    const names = Object.keys(state.cameras);
    const online = names.find((name) => state.cameras[name].state === "online");
    if (!names.includes(this.#camera)) this.#camera = online ?? names[0] ?? null;
    this.#showChooser(names);
    this.#refresh();
  }

  /** The device does not answer: what was seen is no longer true. */
  lose() {
    this.#state = null;
    this.#refresh();
  }

  #choose(name) {
    this.#camera = name;
    const address = new URL(location.href);
    address.searchParams.set("camera", name);
    history.replaceState(null, "", address);
    this.#stop();
    this.#refresh();
  }

  #showChooser(names) {
    const { cameras } = this.#parts;
    cameras.hidden = names.length < 2;
    const choices = names.map((name) => choice(name, this.#state.cameras[name].state === "online"));
    show(cameras, el("legend", { class: "unseen" }, "Camera"), ...choices);
    for (const button of cameras.querySelectorAll("input")) {
      button.checked = button.value === this.#camera;
      button.onchange = () => this.#choose(button.value);
    }
  }

  #refresh() {
    const status = this.#state?.cameras[this.#camera];
    const online = status?.state === "online";
    if (online && !this.#paused && !document.hidden) this.#start();
    else this.#stop();
    this.#showMessage(this.#message(status));
    this.#showCaption(online);
    this.#parts.pause.hidden = !online;
    show(this.#parts.pause, icon(this.#paused ? "go" : "stop"), this.#paused ? "Play" : "Pause");
  }

  #start() {
    if (this.#reading) return;
    this.#reading = new AbortController();
    this.#read(this.#camera, this.#reading.signal);
  }

  #stop() {
    this.#reading?.abort();
    this.#reading = null;
    this.#problem = null;
    this.#clear();
  }

  #clear() {
    const { picture } = this.#parts;
    picture.getContext("2d").clearRect(0, 0, picture.width, picture.height);
    this.#drawn = 0;
    this.#showFaces([]);
  }

  async #read(camera, signal) {
    while (!signal.aborted) {
      try {
        await this.#readOnce(camera, signal);
      } catch (error) {
        if (!signal.aborted) this.#problem = error.words ?? null;
      }
      await new Promise((later) => setTimeout(later, AGAIN_MS));
    }
  }

  async #readOnce(camera, signal) {
    const answer = await fetch(`/api/v1/cameras/${encodeURIComponent(camera)}/live.mjpeg`, { signal });
    if (!answer.ok) throw Object.assign(new Error("refused"), { words: (await answer.json()).error });
    for await (const { headers, body } of parts(answer.body)) {
      const bitmap = await createImageBitmap(new Blob([body], { type: "image/jpeg" }));
      if (signal.aborted) return;
      this.#problem = null;
      this.#showFrame(bitmap, JSON.parse(headers.get("edged-faces")).faces);
    }
  }

  #showFrame(bitmap, faces) {
    const { picture, view } = this.#parts;
    if (picture.width !== bitmap.width || picture.height !== bitmap.height) {
      picture.width = bitmap.width;
      picture.height = bitmap.height;
      view.style.setProperty("--ratio", bitmap.width / bitmap.height);
    }
    picture.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    const first = !this.#drawn;
    this.#drawn = performance.now();
    this.#showFaces(faces);
    if (first) this.#refresh();
  }

  #showFaces(faces) {
    this.#faces = faces;
    drawFaces(this.#parts.boxes, faces);
    const nobody = this.#drawn && !faces.length ? [el("li", { class: "soft small" }, "Nobody in the picture")] : [];
    show(this.#parts["in-view"], ...nobody, ...faces.map(chip));
  }

  #message(status) {
    if (!this.#state) return note("camera", "Waiting for the device");
    if (!status) return note("camera", "No camera is set up yet", HOW_TO_ADD, EXAMPLE);
    if (status.state === "disabled") return this.#offNote();
    if (status.state !== "online") return this.#awayNote(status);
    if (this.#paused) return note("stop", "Paused", "Only this picture: recognition goes on.");
    if (this.#problem) return note("warn", sentence(this.#problem.what), sentence(this.#problem.remedy));
    if (!this.#drawn) return note("camera", "Waiting for the first picture");
    const still = performance.now() - this.#drawn;
    if (still < STALLED_MS) return null;
    return note("warn", `No new picture for ${duration(still / 1000)}`, "What you see is old.");
  }

  #offNote() {
    const remedy = `Set cameras.${this.#camera}.enabled to true to use it.`;
    return note("off", `The camera ${this.#camera} is switched off`, remedy);
  }

  #awayNote({ reason, since }) {
    const { at, conditions } = this.#state.health;
    const condition = conditions.find(({ name }) => name === `camera.${this.#camera}`);
    const words = `${sentence(reason)} ${sentence(condition?.remedy ?? "")}`;
    return note("away", `No picture from ${this.#camera} for ${lasting(since, at)}`, words);
  }

  #showMessage(message) {
    this.#parts.message.hidden = !message;
    show(this.#parts.message, ...(message ?? []));
    this.#parts.view.classList.toggle("old", Boolean(message));
  }

  #showCaption(online) {
    const figures = online && this.#state.health.cameras[this.#camera];
    const age = figures && figures.frame_age_s !== null ? `, newest ${latency(figures.frame_age_s * 1000)} old` : "";
    this.#parts.pace.textContent = figures ? `${decimals(figures.fps, 1)} frames a second${age}` : "";
  }
}

function choice(name, online) {
  const words = online ? [name] : [icon("away"), name, el("span", { class: "unseen" }, " (no picture)")];
  return el("label", {}, el("input", { type: "radio", name: "camera", value: name }), el("span", {}, ...words));
}

function chip(face) {
  const name = face.outcome ?? "looking";
  return el("li", { class: `chip ${name}` }, icon(name), faceWords(face), el("span", { class: "hint" }, faceHint(face)));
}

function note(mark, title, text = "", example = "") {
  return [
    el("p", { class: "title" }, icon(mark), title),
    text ? el("p", {}, text) : null,
    example ? code("Example", example) : null,
  ];
}
