// The mirror: the newest picture at once. What comes while one is being drawn is dropped but for the newest.

import { parts } from "/static/multipart.js";

const STALE_MS = 1000;
const AGAIN_MS = 1000;
const WATCH_MS = 250;
const LIGHT_EVERY_MS = 1000;
const DARK_BELOW = 70;
const LIGHT_ABOVE = 100;
const SAMPLE = 8;
// Of the screen's pixels: what moves is not seen any sharper, and costs less.
const SHARPNESS = 0.75;

/**
 * Owns a canvas. A picture that is older than a second is taken away: nothing frozen stays.
 *
 * onPicture(there): a picture is shown, or none any more. onLight(isDark), if given: how light it is before the camera.
 * Each picture that was drawn is told as an event `edged-drawn` on the document, with the time at which it was taken.
 */
export class Mirror {
  #canvas;
  #onPicture;
  #onLight;
  #address = "";
  #reading = null;
  #next = null;
  #drawing = false;
  #drawn = 0;
  #there = false;
  #measured = 0;
  #isDark = null;
  #sample = new OffscreenCanvas(SAMPLE, SAMPLE).getContext("2d", { willReadFrequently: true });

  constructor(canvas, { onPicture, onLight }) {
    this.#canvas = canvas;
    this.#onPicture = onPicture;
    this.#onLight = onLight;
    setInterval(() => this.#watch(), WATCH_MS);
  }

  /** Width and height of the picture. */
  get size() {
    return [this.#canvas.width, this.#canvas.height];
  }

  /** Begins, or goes on, with the pictures of this address. */
  start(address) {
    if (this.#reading && this.#address === address) return;
    this.stop();
    this.#address = address;
    this.#reading = new AbortController();
    this.#read(this.#reading.signal);
  }

  /** Ends; nothing stays. */
  stop() {
    this.#reading?.abort();
    this.#reading = null;
    this.#clear();
  }

  async #read(signal) {
    while (!signal.aborted) {
      try {
        await this.#readOnce(signal);
      } catch {
        // Away, or damaged on its way: asked for again below; meanwhile the watch takes the old picture off.
      }
      await new Promise((later) => setTimeout(later, AGAIN_MS));
    }
  }

  async #readOnce(signal) {
    const side = Math.ceil(Math.max(innerWidth, innerHeight) * devicePixelRatio * SHARPNESS);
    const answer = await fetch(`${this.#address}?side=${Math.min(side, 99999)}`, { signal });
    if (!answer.ok) return;
    for await (const part of parts(answer.body)) {
      this.#next = part;
      if (!this.#drawing) this.#draw(signal);
    }
  }

  async #draw(signal) {
    this.#drawing = true;
    try {
      while (this.#next && !signal.aborted) {
        const { headers, body } = this.#next;
        this.#next = null;
        const picture = await createImageBitmap(new Blob([body], { type: "image/jpeg" })).catch(() => null);
        if (picture && !signal.aborted) this.#show(picture, Number(headers.get("edged-taken")));
        picture?.close();
      }
    } finally {
      this.#drawing = false;
    }
  }

  #show(picture, taken) {
    const canvas = this.#canvas;
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      canvas.width = picture.width;
      canvas.height = picture.height;
    }
    canvas.getContext("2d", { alpha: false }).drawImage(picture, 0, 0);
    this.#drawn = performance.now();
    this.#tell(true);
    this.#measure(picture);
    document.dispatchEvent(new CustomEvent("edged-drawn", { detail: { taken } }));
  }

  #measure(picture) {
    if (performance.now() - this.#measured < LIGHT_EVERY_MS) return;
    this.#measured = performance.now();
    this.#sample.drawImage(picture, 0, 0, SAMPLE, SAMPLE);
    const { data } = this.#sample.getImageData(0, 0, SAMPLE, SAMPLE);
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) sum += 0.3 * data[at] + 0.6 * data[at + 1] + 0.1 * data[at + 2];
    const mean = (4 * sum) / data.length;
    const isDark = mean < (this.#isDark ? LIGHT_ABOVE : DARK_BELOW);
    if (isDark !== this.#isDark) this.#onLight?.(isDark);
    this.#isDark = isDark;
  }

  #watch() {
    if (this.#there && performance.now() - this.#drawn > STALE_MS) this.#clear();
  }

  #clear() {
    const canvas = this.#canvas;
    canvas.getContext("2d", { alpha: false }).clearRect(0, 0, canvas.width, canvas.height);
    this.#tell(false);
  }

  #tell(there) {
    if (there === this.#there) return;
    this.#there = there;
    this.#onPicture(there);
  }
}
