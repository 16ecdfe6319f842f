// Stable words of devices, and how they are shown: mark, tone, words.

import { duration } from "/static/words.js";

/** How a device stands to what it was told. */
export const DRIFT = {
  in_step: ["well", "good", "In step"],
  pending: ["wait", "warn", "Not yet"],
  applying: ["wait", "", "Trying it"],
  rejected: ["away", "bad", "Rejected"],
  reverted: ["away", "bad", "Went back"],
  ahead: ["warn", "warn", "Ahead"],
  silent: ["warn", "warn", "No answer"],
};

export const DRIFT_MEANS = {
  pending: "Something newer stands on the broker than it has answered: it is away, or was told a moment ago.",
  applying: "The newest is in force and has to prove itself.",
  rejected: "It does not follow the newest; nothing has changed there.",
  reverted: "It tried the newest, something did not work, and it went back by itself.",
  ahead: "It follows what no longer stands on the broker: the broker has lost it. Push it again.",
  silent: "It was told something and has never reported: its edged is too old, or the broker holds its reports back.",
};

/** Whether it is there. */
export function presence({ available, state }) {
  if (available === "online") return state === "ready" || !state ? ["well", "good", "Online"] : ["wait", "warn", state === "starting" ? "Starting" : "Stopping"];
  if (available === "stopped") return ["off", "", "Stopped"];
  if (available === "offline") return ["away", "bad", "Offline"];
  return ["off", "", "Never seen"];
}

export function isOnline({ available }) {
  return available === "online";
}

/** Whether somebody should have a look. */
export function needsAttention(device) {
  return !isOnline(device) || device.conditions.length > 0 || device.restart_required || ["rejected", "reverted", "ahead", "silent"].includes(device.drift);
}

/** Frames a second of all cameras: "15", "4.2–15". */
export function pace({ fps }) {
  const values = Object.values(fps);
  if (!values.length) return "–";
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toLocaleString("en", { maximumFractionDigits: 1 }));
  return low === high ? low : `${low}–${high}`;
}

export function warmth({ temperature_c }) {
  return temperature_c === null ? "–" : `${Math.round(temperature_c)} °C`;
}

export function indexAge({ index }) {
  return !index || index.age_s === null ? "–" : duration(index.age_s);
}

/** A device's name or a group's, as people say it. */
export function addressee(address) {
  return address.startsWith("_group/") ? `group ${address.slice(7)}` : address;
}

/** Values of a change, one a line: "decision.margin = 0.05". */
export function values(change, prefix = "") {
  return Object.entries(change).flatMap(([key, value]) => {
    const path = prefix + key;
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return values(value, `${path}.`);
    return [value === null ? `${path} given back` : `${path} = ${JSON.stringify(value)}`];
  });
}
