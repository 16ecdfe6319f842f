// Why the device answered as it did: pictures, scale, figures, and every rule that a door asked.

import { ALARMS, ANSWERS, DELETED, FACTORS, RULES, VERDICTS, VERDICT_ICONS, spoken, whyWords } from "/static/door-words.js";
import { el, icon, pairs, time } from "/static/dom.js";
import { whoSentence } from "/static/audit_words.js";
import { detailWords } from "/static/rules.js";
import { explanation } from "/static/why.js";
import { OUTCOMES, capital, clock, decimals, duration, exactly, personName } from "/static/words.js";

/** What an item is called. */
export function titleOf({ kind, visit, passage, alarm }) {
  if (kind === "alarm") return `${ALARMS[alarm.alarm] ?? spoken(alarm.alarm)}: ${alarm.door}`;
  if (kind === "passage") return whoPassed(passage, visit);
  return whoCame(visit);
}

function whoCame({ event, pseudonym }) {
  if (event.outcome === "known") return event.best ? personName(event.best.person) : DELETED;
  return pseudonym || OUTCOMES[event.outcome];
}

function whoPassed(passage, visit) {
  if (passage.cause === "operator") return `Opened by ${passage.by ? whoSentence(passage.by) : "hand"}`;
  if (passage.cause === "exit_button") return "Opened from inside";
  if (passage.person) return personName(passage.person);
  if (passage.ticket) return passage.ticket.name || "A visitor with a pass";
  if (visit) return whoCame(visit);
  return passage.outcome === "known" ? DELETED : OUTCOMES[passage.outcome];
}

/** The mark of an item, and the tone of it. */
export function markOf({ kind, visit, passage, alarm }) {
  if (kind === "alarm") return { name: "bell", tone: alarm.on ? "spoof" : "undecided" };
  if (kind === "passage") {
    const tones = { granted: "known", refused: "spoof", waits: "undecided", spoof: "spoof" };
    return { name: VERDICT_ICONS[passage.verdict], tone: tones[passage.verdict] };
  }
  return { name: visit.event.outcome, tone: visit.event.outcome };
}

/** Where and how, in a few words. */
export function circumstances({ kind, visit, passage, alarm }) {
  if (kind === "alarm") return [alarm.on ? "Alarm" : "Alarm is over", alarm.detail].filter(Boolean).join(" · ");
  if (kind === "passage") {
    const why = passage.verdict === "granted" ? "" : whyWords(passage.why);
    return [VERDICTS[passage.verdict], passage.door, passage.way === "out" ? "out" : "in", why].filter(Boolean).join(" · ");
  }
  const seconds = (Date.parse(visit.last) - Date.parse(visit.first)) / 1000;
  const outcome = visit.event.outcome === "known" || visit.pseudonym ? OUTCOMES[visit.event.outcome] : "";
  const again = visit.event.stranger_visits > 1 ? `seen before as ${visit.event.stranger}` : "";
  const stay = visit.event.type === "end" ? (seconds >= 1 ? `for ${duration(seconds)}` : "") : "still here";
  return [outcome, visit.event.camera, stay, again].filter(Boolean).join(" · ");
}

/** The parts of the detail pane. */
export function explained({ item, steps, passages, portrait }) {
  const { visit } = item;
  if (item.kind === "alarm") return [alarmed(item)];
  const own = item.kind === "passage" ? item.passage : null;
  const others = passages.filter(({ id }) => id !== own?.id);
  return [
    el("p", { class: "soft small" }, time(exactly(Date.parse(item.at)), item.at, item.at), ` · ${circumstances(item)}`),
    faces(item, portrait),
    own ? passed(own) : null,
    visit ? recognised(visit) : null,
    ...others.map((passage) => passed(passage)),
    steps.length > 1 ? course(steps) : null,
    next(item, portrait),
  ].filter(Boolean);
}

function faces({ picture, visit }, portrait) {
  const shot = picture
    ? el("figure", {}, el("img", { src: picture, alt: "Best shot of the visit", decoding: "async" }), el("figcaption", {}, "Best shot"))
    : el("figure", {}, el("span", { class: "none face-none" }, icon("person")), el("figcaption", {}, "No picture is kept"));
  if (!portrait) return el("div", { class: "faces-beside" }, shot);
  const same = !visit || visit.event.outcome === "known";
  const words = [same ? "Enrolled" : "Comes closest", ": ", personName(portrait)];
  const there = portrait.picture
    ? el("img", { src: portrait.picture, alt: `Enrolled photograph of ${personName(portrait)}`, decoding: "async" })
    : el("span", { class: "none face-none" }, icon("person"));
  const missing = portrait.enrolled ? (portrait.picture ? "" : " (no photograph is kept)") : " (not enrolled any more)";
  return el("div", { class: "faces-beside" }, shot, el("figure", {}, there, el("figcaption", {}, ...words, missing)));
}

function recognised(visit) {
  return el("section", {}, el("h3", {}, "Recognition"), explanation(visit.event, { delay: visit.delay_ms, replay: visit.replay }));
}

function passed(passage) {
  const verdict = el(
    "p",
    { class: `outcome ${passage.verdict === "granted" ? "known" : "spoof"}` },
    icon(VERDICT_ICONS[passage.verdict]),
    `${VERDICTS[passage.verdict]} at ${passage.door}`,
  );
  const rows = passage.rules.map((rule) => ruleRow(rule, rule.rule === passage.rule));
  const live = passage.liveness;
  const facts = pairs(
    ["When", exactly(Date.parse(passage.at.decided))],
    ["Direction", passage.way === "out" ? "out" : "in"],
    ["Opened by", passage.cause === "operator" ? whoSentence(passage.by) : passage.cause === "exit_button" ? "the button inside" : null],
    ["Shown", passage.factors.map((factor) => FACTORS[factor] ?? factor).join(", ") || null],
    ["Did not fit", passage.wrong.map((factor) => FACTORS[factor] ?? factor).join(", ") || null],
    ["Pass", passage.ticket && (passage.ticket.name || passage.ticket.id)],
    ["Living face", live && `${live.passed ? "yes" : "no"} (${live.method}${live.score === null ? "" : `, ${decimals(live.score, 2)}`}${live.why ? `: ${spoken(live.why).toLowerCase()}` : ""})`],
    ["Similarity", passage.threshold ? `${decimals(passage.similarity, 2)}, ${decimals(passage.threshold, 2)} had to be reached` : null],
  );
  const head = el("tr", {}, el("th", { scope: "col" }, "Asked"), el("th", { scope: "col" }, "Answer"));
  const table = rows.length ? el("table", { class: "rules" }, el("caption", { class: "unseen" }, "Rules in the order in which they were asked"), el("thead", {}, head), el("tbody", {}, ...rows)) : null;
  return el("section", {}, el("h3", {}, "Door"), verdict, facts, table);
}

function ruleRow({ rule, answer, why, detail }, decided) {
  const [mark, words] = ANSWERS[answer];
  const more = [why && capital(whyWords(why)), detailWords(detail)].filter(Boolean).join(": ");
  return el(
    "tr",
    { class: `rule ${answer}${decided ? " decided" : ""}` },
    el("th", { scope: "row" }, RULES[rule] ?? spoken(rule), decided ? el("span", { class: "chip decided-chip" }, "decided") : null),
    el("td", {}, el("span", { class: "mark" }, icon(mark), words), more && answer !== "silent" && answer !== "unasked" ? el("span", { class: "soft small rule-why" }, more) : null),
  );
}

function course(steps) {
  const lines = steps.map((step, index) => {
    const then = Date.parse(step.at.captured);
    const phase = step.type === "end" ? "left" : index ? "then" : "came";
    const who = whoCame({ event: step });
    return el("li", {}, time(clock(then), exactly(then), step.at.captured), el("span", {}, `${capital(phase)}: ${who}`), el("span", { class: "soft" }, decimals(step.similarity, 2)));
  });
  return el("section", {}, el("h3", {}, "Course of the visit"), el("ol", { class: "course" }, ...lines));
}

function alarmed({ alarm, at }) {
  const words = alarm.on ? "It began." : "It is over.";
  return el("section", {}, pairs(["Door", alarm.door], ["Alarm", ALARMS[alarm.alarm] ?? spoken(alarm.alarm)], ["When", exactly(Date.parse(at))], ["State", words], ["What is known", alarm.detail || null]), el("div", { class: "actions" }, el("a", { class: "button", href: "/doors" }, "Open Doors")));
}

function next({ visit, passage }, portrait) {
  const links = [];
  const known = visit ? visit.event.outcome === "known" : Boolean(passage?.person);
  if (portrait?.enrolled) links.push(el("a", { class: "button", href: `/people?open=${encodeURIComponent(portrait.id)}` }, `Open ${personName(portrait)}`));
  if (portrait?.enrolled && known) links.push(el("a", { class: "button", href: `/events?person=${encodeURIComponent(portrait.id)}` }, "All their events"));
  if (visit?.event.outcome === "unknown") links.push(el("a", { class: "button", href: "/review" }, "Review unknown people"));
  return links.length ? el("div", { class: "actions" }, ...links) : null;
}
