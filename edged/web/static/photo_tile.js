// One photograph of an event: small among others, and by itself.

import { el, icon } from "/static/dom.js";
import { capital, exactly, size } from "/static/words.js";

const PICTURES = "/api/v1/console/photos/pictures";
const SOURCES = { upload: "uploaded", camera: "booth’s camera", folder: "watched folder", sync: "hub" };
const REASONS = { offensive: "offensive", child: "shows a child", private: "not for the public", other: "something else" };
const STANDINGS = { shown: ["good", "known"], waiting: ["warn", "wait"], hidden: ["bad", "off"] };

/** A photograph in the grid. reached: the keyboard comes to it; mixed: others beside it have another standing. */
export function photoTile(photo, { reached, chosen, mixed, mayChange }) {
  const [tone, mark] = STANDINGS[photo.standing];
  const about = [capital(photo.standing), SOURCES[photo.source] ?? photo.source, photo.taken ? `taken ${exactly(Date.parse(photo.taken))}` : null].filter(Boolean).join(", ");
  const act = (what, name, words) => el("button", { type: "button", class: "button plain", "data-act": what, "aria-label": `${words} ${photo.filename}`, title: words, tabindex: "-1" }, icon(name));
  return el(
    "li",
    { class: `photo-tile ${chosen ? "chosen" : ""}`, "data-id": photo.id },
    el(
      "button",
      { type: "button", class: "open", "data-act": "open", "aria-pressed": String(chosen), "aria-label": `${photo.filename}: ${about}`, tabindex: reached ? "0" : "-1" },
      el("img", { src: `${PICTURES}/${photo.id}/thumbnail`, alt: "", loading: "lazy", decoding: "async" }),
      chosen ? el("span", { class: "tick-mark" }, icon("known")) : null,
    ),
    photo.reported.length ? el("span", { class: "chip bad reported" }, icon("warn"), `Reported: ${[...new Set(photo.reported.map(({ reason }) => REASONS[reason] ?? reason))].join(", ")}`) : null,
    el(
      "div",
      { class: "under" },
      mixed ? el("span", { class: `chip ${tone}` }, icon(mark), capital(photo.standing)) : el("span", { class: "soft small" }, SOURCES[photo.source] ?? photo.source),
      mayChange ? [photo.standing === "shown" ? null : act("show", "known", "Show"), photo.standing === "hidden" ? null : act("hide", "off", "Hide"), act("choose", chosen ? "chosen" : "choose", chosen ? "Do not choose" : "Choose")] : null,
    ),
  );
}

/** A photograph by itself. act(what): called with "show", "hide" or "delete". */
export function enlarge(photo, { mayChange, mayDestroy }, act) {
  const close = el("button", { type: "button", class: "button" }, "Close");
  const button = (what, name, words, tone = "") => {
    const made = el("button", { type: "button", class: `button ${tone}` }, icon(name), words);
    made.addEventListener("click", () => {
      box.close();
      act(what);
    });
    return made;
  };
  const facts = [`${photo.width} × ${photo.height}`, size(photo.bytes), SOURCES[photo.source] ?? photo.source, photo.taken ? exactly(Date.parse(photo.taken)) : null].filter(Boolean);
  const reported = photo.reported.map(({ reason, at }) => el("li", {}, icon("warn"), el("span", {}, `A guest reported it: ${REASONS[reason] ?? reason}, ${exactly(Date.parse(at))}`)));
  const box = el(
    "dialog",
    { class: "dialog photo-dialog", "aria-labelledby": "photo-name" },
    el("h2", { id: "photo-name" }, photo.filename),
    el("img", { src: `${PICTURES}/${photo.id}/preview`, alt: `The photograph ${photo.filename}`, width: photo.width, height: photo.height }),
    el("p", { class: "soft small" }, facts.join(" · ")),
    reported.length ? el("ul", { class: "refused" }, ...reported) : null,
    el(
      "div",
      { class: "actions" },
      mayChange && photo.standing !== "shown" ? button("show", "known", "Show") : null,
      mayChange && photo.standing !== "hidden" ? button("hide", "off", "Hide") : null,
      mayDestroy ? button("delete", "remove", "Delete", "danger") : null,
      el("a", { class: "button", href: `${PICTURES}/${photo.id}/original?download=1`, download: true }, icon("down"), "Download"),
      close,
    ),
  );
  close.addEventListener("click", () => box.close());
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  close.focus();
}
