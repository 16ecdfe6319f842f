// What doors answer, in words for the guard.

import { capital } from "/static/words.js";

export const VERDICTS = { granted: "Let in", refused: "Refused", waits: "Waited for more", spoof: "Deception" };

/** The mark beside a verdict. */
export const VERDICT_ICONS = { granted: "known", refused: "away", waits: "wait", spoof: "spoof" };

export const RULES = {
  fresh: "The answer is about now",
  emergency: "Emergency: the door stands open",
  locked: "The guard has not locked it",
  known: "Somebody who is known, or has a pass",
  blocked: "Not on the block list",
  live: "A living face",
  valid: "Within the validity",
  permitted: "Allowed at this door",
  schedule: "Within the hours",
  first_person: "Somebody entitled came first today",
  anti_passback: "Not inside already",
  interlock: "The other doors are shut",
  second_factor: "Card, PIN or QR code as well",
  two_person: "Two people together",
};

export const ANSWERS = {
  yes: ["known", "Yes"],
  no: ["away", "No"],
  waits: ["wait", "Not yet"],
  silent: ["off", "Does not apply"],
  unasked: ["off", "Not asked"],
};

export const ALARMS = {
  forced: "Forced open",
  held_too_long: "Held open too long",
  tamper: "Tampered with",
  spoof: "Deception tried",
  relay: "The relay does not answer",
  codes: "Wrong codes tried",
};

export const FACTORS = { face: "face", pin: "PIN", card: "card", qr: "QR code" };

/** A stable word of the device as words: "outside_hours" → "Outside hours". */
export function spoken(word) {
  return capital(word.replaceAll("_", " "));
}
