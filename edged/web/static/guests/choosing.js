// Several photographs at once.

import { filled, words } from "./telling.js";
import { onChange } from "./tiles.js";

const form = document.getElementById("choice");

/** Lets photographs be chosen, where they may be downloaded. */
export function begin() {
  const choose = document.getElementById("choose");
  if (!form || !choose) return;
  const unchoose = document.getElementById("unchoose");
  choose.hidden = unchoose.hidden = false;
  choose.addEventListener("click", () => {
    form.dataset.choosing = "";
    count();
    form.querySelector(".photos input").focus();
  });
  unchoose.addEventListener("click", () => {
    delete form.dataset.choosing;
    for (const box of boxes()) box.checked = false;
    choose.focus();
  });
  // Before the viewer hears of it: a photograph that is tapped is chosen now, not opened.
  form.addEventListener("click", (event) => {
    const tile = event.target.closest("li");
    if (!("choosing" in form.dataset) || !tile || event.target.matches("input")) return;
    event.preventDefault();
    const box = tile.querySelector("input");
    box.checked = !box.checked;
    count();
  }, { capture: true });
  form.addEventListener("change", count);
  onChange(count);
}

function boxes() {
  return [...form.querySelectorAll(".photos input")];
}

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  const most = Number(form.dataset.most);
  const text = chosen > most ? filled(words.select_most, { count: most }) : filled(words.selected, { count: chosen });
  document.getElementById("count").textContent = text;
  document.getElementById("fetch").disabled = !chosen || chosen > most;
}
