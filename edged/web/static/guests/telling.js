// What the page was told, what it tells, and what it asks of the device.

const told = JSON.parse(document.body.dataset.words);
const query = new URLSearchParams(location.search);
const UNDO_MS = 8000;

export const words = told.words;
export const shown = { total: told.total, left: told.left, page: told.page, per_page: told.per_page };

/** Words with what stands in braces put in, as text. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** The address of a part of the guest's page. */
export function address(tail = "", values = {}) {
  const asked = new URLSearchParams({ t: query.get("t"), ...values });
  if (query.has("lang")) asked.set("lang", query.get("lang"));
  return `${location.pathname}${tail}?${asked}`;
}

/** What the device answers, as JSON; null where it did not, which was told. A link that is over shows its own page. */
export async function ask(tail, { values, body } = {}) {
  try {
    const request = body ? { method: "POST", body: new URLSearchParams(body) } : {};
    const answer = await fetch(address(tail, values), { ...request, headers: { accept: "application/json" } });
    if (answer.ok) return await answer.json();
    if (answer.status === 410) location.reload();
    const { seconds } = await answer.json();
    say(answer.status === 429 ? filled(words.too_often_what, { seconds }) : words.failed);
  } catch {
    say(words.failed);
  }
  return null;
}

let ending;

/** Says something for some seconds, where the guest looks; `undo` is offered meanwhile. */
export function say(text, undo = null) {
  clearTimeout(ending);
  const [page, over] = ["notice", "over-notice"].map((id) => document.getElementById(id));
  const [here, elsewhere] = document.getElementById("viewer").open ? [over, page] : [page, over];
  const line = document.createElement("span");
  line.textContent = text;
  here.replaceChildren(line);
  elsewhere.replaceChildren();
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = words.undo;
    button.addEventListener("click", () => {
      here.replaceChildren();
      undo();
    });
    here.append(button);
  }
  ending = setTimeout(() => here.replaceChildren(), UNDO_MS);
}

/** Puts moments into the guest's words, and forgets in the address what was told once. */
export function tidy() {
  const style = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
  for (const time of document.querySelectorAll("time")) {
    time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, style);
  }
  if (query.has("said")) history.replaceState(null, "", address("", query.has("page") ? { page: query.get("page") } : {}));
}
