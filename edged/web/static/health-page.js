// Puts the health page together.

import { follow } from "/static/feed.js";
import { showConditions, showHealth, showLife } from "/static/health.js";
import { icon, show } from "/static/dom.js";
import { History } from "/static/history.js";

new History();
const life = document.getElementById("life");
const link = document.getElementById("link");

follow({
  onEvents: () => {},
  onState: (state) => {
    const { versions } = state.info;
    document.getElementById("release").textContent = `edged ${versions.edged ?? ""}, Python ${versions.python ?? ""}`;
    showLife(life, state.health);
    showConditions(state.health);
    showHealth(state);
  },
  onLink: (word) => {
    link.hidden = word === "up";
    if (word === "up") return;
    link.textContent = "The device does not answer. What you see is old; it is tried again every few seconds.";
    life.className = "life bad";
    show(life, icon("away"), "No connection");
  },
});
