// A passage in words: the verdict, the rule that decided, and what every rule that was asked had to say.

import { whoSentence } from "/static/audit_words.js";
import { el, icon } from "/static/dom.js";
import { DELETED, RULES, VERDICTS, VERDICT_ICONS, whyWords } from "/static/door-words.js";
import { capital, sentence } from "/static/words.js";

const COLOURS = { granted: "good", refused: "bad", waits: "warn", spoof: "bad" };

const ANSWERS = {
  yes: ["Yes", "good"],
  no: ["No", "bad"],
  waits: ["Not yet", "warn"],
  silent: ["Does not apply", "none"],
  unasked: ["Not asked", "none"],
};

/** Who wanted to pass, as one says it. */
export function whoWords({ person, ticket, outcome, cause, by }) {
  if (cause === "operator") return by ? whoSentence(by) : "Somebody at the console";
  if (cause === "exit_button") return "Exit button";
  if (person) return person.name || person.customer_person_id;
  if (ticket) return `Visitor: ${ticket.name || "a pass"}`;
  return { known: DELETED, unknown: "Unknown", no_face: "Nobody recognised" }[outcome] ?? "Not recognised";
}

/** The colour beside a verdict's mark. */
export function verdictColour(verdict) {
  return COLOURS[verdict] ?? "warn";
}

/** The verdict with its mark. */
export function verdictMark({ verdict, cause }) {
  if (cause !== "person") return el("span", { class: "mark good" }, icon("known"), "Opened");
  return el("span", { class: `mark ${verdictColour(verdict)}` }, icon(VERDICT_ICONS[verdict] ?? "warn"), VERDICTS[verdict] ?? capital(verdict));
}

/** What a rule adds to its word; whoever did something is named as one says it. */
export function detailWords(detail) {
  return detail?.startsWith("by ") ? `by ${whoSentence(detail.slice(3))}` : detail;
}

/** Why, in one sentence: the rule that decided. */
export function deciding({ verdict, opened, rule, why, rules, cause }) {
  if (cause === "operator") return "Opened by hand; no rule was asked.";
  if (cause === "exit_button") return "Request to exit; nobody is asked.";
  if (verdict === "granted" && !opened) return "Every rule that applies said yes, but the door did not open: its relay did not answer.";
  if (verdict === "granted") return "Every rule that applies said yes.";
  const detail = detailWords(rules.find((one) => one.rule === rule)?.detail ?? "");
  const said = why ? whyWords(why) : (RULES[rule] ?? rule ?? "").toLowerCase();
  return sentence(`${capital(said)}${detail ? ` (${detail})` : ""}`);
}

/** Every rule's answer, as a list; what does not apply or was not asked is one line at the end. */
export function ruleList({ rules, rule: decided }) {
  const spoken = rules.filter(({ answer }) => answer !== "silent" && answer !== "unasked");
  const rest = rules.filter(({ answer }) => answer === "unasked");
  const silent = rules.filter(({ answer }) => answer === "silent");
  const line = ({ rule, answer, why, detail }) => {
    const [words, colour] = ANSWERS[answer] ?? [answer, "none"];
    const reason = [why ? capital(whyWords(why)) : "", detailWords(detail)].filter(Boolean).join(": ");
    return el(
      "li",
      { class: rule === decided ? "decided" : undefined },
      el("span", { class: `answer ${colour}` }, words),
      el("span", { class: "rule" }, RULES[rule] ?? rule, rule === decided ? el("span", { class: "tag" }, "decided") : null),
      el("span", { class: "soft" }, reason),
    );
  };
  const names = (some) => some.map(({ rule }) => RULES[rule] ?? rule).join(", ");
  return el(
    "div",
    { class: "rules" },
    el("ol", {}, ...spoken.map(line)),
    rest.length ? el("p", { class: "soft small" }, `Not asked any more: ${names(rest)}.`) : null,
    silent.length ? el("p", { class: "soft small" }, `Does not apply at this door: ${names(silent)}.`) : null,
  );
}
