// One row of the timeline.

import { VERDICTS, VERDICT_ICONS } from "/static/door-words.js";
import { el, icon, show, time } from "/static/dom.js";
import { circumstances, markOf, titleOf } from "/static/event-detail.js";
import { ago, exactly } from "/static/words.js";

/** A row that stays the same element as long as its item is there. */
export class Row {
  button = el("button", { type: "button", class: "item" });
  element = el("li", {}, this.button);

  /** open(id): the reader wants to know more of it. */
  constructor(open) {
    this.button.addEventListener("click", () => open(this.button.dataset.id));
  }

  focus() {
    this.button.focus();
  }

  show(item, isOpen) {
    const then = Date.parse(item.at);
    const { name, tone } = markOf(item);
    this.button.dataset.id = item.id;
    this.button.setAttribute("aria-expanded", String(isOpen));
    const door = item.kind === "visit" && item.passage;
    show(
      this.button,
      item.picture ? el("img", { class: "thumb", src: item.picture, alt: "", loading: "lazy", decoding: "async" }) : el("span", { class: "thumb none" }, icon(item.kind === "alarm" ? "bell" : "person")),
      el(
        "span",
        { class: "what" },
        el("span", { class: `outcome ${tone}` }, icon(name), titleOf(item)),
        el("span", { class: "soft small" }, circumstances(item)),
      ),
      door ? el("span", { class: `chip ${item.passage.verdict === "granted" ? "good" : "bad"}` }, icon(VERDICT_ICONS[item.passage.verdict]), VERDICTS[item.passage.verdict]) : el("span", {}),
      time(ago(then, Date.now()), exactly(then), item.at),
    );
  }
}
