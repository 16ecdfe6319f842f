// A change to the configuration on its way: looked at before, made, and followed until it holds or is taken back.

import { change, read } from "/static/ask.js";
import { el, icon } from "/static/dom.js";
import { COSTS, COST_ORDER, valueWords } from "/static/settings.js";
import { capital, count, sentence } from "/static/words.js";

const ADDRESS = "/api/v1/console/config";
const LOOK_AGAIN_MS = 500;
const MASK = "********";
const AWAY_FOR_MS = 120_000;

/** What would come of a patch. */
export function forecast(patch) {
  return change(`${ADDRESS}/forecast`, { patch });
}

/**
 * Has a patch made, and says how it stands until it is settled. `tell` gets the report, or null while the device is
 * away because it starts again. The last report is returned.
 */
export async function make(patch, tell) {
  let report = await change(`${ADDRESS}/propose`, { patch });
  tell(report);
  let since = Date.now();
  while (report?.status === "applying" || report === null) {
    await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
    try {
      report = await read(`${ADDRESS}/report`);
      since = Date.now();
    } catch (error) {
      if (Date.now() - since > AWAY_FOR_MS) throw error;
      report = null;
    }
    tell(report);
  }
  return report;
}

/** One problem as a sentence, without its path. */
export function problemWords({ message, got, allowed }) {
  const words = [capital(message)];
  if (got && got !== MASK) words.push(` (it is ${got})`);
  if (allowed) words.push(`; allowed: ${allowed}`);
  return sentence(words.join(""));
}

/** Problems as a list, each with its path. */
export function problemList(problems) {
  const lines = problems.map((problem) => el("li", {}, problem.path ? el("code", {}, problem.path) : null, " ", problemWords(problem)));
  return el("ul", { class: "problems" }, ...lines);
}

/** What a forecast says of costs, as one sentence. */
export function costWords({ costliest }) {
  return costliest ? COSTS[costliest][1] : "Nothing would change.";
}

function changeRow({ path, apply, before, after }) {
  const values = el("span", { class: "turns" }, el("del", {}, valueWords(before)), el("span", { "aria-label": "becomes" }, "→"), el("ins", {}, valueWords(after)));
  return el("li", {}, el("code", {}, path), values, el("span", { class: "cost", "data-cost": apply }, COSTS[apply][0]));
}

/**
 * A dialog that shows what a patch would do, makes it when asked, and follows it. `title` says what it is about.
 * Resolves with true where it holds in the end.
 */
export function settle(title, patch) {
  return new Promise((resolve) => {
    const body = el("div", { class: "order-body", "aria-live": "polite" }, el("p", { class: "soft" }, "Looking at what it would take …"));
    const go = el("button", { type: "button", class: "button main", disabled: true }, "Apply");
    const close = el("button", { type: "button", class: "button" }, "Cancel");
    const heading = el("h2", { id: "order-title" }, title);
    const dialog = el("dialog", { class: "dialog order", "aria-labelledby": "order-title" }, heading, body, el("div", { class: "actions" }, close, go));
    let holds = false;
    document.body.append(dialog);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("cancel", (event) => close.disabled && event.preventDefault());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(holds);
    });
    go.addEventListener("click", async () => {
      go.disabled = close.disabled = true;
      try {
        const last = await make(patch, (report) => body.replaceChildren(...stand(report)));
        holds = last.status === "applied";
      } catch (error) {
        body.replaceChildren(trouble(error.message));
      }
      close.disabled = false;
      close.textContent = "Close";
      go.hidden = true;
      close.focus();
    });
    dialog.showModal();
    forecast(patch).then(
      (seen) => {
        body.replaceChildren(...preview(seen));
        go.disabled = seen.problems.length > 0 || seen.changes.length === 0;
        (go.disabled ? close : go).focus();
      },
      (error) => body.replaceChildren(trouble(error.message)),
    );
  });
}

function preview(seen) {
  if (seen.problems.length) {
    const words = `${count(seen.problems.length, "thing is", "things are")} not right yet. Nothing has been changed.`;
    return [el("p", { class: "verdict bad" }, icon("warn"), words), problemList(seen.problems)];
  }
  const sorted = [...seen.changes].sort((one, other) => COST_ORDER.indexOf(other.apply) - COST_ORDER.indexOf(one.apply));
  const parts = [el("ul", { class: "changes" }, ...sorted.map(changeRow)), el("p", {}, costWords(seen))];
  if (seen.overruled.length) parts.push(el("p", { class: "soft" }, `Set otherwise by a nearer word, so without effect: ${seen.overruled.join(", ")}.`));
  if (seen.changes.length) parts.push(el("p", { class: "soft small" }, "The change is on probation: if what it touches does not work, what was before comes back by itself."));
  return parts;
}

/** How a change stands, for the eye and for the ear. */
function stand(report) {
  if (report === null) return [el("p", { class: "verdict" }, el("span", { class: "turning", "aria-hidden": "true" }), "The device starts again with the change …")];
  const { status, problems, overruled } = report;
  if (status === "applying") return [el("p", { class: "verdict" }, el("span", { class: "turning", "aria-hidden": "true" }), "Applying: what it touches has to prove that it works …")];
  if (status === "applied") {
    const parts = [el("p", { class: "verdict good" }, icon("known"), "Applied. It works and is kept.")];
    if (overruled.length) parts.push(el("p", { class: "soft" }, `Without effect, because a nearer word sets them otherwise: ${overruled.join(", ")}.`));
    return parts;
  }
  const words = status === "reverted" ? "Taken back: what it touches did not work. What was before holds again." : "Refused. Nothing has changed.";
  return [el("p", { class: "verdict bad" }, icon("warn"), words), problemList(problems)];
}

function trouble(message) {
  return el("p", { class: "verdict bad", role: "alert" }, icon("warn"), message);
}
