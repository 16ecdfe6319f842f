// Numbers, times and stable words of the device, as people say them.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds as a length: "40 s", "2 min", "3 h 5 min", "2 d 4 h". */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  const [big, unit, small, rest] =
    whole < DAY
      ? [Math.floor(whole / HOUR), "h", Math.floor((whole % HOUR) / MINUTE), "min"]
      : [Math.floor(whole / DAY), "d", Math.floor((whole % DAY) / HOUR), "h"];
  return small ? `${big} ${unit} ${small} ${rest}` : `${big} ${unit}`;
}

/** How long something lasts that began at one instant of the device and goes on at another. */
export function lasting(since, now) {
  return duration((Date.parse(now) - Date.parse(since)) / 1000);
}

/** How long ago `then` was at `now`, both in ms since the epoch; a date beyond a day. */
export function ago(then, now) {
  const seconds = (now - then) / 1000;
  if (seconds < 5) return "just now";
  if (seconds < DAY) return `${duration(seconds).replace(/ h .*/, " h")} ago`;
  const date = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" };
  return new Date(then).toLocaleString(undefined, date);
}

/** The exact moment, to the second, in the reader's time zone. */
export function exactly(then) {
  return new Date(then).toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" });
}

/** Only the time of day. */
export function clock(then) {
  return new Date(then).toLocaleTimeString(undefined, { timeStyle: "medium" });
}

/** A number with so many decimals. */
export function decimals(value, digits) {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A count with its noun: "1 person", "250 people". */
export function count(number, one, many) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** Milliseconds as a person reads them: "28 ms", "1.2 s". */
export function latency(milliseconds) {
  if (milliseconds >= 1000) return `${decimals(milliseconds / 1000, 1)} s`;
  return `${decimals(milliseconds, milliseconds < 10 ? 1 : 0)} ms`;
}

/** Megabytes: "141 MB", "20.5 GB". */
export function megabytes(value) {
  return value >= 1000 ? `${decimals(value / 1000, 1)} GB` : `${decimals(value, 0)} MB`;
}

/** Bytes: "812 kB", "141 MB", "20.5 GB". */
export function size(bytes) {
  return bytes < 1e6 ? `${decimals(bytes / 1e3, 0)} kB` : megabytes(bytes / 1e6);
}

export const OUTCOMES = {
  known: "Known",
  unknown: "Unknown",
  undecided: "Undecided",
  no_face: "No face",
  spoof: "Not a living face",
};

export const FLAWS = {
  too_small: "too far away",
  cut_off: "partly out of the picture",
  blurred: "blurred",
  turned_away: "turned away",
  too_dark: "too dark",
  too_bright: "too bright",
  low_contrast: "too little contrast",
};

export const STAGES = {
  wait: "Frame waits",
  look: "Frame is looked at",
  decide: "Capture to decision",
  publish: "Decision to broker",
};

/** The same, as headings of narrow columns. */
export const SHORT_STAGES = { wait: "Waits", look: "Look", decide: "Decision", publish: "Broker" };

/** The same words, beginning with a capital. */
export function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Words of the device as a sentence: it leaves the full stop to us. */
export function sentence(words) {
  return words && capital(words) + (/[.!?:]$/.test(words) ? "" : ".");
}

/** What a person is called on this page. */
export function personName(person) {
  return person.name || person.customer_person_id;
}
