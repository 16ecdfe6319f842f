// Events and their photographs: what there is of each, how much room is left, and what was purged.

import { inAddress, toAddress } from "/static/address.js";
import { change, may, read } from "/static/ask.js";
import { el, icon, show } from "/static/dom.js";
import { eventCard, eventHead, intakeCard, storageCard } from "/static/photo_events.js";
import { editEvent } from "/static/photo_event_form.js";
import { PhotoGrid } from "/static/photo_grid.js";
import { confirmPurge, purgeList } from "/static/photo_purges.js";
import { Upload } from "/static/photo_upload.js";
import { toast } from "/static/shell.js";
import { count } from "/static/words.js";

const ADDRESS = "/api/v1/console/photos";
const AGAIN_MS = 2000;

/** Owns the page. */
class Photos {
  #trouble = document.getElementById("trouble");
  #title = document.getElementById("title");
  #overview = null;
  #slug = "";
  #timer = 0;
  #mayChange = false;
  #mayDestroy = false;
  #grid;
  #upload;

  constructor(mayChange, mayDestroy) {
    this.#mayChange = mayChange;
    this.#mayDestroy = mayDestroy;
    this.#grid = new PhotoGrid(document.getElementById("photos"), { mayChange, mayDestroy, changed: () => this.look() });
    this.#upload = new Upload(document.getElementById("upload"), () => {
      this.look();
      this.#grid.look();
    });
    const make = document.getElementById("new");
    show(make, icon("add"), "New event");
    make.addEventListener("click", () => this.#edit(null));
    document.getElementById("main").addEventListener("click", (event) => this.#clicked(event));
    window.addEventListener("popstate", () => this.#fromAddress());
    this.#fromAddress();
  }

  /** Reads everything anew, and goes on doing so. */
  async look() {
    clearTimeout(this.#timer);
    try {
      this.#overview = await read(ADDRESS);
      this.#trouble.hidden = true;
      this.#render();
    } catch (error) {
      this.#trouble.textContent = error.message;
      this.#trouble.hidden = false;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#again(), AGAIN_MS);
  }

  #again() {
    if (document.hidden) this.#timer = setTimeout(() => this.#again(), AGAIN_MS);
    else this.look();
  }

  #fromAddress() {
    const { event, standing } = inAddress(["event", "standing"]);
    this.#slug = event;
    if (event) this.#grid.open(event, standing);
    if (this.#overview) this.#render();
    this.look();
  }

  #render() {
    const { on, events, storage, intake, purges, more } = this.#overview;
    const event = events.find(({ slug }) => slug === this.#slug) ?? null;
    document.getElementById("off").hidden = on;
    document.getElementById("all").hidden = !on || event !== null;
    document.getElementById("one").hidden = event === null;
    document.getElementById("new").hidden = !on || !this.#mayChange || event !== null;
    if (!on) {
      show(document.getElementById("off"), icon("photos"), el("p", { class: "title" }, "Photographs are switched off"), el("p", { class: "soft" }, "This device can keep an event’s photographs and let guests find theirs with a selfie, without a network."), howToSwitchOn(this.#mayChange));
      return;
    }
    if (event) this.#renderOne(event);
    else this.#renderAll(events, more, storage, intake, purges);
  }

  #renderAll(events, more, storage, intake, purges) {
    this.#title.textContent = "Photographs";
    const open = events.filter(({ state }) => state === "open").length;
    document.getElementById("many").textContent = events.length ? `${more ? "the newest " : ""}${count(events.length, "event", "events")}, ${open} open` : "";
    show(document.getElementById("storage"), ...storageCard(storage));
    document.getElementById("intake").hidden = !intake;
    if (intake) show(document.getElementById("intake"), ...intakeCard(intake));
    show(document.getElementById("events"), ...events.map((event) => eventCard(event)));
    const none = document.getElementById("none");
    none.hidden = events.length > 0;
    const how = this.#mayChange ? "Choose New event above. It is open at once: the booth’s camera and the watched folder add to it." : "Whoever has an installer’s account can make one here.";
    show(none, icon("photos"), el("p", { class: "title" }, "There is no event yet"), el("p", { class: "soft" }, how));
    document.getElementById("purges").hidden = !purges.length;
    show(document.getElementById("purges"), ...purgeList(purges));
  }

  #renderOne(event) {
    this.#title.textContent = event.name;
    document.getElementById("many").textContent = "";
    show(document.getElementById("event"), ...eventHead(event, { mayChange: this.#mayChange, mayDestroy: this.#mayDestroy }));
    this.#upload.offer(event, this.#mayChange && event.state === "open");
    this.#grid.update(event);
  }

  #clicked(event) {
    const link = event.target.closest("a[data-event]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#go(link.dataset.event);
    }
    const button = event.target.closest("button[data-do]");
    if (!button) return;
    const one = this.#overview?.events.find(({ slug }) => slug === this.#slug);
    if (one) this.#do(button.dataset.do, one);
  }

  #go(slug) {
    toAddress({ event: slug }, { step: true });
    this.#fromAddress();
    this.#title.focus();
  }

  async #do(what, event) {
    if (what === "edit") this.#edit(event);
    if (what === "close" || what === "open") await this.#close(event, what === "close");
    if (what === "purge" && (await confirmPurge(event))) {
      toast(`${event.name} is purged. Its report comes as soon as nothing is left of it.`);
      this.#go("");
    }
  }

  async #close(event, closed) {
    try {
      await change(`${ADDRESS}/events/${event.slug}/close`, { closed });
    } catch (error) {
      toast(error.message, { tone: "bad" });
      return;
    }
    const words = closed ? `${event.name} is closed: it takes no more photographs.` : `${event.name} is open: it takes photographs.`;
    toast(words, { undo: () => this.#close(event, !closed) });
    this.look();
  }

  async #edit(event) {
    const saved = await editEvent(event);
    if (!saved) return;
    toast(event ? `${saved.name} is saved.` : `${saved.name} is open.`);
    if (event) this.look();
    else this.#go(saved.slug);
  }
}

function howToSwitchOn(mayChange) {
  return mayChange
    ? el("p", {}, "Switch on ", el("a", { href: "/config?section=photos" }, "photos.enabled under Config"), "; it takes a restart.")
    : el("p", {}, "An installer switches it on under Config: photos.enabled.");
}

Promise.all([may("installer"), may("administrator")]).then(
  ([mayChange, mayDestroy]) => new Photos(mayChange, mayDestroy),
  (error) => {
    document.getElementById("trouble").textContent = error.message;
    document.getElementById("trouble").hidden = false;
  },
);
