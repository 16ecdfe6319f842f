// The page's one connection for news: server-sent events, opened anew when it breaks, closed while nobody looks.

import { toSignIn } from "/static/ask.js";

const SILENT_MS = 8000;
const AGAIN_MS = 3000;

/**
 * Follows the device.
 *
 * onEvents(entries, fresh): events, oldest first; fresh: these are all there are, forget the others.
 * onState(state): every two seconds.
 * onLink(word): "up", "busy" (too many pages are open) or "lost".
 */
export function follow({ onEvents, onState, onLink }) {
  let source = null;
  let timer = 0;

  function open() {
    clearTimeout(timer);
    let fresh = true;
    source = new EventSource("/api/v1/stream");
    source.addEventListener("open", () => { fresh = true; });
    source.addEventListener("events", (message) => {
      heard();
      onEvents(JSON.parse(message.data).events, fresh);
      fresh = false;
    });
    source.addEventListener("state", (message) => {
      heard();
      onState(JSON.parse(message.data));
      onLink("up");
    });
    source.addEventListener("error", lost);
    heard();
  }

  function heard() {
    clearTimeout(timer);
    timer = setTimeout(lost, SILENT_MS);
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  async function lost() {
    close();
    timer = setTimeout(open, AGAIN_MS);
    onLink((await answers()) ? "busy" : "lost");
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  if (!document.hidden) open();
}

async function answers() {
  try {
    const { ok, status } = await fetch("/api/v1/me");
    if (status === 401) toSignIn();
    return ok;
  } catch {
    return false;
  }
}
