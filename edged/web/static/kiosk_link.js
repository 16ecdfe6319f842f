// What the door says, as it comes; and that it is silent, within three seconds.

const SILENT_MS = 2500;
const AGAIN_MS = 1000;

/**
 * Follows the door for as long as the page lives.
 *
 * onLook(look): how the screen looks; onScreen(screen): what to show; onClosed({what, remedy}): it stands nowhere.
 * onSilence(): nothing was heard, so that nothing shown is true any more. A screen follows when the door is back.
 */
export function follow({ onLook, onScreen, onClosed, onSilence }) {
  let source = null;
  let timer = 0;

  function open() {
    source = new EventSource("/api/v1/kiosk/state");
    const hear = (name, act) => source.addEventListener(name, (message) => {
      heard();
      act(JSON.parse(message.data));
    });
    hear("alive", () => {});
    hear("look", onLook);
    hear("screen", onScreen);
    hear("closed", onClosed);
    source.addEventListener("error", lost);
    heard();
  }

  function heard() {
    clearTimeout(timer);
    timer = setTimeout(lost, SILENT_MS);
  }

  function lost() {
    clearTimeout(timer);
    source.close();
    onSilence();
    timer = setTimeout(open, AGAIN_MS);
  }

  open();
}
