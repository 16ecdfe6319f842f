// Short tones, made here: there is no file to fetch.

const TUNES = {
  yes: [[660, 0, 0.13], [990, 0.12, 0.24]],
  no: [[262, 0, 0.18], [196, 0.2, 0.32]],
  ask: [[520, 0, 0.12], [520, 0.18, 0.12]],
  step: [[780, 0, 0.09]],
};
const LOUD = 0.22;
const SOFT_S = 0.012;

let context = null;

/** Plays one of them. Where the browser wants a touch first, the first touch lets the next ones be heard. */
export function play(name) {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume().catch(() => {});
  for (const [pitch, from, long] of TUNES[name]) tone(pitch, context.currentTime + from, long);
  document.dispatchEvent(new CustomEvent("edged-sound", { detail: { name } }));
}

function tone(pitch, from, long) {
  const voice = new OscillatorNode(context, { type: "triangle", frequency: pitch });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(LOUD, from + SOFT_S);
  volume.gain.setValueAtTime(LOUD, from + long - SOFT_S);
  volume.gain.linearRampToValueAtTime(0, from + long);
  voice.connect(volume).connect(context.destination);
  voice.start(from);
  voice.stop(from + long);
}
