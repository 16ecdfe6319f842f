// Changes to the configuration that are not sent yet.

/** By dotted path: a value to set, or `FORGET`. */
export const FORGET = Symbol("take back what was set here");

export class Draft extends EventTarget {
  #changes = new Map();

  get size() {
    return this.#changes.size;
  }

  get paths() {
    return [...this.#changes.keys()];
  }

  has(path) {
    return this.#changes.has(path);
  }

  get(path) {
    return this.#changes.get(path);
  }

  set(path, value) {
    this.#changes.set(path, value);
    this.#told();
  }

  /** Leaves what is at a path, and below it, as it is. */
  leave(path) {
    let any = this.#changes.delete(path);
    for (const other of this.paths) {
      if (other.startsWith(`${path}.`)) any = this.#changes.delete(other) || any;
    }
    if (any) this.#told();
  }

  clear() {
    if (!this.size) return;
    this.#changes.clear();
    this.#told();
  }

  /** The JSON merge patch that makes all of it. What contains goes before what is contained. */
  patch() {
    const patch = {};
    const ordered = this.paths.sort((one, other) => one.split(".").length - other.split(".").length);
    for (const path of ordered) {
      const keys = path.split(".");
      const last = keys.pop();
      let below = patch;
      for (const key of keys) below = below[key] ??= {};
      const value = this.#changes.get(path);
      below[last] = value === FORGET ? null : structuredClone(value);
    }
    return patch;
  }

  #told() {
    this.dispatchEvent(new Event("change"));
  }
}
