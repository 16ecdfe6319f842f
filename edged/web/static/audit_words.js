// Entries of the audit log as sentences.

import { el } from "/static/dom.js";
import { RULES, whyWords } from "/static/rules.js";

const ACTS = {
  decision: "passage decided",
  opening: "door opened",
  mode: "door set by hand",
  alarm: "alarm",
  area: "area reset",
  config: "configuration",
  enrolment: "enrolment",
  change: "person changed",
  deletion: "person deleted",
  sign_in: "signed in",
  sign_out: "signed out",
  refused_sign_in: "sign-in refused",
  account: "account",
  pass: "visitor's pass",
  code: "PIN, card or code",
  block: "block list",
  review: "review",
  start: "edged started",
  stop: "edged stopped",
  export: "audit exported",
  verification: "audit verified",
  beginning: "log begun",
  finding: "finding",
  pruning: "old entries removed",
  gap: "acts not noted",
};

const MODES = { normal: "as its hours say", held_open: "held open", locked: "locked", emergency: "emergency: open for everybody" };
const ALARMS = { forced: "forced open", held_too_long: "open too long", tamper: "tampered with", spoof: "attempts without a living face", relay: "relay does not answer", codes: "wrong codes" };

/** An act in two or three words. */
export function actName(act) {
  return ACTS[act] ?? act.replaceAll("_", " ");
}

/** How a door stands. */
export function modeWords(mode) {
  return MODES[mode] ?? mode;
}

/** An alarm in two or three words. */
export function alarmWords(alarm) {
  return ALARMS[alarm] ?? alarm.replaceAll("_", " ");
}

/** Who did it: an account's name, or what else can act. */
export function whoSentence(by) {
  const [kind, ...rest] = by.split(":");
  const name = rest.join(":");
  if (!by) return "somebody not signed in";
  if (kind === "device") return "the device";
  if (kind === "account") return name;
  return { shell: `${name}, on the device`, mqtt: `${name}, over MQTT`, sync: `${name}, by sync` }[kind] ?? by;
}

/** What was done, as one sentence in parts. `person` is what they are called today, where they are still enrolled. */
export function entrySentence(entry) {
  const { act, about } = entry;
  const whom = entry.person || (about.person ? "somebody who is enrolled no more" : about.pass || about.ticket ? "a visitor" : "somebody unknown");
  const person = about.person && entry.person ? el("a", { href: `/people?person=${encodeURIComponent(about.person)}` }, entry.person) : whom;
  const door = about.door ? el("strong", {}, about.door) : "a door";
  switch (act) {
    case "decision": {
      const words = { granted: " was let through ", refused: " was refused at ", waits: " had to wait at ", spoof: " showed no living face at " }[about.verdict] ?? ` was answered “${about.verdict}” at `;
      const rule = about.decided_by ?? about.rule;
      const why = [rule ? RULES[rule] ?? rule : "", about.why ? whyWords(about.why) : ""].filter(Boolean).join(": ");
      return [person, words, door, why ? ` (${why}).` : ".", ...link(about)];
    }
    case "opening":
      return [door, " was opened", about.seconds ? ` for ${about.seconds} s` : "", about.person ? [" for ", person] : "", ".", ...link(about)].flat();
    case "mode":
      return [door, " was set: ", modeWords(about.mode), "."];
    case "alarm":
      return [door, `: ${alarmWords(about.alarm ?? "")}`, about.on === false || about.seen === true || about.change === "quieted" ? ", seen to." : "."];
    case "area":
      return ["Everybody counts as outside of ", el("strong", {}, about.area ?? ""), "."];
    case "config":
      return [about.status ? `${about.status}: ` : "Changed: ", el("code", {}, about.paths || about.path || about.config || "the configuration"), "."];
    case "enrolment":
      return [person, " was enrolled", about.pictures ? ` with ${about.pictures} photographs.` : "."];
    case "change":
      return ["What is known of ", person, " was changed", about.fields ? `: ${about.fields}.` : "."];
    case "deletion":
      return ["Somebody was deleted, with everything kept of them."];
    case "sign_in":
      return ["Signed in", about.by === "link" ? " with a link" : "", about.address ? ` from ${about.address}.` : "."];
    case "sign_out":
      return ["Signed out."];
    case "refused_sign_in":
      return ["A sign-in was refused", about.address ? ` from ${about.address}.` : "."];
    case "account":
      return ["Account ", el("strong", {}, about.account ?? about.name ?? ""), about.change ? `: ${about.change}` : "", about.role ? ` (${about.role}).` : "."];
    case "pass":
      return ["A visitor's pass was ", about.change ?? "issued", about.doors ? ` for ${about.doors}.` : "."];
    case "code":
      return [`${String(about.factor ?? "A code").toUpperCase()} of `, person, ` was ${about.change ?? "changed"}.`];
    case "block":
      return [person, about.on === false || about.change === "unblocked" ? " was taken off the block list." : " was put on the block list.", about.why ? ` (${about.why})` : ""];
    case "start":
      return ["edged started", about.version ? ` (${about.version}).` : "."];
    case "stop":
      return ["edged ended in good order."];
    case "export":
      return ["The log was exported", about.form || about.format ? ` as ${about.form ?? about.format}.` : "."];
    case "verification":
      return ["The log was verified", about.whole === false || about.ok === false ? ": it is not whole." : "."];
    default: {
      const facts = Object.entries(about).map(([name, value]) => `${name}: ${value}`);
      return [facts.length ? `${facts.join(", ")}.` : "–"];
    }
  }
}

function link(about) {
  if (about.event) return [" ", el("a", { href: `/events?event=${encodeURIComponent(about.event)}` }, "Event")];
  const passage = about.decision ?? about.passage;
  if (passage) return [" ", el("a", { href: `/doors?passage=${encodeURIComponent(passage)}` }, "Passage")];
  return [];
}
