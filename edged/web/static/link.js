// What the device says, as it comes; and that it is silent, within three seconds.

const SILENT_MS = 2500;
const AGAIN_MS = 1000;

/**
 * Follows the server-sent events of an address for as long as the page lives.
 *
 * heard: by the name of a message, what is done with its document. onSilence(): nothing was heard, so that nothing
 * shown is true any more. All messages come anew when the device is back.
 */
export function follow(address, { heard, onSilence }) {
  let source = null;
  let timer = 0;

  function open() {
    source = new EventSource(address);
    for (const [name, act] of Object.entries({ alive: () => {}, ...heard })) {
      source.addEventListener(name, (message) => {
        wait();
        act(JSON.parse(message.data));
      });
    }
    source.addEventListener("error", lost);
    wait();
  }

  function wait() {
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
