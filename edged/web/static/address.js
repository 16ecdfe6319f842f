// What a page shows, kept in its address: it can be bookmarked, sent to somebody, and gone back to.

/** The values of these names in the address; what is missing is empty. */
export function inAddress(names) {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(names.map((name) => [name, query.get(name) ?? ""]));
}

/** Puts values into the address; empty ones are left out. `step`: one can go back to what was before. */
export function toAddress(values, { step = false } = {}) {
  const query = queryOf(values);
  const address = query ? `${location.pathname}?${query}` : location.pathname;
  if (address === location.pathname + location.search) return;
  history[step ? "pushState" : "replaceState"](null, "", address);
}

/** Values as a query, without a question mark; empty ones are left out. */
export function queryOf(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined)).toString();
}
