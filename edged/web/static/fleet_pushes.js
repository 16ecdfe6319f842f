// Who has told devices what: one roll-out is one entry, however many devices it went to.

import { el, show, time } from "/static/dom.js";
import { addressee, values } from "/static/fleet_words.js";
import { ago, exactly } from "/static/words.js";

const SHOWN = 30;

/** Shows pushes, the newest first, in #pushes. */
export function showPushes(pushes, now) {
  const groups = grouped(pushes).slice(0, SHOWN);
  const root = document.getElementById("pushes");
  if (!groups.length) return show(root, el("p", { class: "soft" }, "Nobody has pushed anything since this hub looks. Begin with: edged fleet push --help"));
  show(root, el("ol", { class: "pushes" }, ...groups.map((group) => entry(group, now))));
}

/** Neighbours of one roll-out that say the same. */
function grouped(pushes) {
  const groups = [];
  for (const push of pushes) {
    const last = groups.at(-1);
    const same = last && push.token && last[0].token === push.token && JSON.stringify(last[0].change) === JSON.stringify(push.change);
    if (same) last.push(push);
    else groups.push([push]);
  }
  return groups;
}

function entry(group, now) {
  const [{ at, by, key, token, change, version, address }] = group;
  const names = group.map((push) => addressee(push.address));
  const to = names.length > 3 ? `${names.slice(0, 2).join(", ")} and ${names.length - 2} more` : names.join(", ");
  const lines = values(change);
  const moment = Date.parse(at);
  return el(
    "li",
    {},
    el("p", { class: "push-head" }, el("strong", {}, by || "Somebody"), ` → ${to}`, time(ago(moment, now), exactly(moment), at)),
    el("p", {}, el("code", {}, lines.slice(0, 6).join(", ") || "nothing new"), lines.length > 6 ? ` and ${lines.length - 6} more` : null),
    el("p", { class: "soft small" }, [names.length === 1 ? `version ${version}` : null, token ? `roll-out ${token}` : null, key ? `signed, key ${key}` : "not signed"].filter(Boolean).join(" · ")),
  );
}
