// Entries of the audit log as sentences.

import { el } from "/static/dom.js";
import { RULES, whyWords } from "/static/door-words.js";

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
  photos: "photographs",
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

const CHANGES = { taken_over: "Taken over, on probation: ", kept: "It works and is kept: ", taken_back: "Taken back, because it did not work: " };
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
  if (by === "file") return "the device's own file";
  if (by === "exit_button") return "the exit button";
  return { shell: `${name}, on the device`, mqtt: `${name}, over MQTT`, sync: `${name}, by sync`, page: `${name}, on the page` }[kind] ?? by;
}

/** What was done, as one sentence in parts. `person` is what they are called today, where they are still enrolled. */
export function entrySentence(entry) {
  const { act, about } = entry;
  const whom = entry.person || (about.person ? "somebody who is enrolled no more" : about.pass || about.ticket ? "a visitor" : "somebody unknown");
  const person = about.person && entry.person ? el("a", { href: `/people?open=${encodeURIComponent(about.person)}` }, entry.person) : whom;
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
      return [door, `: ${alarmWords(about.alarm ?? "")}`, about.on === false ? ", over or seen to." : "."];
    case "area":
      return ["Everybody counts as outside of ", el("strong", {}, about.area ?? ""), "."];
    case "config":
      return [CHANGES[about.change] ?? "Changed: ", el("code", {}, String(about.paths ?? "").replaceAll(" ", ", ") || "the configuration"), "."];
    case "enrolment":
      return [person, about.new === false ? " got more photographs" : " was enrolled", about.photographs ?? about.faces ? ` (${about.photographs ?? about.faces}).` : "."];
    case "change":
      return ["What is known of ", person, " was changed", about.fields ? `: ${String(about.fields).replaceAll(" ", ", ")}.` : "."];
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
      return [`${String(about.factor ?? "A code").toUpperCase()} of `, person, ` was ${about.set === false ? "taken away" : "set"}.`];
    case "block":
      return [person, about.blocked === false ? " was taken off the block list." : " was put on the block list.", about.why ? ` (${about.why})` : ""];
    case "start":
      return ["edged started", about.edged ? `, version ${about.edged}.` : "."];
    case "stop":
      return [about.by_bug ? "edged ended by a fault of its own." : about.anew ? "edged ended, to start again." : "edged ended in good order."];
    case "review":
      return [about.visits === 1 ? "An unknown visit was dealt with" : `${about.visits ?? "Some"} unknown visits were dealt with`, about.change ? `: ${about.change}.` : "."];
    case "beginning":
      return ["The log begins", about.reason && about.reason !== "new" ? `: ${about.reason}.` : "."];
    case "pruning":
      return [`${about.entries} old entries were removed, up to number ${about.through}.`];
    case "gap":
      return [`${about.missed} acts could not be noted.`];
    case "export":
      return ["The log was exported", about.format ? ` as ${String(about.format).toUpperCase()}, ${about.entries} entries.` : "."];
    case "verification":
      return ["The log was verified", about.whole === false ? ": it is not whole." : "."];
    default: {
      const facts = Object.entries(about).map(([name, value]) => `${name}: ${value}`);
      return [facts.length ? `${facts.join(", ")}.` : "–"];
    }
  }
}

function link(about) {
  if (about.passage) return [" ", el("a", { href: `/events?open=${encodeURIComponent(about.passage)}` }, "Passage")];
  return [];
}
