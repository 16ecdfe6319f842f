// Puts the page together: one connection for news, five places that show it.

import { icon, show } from "/static/dom.js";
import { DoorList } from "/static/door_list.js";
import { follow } from "/static/feed.js";
import { showConditions, showLife } from "/static/health.js";
import { Live } from "/static/live.js";
import { Visits } from "/static/visits.js";
import { clock } from "/static/words.js";

const live = new Live();
const visits = new Visits();
const doors = new DoorList();
const link = document.getElementById("link");
const life = document.getElementById("life");
let heard = null;

follow({
  onEvents: (entries, fresh) => visits.add(entries, fresh),
  onState: (state) => {
    heard = Date.now();
    showHead(state);
    showConditions(state.health);
    live.update(state);
    visits.update(state);
    doors.update(state);
  },
  onLink: showLink,
});

function showHead({ info, health }) {
  const wrong = health.conditions.length;
  document.title = `${wrong ? `(${wrong}) ` : ""}Live – ${info.device} – edged`;
  showLife(life, health);
}

function showLink(word) {
  link.hidden = word === "up";
  if (word === "up") return;
  const what = {
    lost: "The device does not answer.",
    busy: "The device answers but sends no news; perhaps too many pages are open.",
  };
  const seen = heard ? `What you see is from ${clock(heard)}.` : "";
  link.textContent = `${what[word]} ${seen} It is tried again every few seconds.`;
  life.className = "life bad";
  show(life, icon("away"), "No connection");
  live.lose();
}
