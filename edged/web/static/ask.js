// Questions to the device, and requests to change something, with answers in words.

import { sentence } from "/static/words.js";

const TOKEN = document.querySelector("meta[name=edged-token]")?.content ?? "";

/** The JSON of an address. Throws an Error whose message is a sentence for the reader. */
export function read(address) {
  return answer(() => fetch(address));
}

/** Has the device change something; see `read`. The token proves that it was this page that asked. */
export function change(address, wanted) {
  const headers = { "content-type": "application/json", "edged-token": TOKEN };
  return answer(() => fetch(address, { method: "POST", headers, body: JSON.stringify(wanted) }));
}

async function answer(ask) {
  let response;
  try {
    response = await ask();
  } catch {
    throw new Error("The device does not answer. Is it running?");
  }
  const document = await response.json();
  if (response.ok) return document;
  const { what, remedy } = document.error;
  throw new Error([what, remedy].filter(Boolean).map((words) => sentence(words)).join(" "));
}
