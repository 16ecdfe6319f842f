// What doors answer, in words for the guard: on every page the same.

import { capital } from "/static/words.js";

export const VERDICTS = { granted: "Let through", refused: "Refused", waits: "Waited for more", spoof: "Deception" };

/** The mark beside a verdict. */
export const VERDICT_ICONS = { granted: "known", refused: "away", waits: "wait", spoof: "spoof" };

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

/** A rule's word as part of a sentence; words that are not known yet as they are. */
export function whyWords(why) {
  return WHYS[why] ?? why.replaceAll("_", " ");
}

/** Whoever was recognised then and is enrolled no more: their name is gone. */
export const DELETED = "Somebody deleted since";

/** A stable word of the device as words: "outside_hours" → "Outside hours". */
export function spoken(word) {
  return capital(word.replaceAll("_", " "));
}
