// Why the device decided as it did: a sentence, a scale, the figures.

import { el, pairs, svg } from "/static/dom.js";
import { count, decimals, exactly, latency, personName } from "/static/words.js";

/**
 * The whole explanation of a visit's answer, as it stands in an opened row.
 *
 * delay: ms from the frame that settled it to the decision; replay: id of the event whose best shot is kept.
 */
export function explanation(event, { delay, replay }) {
  const parts = [el("p", {}, reason(event)), event.best ? scale(event) : null, figures(event, delay, replay)];
  return el("div", { class: "why" }, ...parts);
}

function reason(event) {
  const who = event.best && personName(event.best.person);
  if (event.outcome === "spoof") return "The face did not look like that of a living person.";
  if (event.outcome === "no_face") return "No face could be seen well enough to compare.";
  if (!who && event.outcome === "known") return "Whoever it was is deleted since, and what they were compared with is gone.";
  if (!who) return "Nobody was enrolled, so there was nobody to compare with.";

  const reached = decimals(event.similarity, 2);
  const needed = `${decimals(event.threshold, 2)} had to be reached.`;
  const frames = count(event.frames, "frame", "frames");
  if (event.outcome === "known") return `Over ${frames}, similarity to ${who} was ${reached}; ${needed}`;
  if (event.outcome === "unknown") {
    return `Nobody enrolled is similar enough. ${who} comes closest with ${reached}; ${needed}`;
  }
  if (event.similarity >= event.threshold && event.frames) {
    return `${who} and another person are too alike to choose: ${decimals(event.margin, 2)} apart.`;
  }
  return `Too little could be seen to be sure: ${frames} good enough, ${who} closest with ${reached}.`;
}

const LEFT = 8;
const WIDTH = 264;

/** Similarity against the threshold, from 0 to 1; the part that counts as known is marked. */
function scale(event) {
  const at = (cosine) => LEFT + WIDTH * Math.min(1, Math.max(0, cosine));
  const here = at(event.similarity);
  const needed = at(event.threshold);
  const passed = event.similarity >= event.threshold;
  const [similarity, threshold] = [event.similarity, event.threshold].map((cosine) => decimals(cosine, 2));
  const words = `Similarity ${similarity} on a scale from 0 to 1, needed ${threshold}`;
  const tone = event.outcome === "known" ? "good" : "warn";
  return svg(
    "svg",
    { class: `scale ${tone}`, viewBox: "0 0 280 62", role: "img", "aria-label": words },
    svg("rect", { class: "track", x: LEFT, y: 28, width: WIDTH, height: 8, rx: 4 }),
    svg("rect", { class: "enough", x: needed, y: 28, width: LEFT + WIDTH - needed, height: 8, rx: 4 }),
    svg("path", { class: "needed", d: `M${needed} 22v20` }),
    passed
      ? svg("circle", { class: "here", cx: here, cy: 32, r: 7 })
      : svg("path", { class: "here", d: `M${here} 24l8 8-8 8-8-8z` }),
    label(here, 14, `similarity ${similarity}`, "here-label"),
    label(needed, 58, `needed ${threshold}`, "needed-label"),
  );
}

function label(x, y, text, name) {
  return svg("text", { x: Math.min(Math.max(x, 44), 236), y, "text-anchor": "middle", class: name }, text);
}

function figures(event, delay, replay) {
  const { best, quality, margin, similarity, confidence } = event;
  const lead = margin >= similarity ? "there is none" : decimals(margin, 2);
  const certainty = `${decimals(Math.floor(confidence * 10_000) / 100, 2)} %`;
  return pairs(
    ["Lead over the next person", best && lead],
    ["Certainty", event.outcome === "known" ? certainty : null],
    ["Good frames", String(event.frames)],
    ["Picture quality", quality && `${decimals(quality.score * 100, 0)} of 100`],
    ["Between the eyes", quality && `${decimals(quality.size, 0)} px`],
    ["Decided after", delay === null ? null : latency(delay)],
    ["Told apart as", event.stranger ? `${event.stranger}, ${count(event.stranger_visits, "visit", "visits")} so far` : null],
    ["Last seen", exactly(event.at.captured)],
    ["To judge it again", el("code", {}, `edged replay ${replay}`)],
  );
}
