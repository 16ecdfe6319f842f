// Questions to the device, and requests to change something, with answers in words.

import { sentence } from "/static/words.js";

let asked = null;

/** Who is signed in: `{name, role, word, device}`. Asked once a page. */
export function me() {
  asked ??= read("/api/v1/me").catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

/** Whether whoever is signed in may what `role` may: "guard", "installer" or "administrator". */
export async function may(role) {
  const roles = ["guard", "installer", "administrator"];
  return roles.indexOf((await me()).role) >= roles.indexOf(role);
}

/** The JSON of an address. Throws an Error whose message is a sentence for the reader. */
export function read(address) {
  return answer(() => fetch(address));
}

/** Has the device change something; see `read`. The word proves that it was this page that asked. */
export async function change(address, wanted, method = "POST") {
  const headers = { "content-type": "application/json", "edged-token": (await me()).word };
  return answer(() => fetch(address, { method, headers, body: JSON.stringify(wanted) }));
}

/** The same with files: `form` is a FormData. */
export async function send(address, form) {
  const headers = { "edged-token": (await me()).word };
  return answer(() => fetch(address, { method: "POST", headers, body: form }));
}

/** Leads to the sign-in, and back here from there. */
export function toSignIn() {
  const here = location.pathname + location.search;
  location.assign(here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`);
}

async function answer(ask) {
  let response;
  try {
    response = await ask();
  } catch {
    throw new Error("The device does not answer. Is it running?");
  }
  if (response.status === 401 && location.pathname !== "/sign-in") {
    toSignIn();
    return new Promise(() => {}); // the page is being left
  }
  const document = await response.json();
  if (response.ok) return document;
  const { what, remedy } = document.error;
  throw new Error([what, remedy].filter(Boolean).map((words) => sentence(words)).join(" "));
}
