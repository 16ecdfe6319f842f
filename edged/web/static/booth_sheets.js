// What stands on the screen beside the mirror, stage by stage: a heading, what there is to see, what one can do.

import { grid } from "/static/booth_grid.js";
import { prints } from "/static/booth_prints.js";
import { el } from "/static/dom.js";
import { mark } from "/static/marks.js";
import { qr } from "/static/qr.js";

export const LANGUAGES = ["en", "de", "es", "fr"];
const NAMES = { en: "English", de: "Deutsch", es: "Español", fr: "Français" };

/** Words with what stands in braces put in, as text. */
export function filled(words, values) {
  return words.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

function heading(title, line = "", name = "") {
  const long = title.length > 26 ? "long" : undefined;
  return el("header", {},
    name ? el("div", { class: "mark", "aria-hidden": "true" }, mark(name)) : null,
    el("h1", { tabindex: "-1", class: long }, title),
    line ? el("p", { class: "line" }, line) : null);
}

function button(act, words, { main = false, name = "", more = {} } = {}) {
  const drawn = name ? el("span", { class: "sign", "aria-hidden": "true" }, mark(name)) : null;
  return el("button", { type: "button", class: main ? "button main" : "button", "data-act": act, ...more }, drawn, el("span", {}, words));
}

function actions(...buttons) {
  return el("div", { class: "actions" }, ...buttons);
}

function when(instant, language) {
  return new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" }).format(new Date(instant));
}

function choice(act, [title, line], name) {
  return el("button", { type: "button", class: "choice", "data-act": act },
    el("span", { class: "mark", "aria-hidden": "true" }, mark(name)),
    el("span", { class: "name" }, title),
    el("span", { class: "line" }, line));
}

function languages({ words, language }) {
  return el("div", { class: "languages", role: "group", "aria-label": words.language },
    ...LANGUAGES.map((code) => el("button", { type: "button", lang: code, "data-act": "speak", "data-language": code, "aria-pressed": String(code === language) }, NAMES[code])));
}

function attract({ words, language, look }) {
  const { invitation, find, take } = words.attract;
  return [
    el("div", { class: "picture" }, prints()),
    el("div", { class: "welcome" },
      heading(look.name, invitation),
      el("div", { class: "choices" }, look.can_find ? choice("find", find, "people") : null, choice("take", take, "camera")),
      languages({ words, language })),
  ];
}

function away({ words, language, trouble }) {
  return [heading(...words.trouble[trouble], "away"), languages({ words, language })];
}

function consent({ words, language, terms, purpose }) {
  const own = words.consent;
  const sentences = purpose === "take" ? own.take : [...own.find, terms.keeps_selfies ? own.kept : own.forgotten, terms.has_phones ? own.mine : own.theirs];
  const end = terms.expires ? [filled(own.until, { date: when(terms.expires, language) })] : [];
  const theirs = terms.consent ? el("blockquote", {}, el("p", { class: "by" }, own.organiser), el("p", {}, terms.consent)) : null;
  return [
    heading(own.title),
    el("div", { class: "body text", tabindex: "0", role: "group", "aria-label": own.title }, el("ul", { class: "plain" }, ...[...sentences, ...end].map((words_) => el("li", {}, words_))), theirs),
    actions(button("no", own.no), button("yes", own.yes)),
  ];
}

function mirror({ words, purpose, guide }) {
  const [title, line] = words.mirror[purpose];
  const prompt = purpose === "find" ? words.prompts[guide?.prompt] : "";
  return [
    heading(prompt || title, line),
    actions(button("back", words.mirror.back), button("ready", purpose === "find" ? words.mirror.look : words.mirror.shoot, { main: true, name: purpose === "find" ? "people" : "camera" })),
  ];
}

function countdown({ words, left }) {
  return [el("p", { class: "count", "aria-hidden": "true" }, String(left)), heading(words.ready)];
}

function working({ words, purpose }) {
  return [heading(...words.working[purpose]), el("div", { class: "dots", "aria-hidden": "true" }, el("span", {}), el("span", {}), el("span", {}))];
}

function review({ words, look, photo, round }) {
  const { title, line, checked, keep, again, remove } = words.review;
  return [
    heading(title, look.is_moderated ? checked : line),
    el("div", { class: "body" }, el("img", { class: "whole", src: round.picture(photo.id, "preview"), alt: words.review.photo })),
    actions(button("remove", remove, { name: "bin" }), button("retake", again, { name: "again" }), button("keep", keep, { main: true, name: "yes" })),
  ];
}

function kept({ words, look }) {
  const find = look.can_find ? button("find", words.attract.find[0], { main: true, name: "people" }) : null;
  const said = look.is_moderated ? words.kept_checked : find ? words.kept : words.kept_only;
  return [heading(...said, "yes"), actions(button("done", words.done), button("take", words.another, { name: "camera" }), find)];
}

function removed({ words }) {
  return [heading(...words.removed, "bin"), actions(button("take", words.another, { name: "camera" }), button("done", words.done, { main: true }))];
}

function found({ words, found: { total, photos, offset, code, layout, note }, round }) {
  const own = words.found;
  const pages = layout ? Math.ceil(total / layout.shown) : 1;
  const page = layout ? Math.floor(offset / layout.shown) + 1 : 1;
  const where = pages > 1 ? filled(own.page, { page, pages }) : "";
  const turn = pages < 2 ? [] : [
    button("page", "", { name: "left", more: { "data-to": String(offset - layout.shown), disabled: page === 1, "aria-label": own.previous } }),
    button("page", "", { name: "right", more: { "data-to": String(offset + layout.shown), disabled: page === pages, "aria-label": own.next } }),
  ];
  return [
    heading(total === 1 ? own.one : filled(own.many, { count: total }), note || where),
    el("div", { class: "body" }, layout ? grid(photos, layout, { first: offset, total, words: own, picture: (id, size) => round.picture(id, size) }) : null),
    actions(el("div", { class: "turn" }, ...turn), button("done", words.done), code ? button("code", own.phone, { main: true, name: "qr" }) : null),
  ];
}

function photograph({ words, found: { photos, offset, total }, at, round }) {
  const own = words.found;
  const name = filled(own.photo, { number: at + 1, count: total });
  return [
    heading(name),
    el("div", { class: "body" }, el("img", { class: "whole", src: round.picture(photos[at - offset].id, "preview"), alt: name })),
    actions(
      el("div", { class: "turn" },
        button("show", "", { name: "left", more: { "data-to": String(at - 1), disabled: at === 0, "aria-label": own.earlier } }),
        button("show", "", { name: "right", more: { "data-to": String(at + 1), disabled: at === total - 1, "aria-label": own.later } })),
      button("deny", own.not_me, { name: "no" }),
      button("all", own.back, { main: true })),
  ];
}

function none({ words, look, found: { code, has_face } }) {
  if (!has_face) return [heading(...words.no_face, "look"), actions(button("done", words.done), button("again", words.again, { main: true, name: "again" }))];
  const take = button("take", words.attract.take[0], { name: "camera" });
  return [
    heading(...(code ? words.none : words.none_only), "print"),
    actions(button("done", words.done), look.trouble ? null : take, code ? button("code", words.found.phone, { main: true, name: "qr" }) : null),
  ];
}

function code({ words, language, found: { code: { picture, until }, total } }) {
  const own = words.code;
  return [
    heading(own.title, own.line),
    el("div", { class: "body" }, el("div", { class: "code-paper" }, qr(picture, own.name))),
    el("p", { class: "until" }, filled(own.until, { date: when(until, language) })),
    actions(total ? button("all", words.found.back) : null, button("done", words.done, { main: true })),
  ];
}

function sorry({ words, why, look }) {
  const find = why === "full" && look.can_find ? button("find", words.attract.find[0], { main: true, name: "people" }) : null;
  const again = why === "failed" || why === "busy" ? button("again", words.again, { main: true, name: "again" }) : null;
  return [heading(...words.sorry[why], "away"), actions(button("done", words.done), again, find)];
}

function declined({ words }) {
  return [heading(...words.declined, "yes")];
}

/** By the name of a stage, what stands on the sheet then; each takes what the screen knows. */
export const SHEETS = { attract, away, consent, mirror, countdown, working, review, kept, removed, found, photograph, none, code, sorry, declined };
