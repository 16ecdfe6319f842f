// Made-up names for strangers: a colour and a bird. Nothing of a face goes into them.

const COLOURS = ["Amber", "Blue", "Copper", "Green", "Grey", "Indigo", "Ivory", "Olive", "Red", "Silver", "Teal", "White"];
const BIRDS = ["Crane", "Finch", "Heron", "Kestrel", "Lark", "Linnet", "Magpie", "Osprey", "Plover", "Robin", "Rook", "Siskin", "Starling", "Stork", "Swift", "Tern", "Wagtail", "Wren"];

/** A name by chance. */
export function madeUp() {
  const [one, two] = crypto.getRandomValues(new Uint32Array(2));
  return `${COLOURS[one % COLOURS.length]} ${BIRDS[two % BIRDS.length]}`;
}
