// How the device has been: charts of the last hours, and which ones there are.

import { read } from "/static/ask.js";
import { chart } from "/static/charts.js";
import { el } from "/static/dom.js";
import { decimals, duration, latency, megabytes } from "/static/words.js";

const EVERY_MS = 20_000;
const LEAST_STEPS = 60;
const SPANS = [["2h", "2 hours"], ["24h", "24 hours"]];
const PERCENTILES = [["p50", "a"], ["p95", "b"], ["p99", "c"]];

const age = (value) => (value < 10 ? latency(value * 1000) : duration(value));
const whole = (value) => Math.round(value).toLocaleString("en");

/** Owns #charts and #spans. */
export class History {
  #charts = document.getElementById("charts");
  #span = new URLSearchParams(location.search).get("span") === "24h" ? "24h" : "2h";

  constructor() {
    const spans = document.getElementById("spans");
    for (const [name, words] of SPANS) {
      const input = el("input", { type: "radio", name: "span", value: name });
      input.checked = name === this.#span;
      input.addEventListener("change", () => this.#choose(name));
      spans.append(el("label", {}, input, el("span", {}, words)));
    }
    setInterval(() => document.hidden || this.#look(), EVERY_MS);
    this.#look();
  }

  #choose(span) {
    this.#span = span;
    const address = new URL(location.href);
    address.searchParams.set("span", span);
    history.replaceState(null, "", address);
    this.#look();
  }

  async #look() {
    const span = this.#span;
    try {
      const answer = await read(`/api/v1/console/health/series?span=${span}`);
      if (span === this.#span) this.#show(answer);
    } catch (error) {
      this.#charts.replaceChildren(el("p", { class: "problem" }, error.message));
    }
  }

  #show({ ends, step_s: step, series: all }) {
    const series = young(all);
    const common = { ends: Date.parse(ends), step: step * 1000 };
    const one = (title, name, say, least, isTime = false) => chart({ ...common, title, say, least, isTime, lines: [{ name: "", values: series[name], tone: "a" }] });
    const stage = (title, name) =>
      chart({ ...common, title, say: latency, lines: PERCENTILES.map(([part, tone]) => ({ name: part, values: series[`${name}.${part}`], tone })) });
    const names = Object.keys(series).filter((name) => /^camera\..+\.fps$/.test(name)).map((name) => name.slice(7, -4)).sort();
    const cameras = names.flatMap((name) => [
      one(`${name}: frames a second`, `camera.${name}.fps`, (value) => decimals(value, value < 10 ? 1 : 0), 10),
      one(`${name}: age of the newest frame`, `camera.${name}.age`, age, 1, true),
    ]);
    this.#charts.replaceChildren(
      stage("From face to decision", "decide"),
      stage("From decision to broker", "publish"),
      ...cameras,
      one("Events waiting", "outbox", whole, 4),
      ...("temperature" in series ? [one("Temperature", "temperature", (value) => `${whole(value)} °C`, 80)] : []),
      one("Memory", "memory", megabytes, 100),
      one("Processor", "processor", (value) => `${whole(value)} %`, 100),
      one("Photographs in the index", "index.templates", whole, 10),
      one("Index unchanged for", "index.age", duration, 60, true),
    );
  }
}

/** Without the time before edged was started, but for a little. */
function young(series) {
  const lines = Object.values(series);
  const begun = Math.min(...lines.map((values) => values.findIndex((value) => value !== null)).filter((index) => index >= 0));
  if (!Number.isFinite(begun)) return series;
  const kept = Math.max(LEAST_STEPS, lines[0].length - begun);
  return Object.fromEntries(Object.entries(series).map(([name, values]) => [name, values.slice(-kept)]));
}
