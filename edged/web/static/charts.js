// Small line charts over time, drawn as SVG. Where nothing was measured, there is a gap.

import { el, svg } from "/static/dom.js";

const WIDTH = 360;
const HEIGHT = 120;
const LEFT = 48;
const RIGHT = 6;
const TOP = 8;
const BOTTOM = 20;
const TIMES = [1, 2, 4, 10, 20, 30, 60];

/**
 * One chart.
 *
 * title: what is measured; say: a number as words; isTime: it is of seconds; lines: [{name, values, tone}], values
 * one a step, null for a gap, tone "a", "b" or "c" (also told by its dashes); ends: ms since the epoch; step: ms.
 */
export function chart({ title, lines, say, ends, step, least = 0, isTime = false }) {
  const drawn = lines.filter(({ values }) => values?.some((value) => value !== null));
  const id = `chart-${title.toLowerCase().replaceAll(/[^a-z]+/g, "-")}`;
  const head = el("div", { class: "chart-head" }, el("h3", { id }, title), el("p", { class: "chart-now" }, ...now(drawn, say)));
  if (!drawn.length) return el("figure", { class: "over-time", "aria-labelledby": id }, head, el("p", { class: "soft small chart-none" }, "Nothing was measured in this time."));
  const steps = drawn[0].values.length;
  const most = Math.max(least, ...drawn.flatMap(({ values }) => values.filter((value) => value !== null)));
  const scale = isTime ? [86_400, 3600, 60, 1].find((unit) => most > unit || unit === 1) : 1;
  const top = (isTime ? TIMES.find((part) => part >= most / scale) ?? niceTop(most / scale) : niceTop(most)) * scale;
  const x = (index) => LEFT + (index / (steps - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spoken(title, drawn, say) },
    ...[0, top / 2, top].flatMap((value) => [
      svg("path", { class: "axis", d: `M${LEFT} ${y(value)}H${WIDTH - RIGHT}` }),
      svg("text", { class: "label", x: LEFT - 6, y: y(value) + 3.5, "text-anchor": "end" }, value ? say(value) : "0"),
    ]),
    ...marks(ends, step, steps).map(({ at, words, anchor }) => svg("text", { class: "label", x: x(at), y: HEIGHT - 5, "text-anchor": anchor }, words)),
    ...drawn.map(({ values, tone }) => svg("path", { class: `line ${tone}`, d: trace(values, x, y) })),
  );
  return el("figure", { class: "over-time", "aria-labelledby": id }, head, picture, legend(drawn));
}

/** A line that is lifted over gaps; a lone value is a dot. */
function trace(values, x, y) {
  let path = "";
  values.forEach((value, index) => {
    if (value === null) return;
    const starts = index === 0 || values[index - 1] === null;
    const ends = index === values.length - 1 || values[index + 1] === null;
    path += `${starts ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    if (starts && ends) path += "h.1";
  });
  return path;
}

function niceTop(most) {
  if (most <= 0) return 1;
  const scale = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 10].map((part) => part * scale).find((part) => part >= most);
}

function marks(ends, step, steps) {
  const time = (at) => new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  const begun = ends - (steps - 1) * step;
  const places = [[0, "start"], [(steps - 1) / 2, "middle"], [steps - 1, "end"]];
  return places.map(([at, anchor]) => ({ at, anchor, words: anchor === "end" ? "now" : time(begun + at * step) }));
}

function now(lines, say) {
  const [first] = lines;
  const last = first?.values.findLast((value) => value !== null);
  return last === undefined || last === null ? [] : [say(last)];
}

function spoken(title, lines, say) {
  const parts = lines.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    return `${name || title}: from ${say(Math.min(...known))} to ${say(Math.max(...known))}, lately ${say(known.at(-1))}`;
  });
  return parts.join("; ");
}

function legend(lines) {
  if (lines.length < 2) return null;
  const sample = (tone) => svg("svg", { class: "sample", viewBox: "0 0 24 8", "aria-hidden": "true" }, svg("path", { class: `line ${tone}`, d: "M1 4h22" }));
  return el("figcaption", { class: "legend" }, ...lines.map(({ name, tone }) => el("span", {}, sample(tone), name)));
}
