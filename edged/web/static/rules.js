// A passage in words: the verdict, the rule that decided, and what every rule that was asked had to say.

import { whoSentence } from "/static/audit_words.js";
import { el, icon } from "/static/dom.js";
import { capital, sentence } from "/static/words.js";

export const VERDICTS = {
  granted: ["Let through", "good", "known"],
  refused: ["Refused", "bad", "warn"],
  waits: ["Waited", "warn", "warn"],
  spoof: ["Not a living face", "bad", "warn"],
};

export const RULES = {
  fresh: "Seen just now",
  emergency: "Emergency",
  locked: "Not locked",
  known: "Known",
  blocked: "Not blocked",
  live: "Living face",
  valid: "Within validity",
  permitted: "For this door",
  schedule: "At this hour",
  first_person: "Somebody came first",
  anti_passback: "Not inside already",
  interlock: "Other doors shut",
  second_factor: "Second factor",
  two_person: "Two people",
};

const WHYS = {
  stale: "what was seen was older than a second",
  emergency: "the door stood open for everybody",
  locked: "the guard had locked the door",
  no_door: "the configuration has no such door",
  face: "recognised by face",
  code: "known by a code",
  pass: "a visitor's pass was shown",
  nobody: "there was neither a face nor a code",
  not_recognised: "a face of nobody who is enrolled",
  undecided: "recognition could not tell whose face it was",
  wrong_code: "the code did not fit",
  face_needed: "the code is right, but a face is needed as well",
  not_yours: "the pass goes with somebody else's face",
  spoof: "no living face was seen",
  blocked: "on the block list",
  liveness_wanted: "a living face still had to be shown",
  not_live: "the face did not pass as a living one",
  not_yet: "their time has not begun",
  over: "their time is over",
  pass_not_yet: "the pass is not valid yet",
  pass_over: "the pass is no longer valid",
  pass_used_up: "the pass has been used",
  clock_unknown: "the device does not know what time it is",
  everybody: "the door is for all who are enrolled",
  group: "in a group that may pass",
  person: "named at the door",
  not_permitted: "neither in a group that may pass nor named at the door",
  no_visitors: "the door lets no visitors in",
  pass_not_for_door: "the pass is for another door",
  in_hours: "within the hours",
  exempt: "in a group that is exempt",
  outside_hours: "outside the hours",
  is_first: "may come first",
  first_came: "somebody who may come first was there",
  first_missing: "nobody who may come first was there yet",
  outside: "counted as outside",
  already_inside: "came in before and had not left",
  entered_lately: "came in a short while before",
  not_inside: "left without having come in",
  others_shut: "the other doors were shut",
  other_door_open: "another door was open",
  contact_unknown: "whether another door was shut is not known",
  pin: "a PIN was given",
  card: "a card was shown",
  qr: "a QR code was shown",
  factor_wanted: "a second factor was waited for",
  second_came: "a second person came",
  second_wanted: "a second person was waited for",
};

const ANSWERS = {
  yes: ["Yes", "good"],
  no: ["No", "bad"],
  waits: ["Waits", "warn"],
  silent: ["Does not apply", "none"],
  unasked: ["Not asked", "none"],
};

/** A rule's word as part of a sentence; words that are not known yet as they are. */
export function whyWords(why) {
  return WHYS[why] ?? why.replaceAll("_", " ");
}

/** Who wanted to pass, as one says it. */
export function whoWords({ person, ticket, outcome, cause, by }) {
  if (cause === "operator") return by ? whoSentence(by) : "Somebody at the console";
  if (cause === "exit_button") return "Exit button";
  if (person) return person.name || person.customer_person_id;
  if (ticket) return `Visitor: ${ticket.name || "a pass"}`;
  return outcome === "unknown" ? "Somebody not enrolled" : outcome === "no_face" ? "Nobody recognised" : "Not recognised";
}

/** The verdict with its mark. */
export function verdictMark({ verdict, cause }) {
  if (cause !== "person") return el("span", { class: "mark good" }, icon("known"), "Opened");
  const [words, colour, mark] = VERDICTS[verdict] ?? [capital(verdict), "warn", "warn"];
  return el("span", { class: `mark ${colour}` }, icon(mark), words);
}

/** Why, in one sentence: the rule that decided. */
export function deciding({ verdict, rule, why, rules, cause }) {
  if (cause === "operator") return "Opened by hand; no rule was asked.";
  if (cause === "exit_button") return "Request to exit; nobody is asked.";
  if (verdict === "granted") return "Every rule that applies said yes.";
  const detail = rules.find((one) => one.rule === rule)?.detail ?? "";
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
    const reason = [why ? capital(whyWords(why)) : "", detail].filter(Boolean).join(": ");
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
