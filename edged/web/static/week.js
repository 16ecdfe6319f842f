// A schedule as a picture of a week: hours as bars, holidays marked.

import { el, svg } from "/static/dom.js";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
export const DAY_NAMES = { mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday", holidays: "Holidays" };

const LEFT = 52;
const HOUR = 24;
const ROW = 26;
const TOP = 20;
const WIDTH = LEFT + 24 * HOUR + 8;
const DAY_MS = 86_400_000;

/** `08:00-18:00` as hours from the beginning of the day; beyond 24 where it reaches into the next. */
export function span(text) {
  const [from, to] = text.split("-").map((time) => {
    const [hours, minutes] = time.split(":").map(Number);
    return hours + minutes / 60;
  });
  return [from, to <= from ? to + 24 : to];
}

/** This week's days, Monday first, as `2026-11-23`, in a time zone. */
export function thisWeek(zone, now = Date.now()) {
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: zone || undefined, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
  const today = Date.parse(`${day}T00:00:00Z`);
  const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY_MS;
  return DAYS.map((_, index) => new Date(monday + index * DAY_MS).toISOString().slice(0, 10));
}

/** The name of the holiday on a day; empty where there is none. */
export function holidayOn(day, holidays) {
  const found = Object.entries(holidays).find(([, { first, last, yearly }]) => {
    const end = last || first;
    if (!yearly) return first <= day && day <= end;
    const [from, to, here] = [first, end, day].map((text) => text.slice(5));
    return from <= to ? from <= here && here <= to : here >= from || here <= to;
  });
  return found ? found[0] : "";
}

/** How a schedule reads: "Mon–Fri 08:00–18:00; Sat 09:00–12:00". */
export function scheduleWords(schedule) {
  const runs = [];
  for (const day of DAYS) {
    const hours = (schedule[day] ?? []).map((text) => text.replace("-", "–")).join(", ");
    const last = runs.at(-1);
    if (last && last.hours === hours) last.to = day;
    else runs.push({ from: day, to: day, hours });
  }
  const short = (day) => DAY_NAMES[day].slice(0, 3);
  const said = runs.filter(({ hours }) => hours).map(({ from, to, hours }) => `${from === to ? short(from) : `${short(from)}–${short(to)}`} ${hours}`);
  const special = (schedule.holidays ?? []).map((text) => text.replace("-", "–")).join(", ");
  return `${said.join("; ") || "never"}; on holidays ${special || "never"}`;
}

/** The picture; `schedule` by day, `holidays` as the device has them. */
export function weekPicture(name, schedule, holidays, zone) {
  const week = thisWeek(zone);
  const today = thisDay(zone);
  const height = TOP + 8 * ROW + 4;
  const parts = [];
  for (let hour = 0; hour <= 24; hour += 6) {
    const x = LEFT + hour * HOUR;
    parts.push(svg("line", { class: "hour", x1: x, x2: x, y1: TOP - 4, y2: height - 4 }));
    parts.push(svg("text", { class: "hour-name", x, y: 11, "text-anchor": hour === 24 ? "end" : hour ? "middle" : "start" }, `${hour}:00`));
  }
  [...DAYS, "holidays"].forEach((day, row) => {
    const y = TOP + row * ROW;
    const holiday = day === "holidays" ? "" : holidayOn(week[row], holidays);
    if (week[row] === today) parts.push(svg("rect", { class: "today", x: 0, y: y - 1, width: WIDTH, height: ROW - 2, rx: 4 }));
    parts.push(svg("text", { class: holiday ? "day off" : "day", x: 6, y: y + 16 }, day === "holidays" ? "Hol." : DAY_NAMES[day].slice(0, 3)));
    const hours = holiday ? schedule.holidays ?? [] : schedule[day] ?? [];
    for (const [from, to] of hours.map(span)) {
      const end = Math.min(to, 24);
      parts.push(svg("rect", { class: holiday || day === "holidays" ? "bar holiday" : "bar", x: LEFT + from * HOUR, y: y + 4, width: (end - from) * HOUR, height: ROW - 10, rx: 3 }));
      if (to > 24) parts.push(svg("path", { class: "on", d: `M${LEFT + 24 * HOUR - 1} ${y + 5}l6 ${(ROW - 10) / 2 - 1}l-6 ${(ROW - 10) / 2 - 1}z` }));
    }
    // What reaches over midnight is drawn where it ends, too.
    const before = row && day !== "holidays" ? schedule[DAYS[row - 1]] ?? [] : day === "mon" ? schedule.sun ?? [] : [];
    for (const [, to] of before.map(span)) {
      if (to > 24 && !holiday) parts.push(svg("rect", { class: "bar", x: LEFT, y: y + 4, width: (to - 24) * HOUR, height: ROW - 10, rx: 3 }));
    }
    if (holiday) parts.push(svg("text", { class: "off-name", x: LEFT + 6, y: y + 16 }, hours.length ? "" : `${holiday}: closed`));
  });
  const title = `${name}: ${scheduleWords(schedule)}`;
  return svg("svg", { class: "week", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": title }, ...parts);
}

function thisDay(zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone || undefined, year: "numeric", month: "2-digit", day: "2-digit" }).format(Date.now());
}

/** The holidays to come, or that hold now, as lines. */
export function holidayWords({ first, last, yearly }) {
  const words = (day) => new Date(`${day}T12:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: yearly ? undefined : "numeric", timeZone: "UTC" });
  const days = last && last !== first ? `${words(first)} to ${words(last)}` : words(first);
  return el("span", {}, days, yearly ? ", every year" : "");
}
