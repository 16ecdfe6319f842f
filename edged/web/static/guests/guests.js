// What a phone that runs scripts makes of the page: without them it looks the same, and works by links and forms.

import { begin as choosing } from "./choosing.js";
import { tidy, words } from "./telling.js";
import { endless } from "./tiles.js";
import { begin as viewing } from "./viewer.js";

choosing();
viewing();
tidy();
// What is seen first comes first.
if (document.readyState === "complete") endless();
else addEventListener("load", endless);

document.getElementById("forget").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("forgetting").showModal();
});
for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
for (const form of document.querySelectorAll("form.again")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.disabled = true;
    button.textContent = words.wait;
  });
}

document.documentElement.dataset.ready = "";
