// The settings of the document: what the schema says of each, and what it is called on a page.

const UNITS = { s: "seconds", ms: "milliseconds", mb: "MB", c: "°C", hours: "hours", days: "days", minutes: "minutes", percent: "%", fps: "frames a second" };
const CAPITALS = { fpir: "FPIR", fps: "frame rate", url: "URL", ca: "CA", tls: "TLS", mb: "MB", mqtt: "MQTT", http: "HTTP", v0: "v0", v1: "v1", id: "ID", ttl: "TTL", edgetpu: "Edge TPU" };
const DAYS = { mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday" };

/** What following a change takes, by its cost, in a few words and in a sentence. */
export const COSTS = {
  live: ["At once", "The next frame is judged by it; nothing is interrupted."],
  camera: ["Reopens the camera", "The camera is opened anew: it sees nothing for a second or two."],
  models: ["Loads the models, restarts", "The models are tried beside those in use, then edged starts again: nobody is recognised for some seconds."],
  restart: ["Restarts edged", "edged starts again: nobody is recognised and no door opens for some seconds."],
};
export const COST_ORDER = ["live", "camera", "models", "restart"];

/** Sections in the order in which they are looked for; what is not here comes last. */
export const GROUPS = [
  ["Cameras", ["cameras"]],
  ["Recognition", ["decision", "quality", "visits", "strangers", "gallery", "models"]],
  ["Doors", ["access", "kiosk"]],
  ["Connections", ["mqtt", "homeassistant", "central", "http", "api", "control"]],
  ["Device", ["device", "events", "privacy", "audit", "objectives", "log"]],
];

const SECTIONS = { mqtt: "Broker (MQTT)", homeassistant: "Home Assistant", http: "This page", api: "Interfaces for clients", central: "Centre", access: "Doors and hours", quality: "Face quality", control: "Remote control", audit: "Audit log", log: "Log" };

/** The name of a section of the document. */
export function sectionName(key) {
  return SECTIONS[key] ?? label(key);
}

/** What the last part of a path is called: `min_eye_distance` → "Min eye distance". */
export function label(key) {
  if (DAYS[key]) return DAYS[key];
  const words = key.split("_");
  if (words.length > 1 && words.at(-1) in UNITS && words.at(-1) !== "fps") words.pop();
  const text = words.map((word) => CAPITALS[word] ?? word).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The unit that a key ends in; empty where it has none. */
export function unit(key) {
  const last = key.split("_").at(-1);
  return UNITS[last] ?? "";
}

/** Where a value comes from, in words. */
export function originWords(origin) {
  if (origin.startsWith("group:")) return `From group ${origin.slice(6)}`;
  return { default: "Default", file: "Set in the file", page: "Set here", pushed: "Sent to this device" }[origin] ?? "Default";
}

/** A value as text, for lists of changes. */
export function valueWords(value) {
  if (value === null || value === undefined) return "not set";
  if (value === "") return "empty";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (Array.isArray(value)) return value.length ? value.join(", ") : "none";
  return String(value);
}

/** What lies at a dotted path of a tree; undefined where nothing does. */
export function at(tree, path) {
  return path ? path.split(".").reduce((below, key) => below?.[key], tree) : tree;
}

/** The document's schema, references followed. */
export class Schema {
  #root;

  constructor(document) {
    this.#root = document;
  }

  get sections() {
    return Object.keys(this.#root.properties);
  }

  /** The schema of a section. */
  section(key) {
    return this.#resolved(this.#root.properties[key]);
  }

  /** What stands directly in a section, as [key, node], in the order of the schema. `value` tells which kind it is. */
  below(node, value) {
    const kind = this.kinds(node).get(value?.kind);
    return Object.entries((kind ?? node).properties ?? {}).map(([key, entry]) => [key, this.#resolved(entry)]);
  }

  /** The schema of the entries of a map; null where a node is none. */
  entry(node) {
    const [entry] = Object.values(node.patternProperties ?? {});
    return entry ? this.#resolved(entry) : null;
  }

  /** The pattern that the names of a map's entries fit. */
  names(node) {
    return Object.keys(node.patternProperties)[0];
  }

  /** By kind, the schemas of a section that comes in several. */
  kinds(node) {
    if (!node?.discriminator) return new Map();
    return new Map(node.oneOf.map((option) => this.#resolved(option)).map((option) => [option.properties.kind.const, option]));
  }

  isSection(node) {
    return node.type === "object" || node.discriminator !== undefined;
  }

  #resolved(node) {
    if (!node.$ref) return node;
    const { $ref, ...own } = node;
    return { ...this.#root.$defs[$ref.split("/").at(-1)], ...own };
  }
}

/** The alternative of a node that is not null, and whether null is one. */
export function sort(node) {
  if (!node.anyOf) return { node, nullable: false };
  const { anyOf, ...own } = node;
  const rest = anyOf.filter((option) => option.type !== "null");
  return { node: { ...rest[0], ...own }, nullable: rest.length < anyOf.length };
}

/** What a value may be, in a few words; empty where anything may. */
export function allowedWords(node) {
  const { node: inner, nullable } = sort(node);
  const low = inner.minimum ?? inner.exclusiveMinimum;
  const high = inner.maximum ?? inner.exclusiveMaximum;
  const words = [];
  if (low !== undefined && high !== undefined) {
    const open = inner.exclusiveMinimum !== undefined || inner.exclusiveMaximum !== undefined;
    const from = inner.exclusiveMinimum === undefined ? `at least ${low}` : `above ${low}`;
    const to = inner.exclusiveMaximum === undefined ? `at most ${high}` : `below ${high}`;
    words.push(open ? `${from} and ${to}` : `from ${low} to ${high}`);
  }
  else if (low !== undefined) words.push(`${low} or more`);
  else if (high !== undefined) words.push(`up to ${high}`);
  if (inner.type === "array" && !inner.items.enum) words.push("one a line");
  if (nullable) words.push("may be empty");
  const [example] = inner.examples ?? [];
  if (example !== undefined && inner.type !== "boolean") words.push(`for example ${Array.isArray(example) ? example.join(" ") : example}`);
  return words.join("; ");
}
