// What is drawn over the picture: a shape, a mark and words for each face, readable on any background.

import { FLAWS, OUTCOMES } from "/static/words.js";

const LOOKS = {
  known: { colour: "#4be08f", mark: "✓", shape: "box" },
  unknown: { colour: "#ffc061", mark: "?", shape: "corners" },
  undecided: { colour: "#d5dce5", mark: "…", shape: "dashes" },
  no_face: { colour: "#d5dce5", mark: "…", shape: "dashes" },
  spoof: { colour: "#ff8f8b", mark: "×", shape: "corners" },
};

const FONT = "600 14px system-ui, sans-serif";

/** What is said of a face: "Anna Müller", "unknown", "looking… turned away". */
export function faceWords(face) {
  if (face.outcome === "known") return face.name || "known";
  if (face.outcome) return OUTCOMES[face.outcome].toLowerCase();
  return face.flaw ? `looking… ${FLAWS[face.flaw] ?? face.flaw}` : "looking…";
}

/** Draws all faces; boxes are fractions of the canvas. */
export function drawFaces(canvas, faces) {
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  for (const face of faces) {
    const look = LOOKS[face.outcome] ?? LOOKS.undecided;
    const [x1, y1, x2, y2] = face.box;
    const box = { x: x1 * width, y: y1 * height, w: (x2 - x1) * width, h: (y2 - y1) * height };
    drawShape(pen, box, look);
    drawLabel(pen, box, look, faceWords(face), width);
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

function drawLabel(pen, box, look, words, width) {
  pen.font = FONT;
  pen.textBaseline = "middle";
  const long = pen.measureText(words).width + 38;
  const left = Math.max(4, Math.min(box.x, width - long - 4));
  const top = box.y >= 36 ? box.y - 32 : box.y + 8;
  pen.fillStyle = "rgb(12 15 19 / 84%)";
  pen.beginPath();
  pen.roundRect(left, top, long, 26, 13);
  pen.fill();
  pen.fillStyle = look.colour;
  pen.fillText(look.mark, left + 11, top + 14);
  pen.fillStyle = "#ffffff";
  pen.fillText(words, left + 27, top + 14);
}
