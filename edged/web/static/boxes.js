// What is drawn over the picture: a shape, a mark and words for each face, readable on any background.

import { FLAWS, OUTCOMES } from "/static/words.js";

const LOOKS = {
  known: { colour: "#4be08f", mark: "✓", shape: "box" },
  unknown: { colour: "#ffc061", mark: "?", shape: "corners" },
  undecided: { colour: "#d5dce5", mark: "–", shape: "dashes" },
  no_face: { colour: "#d5dce5", mark: "–", shape: "dashes" },
  spoof: { colour: "#ff8f8b", mark: "×", shape: "corners" },
};

const LOOKING = { colour: "#d5dce5", mark: "○", shape: "dashes" };
const NARROW = 560;

/** What is said of a face: "Anna Müller", "unknown", "looking…". */
export function faceWords(face) {
  if (face.outcome === "known") return face.name || "known";
  return face.outcome ? OUTCOMES[face.outcome].toLowerCase() : "looking…";
}

/** Why a face that is still looked at has no answer yet, or nothing. */
export function faceHint(face) {
  return !face.outcome && face.flaw ? (FLAWS[face.flaw] ?? face.flaw) : "";
}

/** Draws all faces; boxes are fractions of the canvas. */
export function drawFaces(canvas, faces) {
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const taken = [];
  for (const face of faces) {
    const look = LOOKS[face.outcome] ?? LOOKING;
    const [x1, y1, x2, y2] = face.box;
    const box = { x: x1 * width, y: y1 * height, w: (x2 - x1) * width, h: (y2 - y1) * height };
    drawShape(pen, box, look);
    drawLabel(pen, box, look, faceWords(face), width, taken);
  }
}

function drawShape(pen, box, look) {
  pen.beginPath();
  if (look.shape === "corners") traceCorners(pen, box);
  else pen.roundRect(box.x, box.y, box.w, box.h, 8);
  pen.setLineDash(look.shape === "dashes" ? [8, 6] : []);
  for (const [colour, line] of [["rgb(0 0 0 / 55%)", 5], [look.colour, 2.5]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = line;
    pen.stroke();
  }
}

function traceCorners(pen, { x, y, w, h }) {
  const arm = Math.min(w, h) / 4;
  for (const [cx, cy, dx, dy] of [[x, y, 1, 1], [x + w, y, -1, 1], [x + w, y + h, -1, -1], [x, y + h, 1, -1]]) {
    pen.moveTo(cx + dx * arm, cy);
    pen.lineTo(cx, cy);
    pen.lineTo(cx, cy + dy * arm);
  }
}

function drawLabel(pen, box, look, words, width, taken) {
  const size = width < NARROW ? 12 : 14;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.textBaseline = "middle";
  const mark = size + 13;
  const label = { w: mark + pen.measureText(words).width + 11, h: size + 10 };
  Object.assign(label, freePlace(label, box, width, taken));
  taken.push(label);
  const middle = label.y + label.h / 2 + 1;
  pen.fillStyle = "rgb(12 15 19 / 84%)";
  pen.beginPath();
  pen.roundRect(label.x, label.y, label.w, label.h, label.h / 2);
  pen.fill();
  pen.fillStyle = look.colour;
  pen.fillText(look.mark, label.x + 10, middle);
  pen.fillStyle = "#ffffff";
  pen.fillText(words, label.x + mark, middle);
}

/** Above the box, below it or in it: the first place where no other label is. */
function freePlace({ w, h }, box, width, taken) {
  const x = Math.max(4, Math.min(box.x, width - w - 4));
  const places = [box.y - h - 5, box.y + box.h + 5, box.y + 6].map((y) => ({ x, y, w, h })).filter(({ y }) => y >= 3);
  return places.find((place) => !taken.some((other) => overlap(place, other))) ?? places.at(-1) ?? { x, y: 3 };
}

function overlap(a, b) {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
