// What is drawn over the mirror: an oval that fills, where the face is, and to which side to turn.

import { svg } from "/static/dom.js";

const RATIO = 0.76;
const HEIGHT = 0.66;
const WIDEST = 0.6;
const MIDDLE = { landscape: 0.41, portrait: 0.48 };
const ROUND = 100;
const MEETING = new Set(["closer", "step_back", "middle"]);
const TURNING = { turn_left: -1, turn_right: 1 };
const FACE_ROOM = 1.25;
const CHEVRON = 0.24;

/** An oval, as a path that begins at its top and goes round with the clock. */
function oval(x, y, rx, ry) {
  return `M${x} ${y - ry}A${rx} ${ry} 0 1 1 ${x} ${y + ry}A${rx} ${ry} 0 1 1 ${x} ${y - ry}Z`;
}

function chevron(x, y, size, side) {
  return `M${x - (side * size) / 2} ${y - size}L${x + (side * size) / 2} ${y}L${x - (side * size) / 2} ${y + size}`;
}

/** Owns the <svg> over the mirror. */
export class Guide {
  #node;
  #parts;
  #chevrons;

  constructor(node) {
    this.#node = node;
    const path = (name) => svg("path", { class: name });
    this.#parts = {
      scrim: path("scrim"), face: path("face"), ring: path("ring"), filled: path("filled"),
    };
    this.#parts.scrim.setAttribute("fill-rule", "evenodd");
    this.#parts.filled.setAttribute("pathLength", ROUND);
    this.#chevrons = [0, 1, 2].map((number) => svg("path", { class: `chevron n${number}` }));
    node.append(...Object.values(this.#parts), ...this.#chevrons);
  }

  /**
   * Draws it.
   *
   * progress: 0–1. face: corners in fractions of the unmirrored picture, or null. picture: its width and height.
   * mirrored: the picture is mirrored already, so that the page does not.
   */
  draw({ prompt, progress, face, picture, mirrored }) {
    const { clientWidth: width, clientHeight: height } = this.#node.parentElement;
    if (!width || !height) return;
    this.#node.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const ry = Math.min(height * HEIGHT, (width * WIDEST) / RATIO) / 2;
    const rx = ry * RATIO;
    const x = width / 2;
    const y = Math.max(ry + height * 0.06, height * (matchMedia("(orientation: portrait)").matches ? MIDDLE.portrait : MIDDLE.landscape));
    const { scrim, ring, filled, face: found } = this.#parts;
    scrim.setAttribute("d", `M0 0H${width}V${height}H0Z${oval(x, y, rx, ry)}`);
    ring.setAttribute("d", oval(x, y, rx, ry));
    filled.setAttribute("d", oval(x, y, rx, ry));
    filled.style.setProperty("stroke-dasharray", `${ROUND * progress} ${ROUND}`);
    filled.classList.toggle("none", progress <= 0);
    const meets = face && MEETING.has(prompt);
    found.setAttribute("d", meets ? this.#faceOval(face, picture, mirrored, width, height) : "");
    this.#drawChevrons(TURNING[prompt] ?? 0, x, y, rx);
  }

  #faceOval(face, [wide, high], mirrored, width, height) {
    const scale = Math.max(width / wide, height / high);
    const place = (fraction, whole, room) => (room - whole * scale) / 2 + fraction * whole * scale;
    const [x1, y1, x2, y2] = mirrored ? face : [1 - face[2], face[1], 1 - face[0], face[3]];
    const [left, right] = [place(x1, wide, width), place(x2, wide, width)];
    const [top, bottom] = [place(y1, high, height), place(y2, high, height)];
    return oval((left + right) / 2, (top + bottom) / 2, ((right - left) / 2) * FACE_ROOM, ((bottom - top) / 2) * FACE_ROOM);
  }

  #drawChevrons(side, x, y, rx) {
    const size = Math.min(rx * 0.3, (x - rx) * CHEVRON);
    this.#chevrons.forEach((node, number) => {
      node.setAttribute("d", side ? chevron(x + side * (rx + size * (1 + 1.1 * number)), y, size, side) : "");
    });
  }
}
