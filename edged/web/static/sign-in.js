// Signing in: with a name and a password, or with a link that opens once (/sign-in#once=…).

import { icon } from "/static/dom.js";
import { sentence } from "/static/words.js";

const part = (id) => document.getElementById(id);

/** Where to go on: an address of this device, whatever else stands there. */
function next() {
  const wanted = new URLSearchParams(location.search).get("next") ?? "/";
  try {
    const address = new URL(wanted, location.origin);
    const ours = address.origin === location.origin && wanted.startsWith("/") && address.pathname !== "/sign-in";
    return ours ? address.pathname + address.search + address.hash : "/";
  } catch {
    return "/";
  }
}

async function post(address, wanted) {
  const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(wanted) });
  if (answer.ok) return;
  const { what, remedy } = (await answer.json()).error;
  throw new Error([what, remedy].filter(Boolean).map((words) => sentence(words)).join(" "));
}

function complain(error) {
  const words = error instanceof TypeError ? "The device does not answer. Is it running?" : error.message;
  part("trouble").replaceChildren(icon("warn"), words);
  part("trouble").hidden = false;
}

async function enter(event) {
  event.preventDefault();
  const button = part("enter");
  button.disabled = true;
  part("trouble").hidden = true;
  try {
    await post("/api/v1/sign-in", { name: part("name").value, password: part("password").value, remember: part("remember").checked });
    location.replace(next());
  } catch (error) {
    complain(error);
    button.disabled = false;
    part("password").select();
    part("password").focus();
  }
}

/** Whoever came with a link is in, and the link is gone from the address and from the history. */
async function redeem(link) {
  history.replaceState(null, "", location.pathname + location.search);
  part("busy").textContent = "Signing in …";
  try {
    await post("/api/v1/sign-in/link", { link });
    location.replace(next());
    return true;
  } catch (error) {
    part("busy").textContent = "";
    complain(error);
    return false;
  }
}

async function begin() {
  const link = new URLSearchParams(location.hash.slice(1)).get("once");
  if (link && (await redeem(link))) return;
  try {
    const { device, accounts, signed_in: inside } = await (await fetch("/api/v1/sign-in")).json();
    if (inside && !link) {
      location.replace(next()); // whoever followed a link from elsewhere came without the cookie, and is in
      return;
    }
    part("device").textContent = device;
    document.title = `Sign in – ${device} – edged`;
    part("first").hidden = accounts;
    part("form").hidden = !accounts;
    if (accounts) part("name").focus();
  } catch (error) {
    complain(error);
  }
}

part("form").addEventListener("submit", enter);
part("again").addEventListener("click", () => location.reload());
window.addEventListener("hashchange", begin); // a link that is opened where this page stands already
begin();
