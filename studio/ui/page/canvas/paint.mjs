/** Drawing onto one 2D context: paper, photo, regions, outlines, numbers and what the model sees. */

import { drawLoops } from "../core/trace.mjs";

/** @import { Box, Click, Loops, Pattern, Placing, ShownRegion, Size } from "../types.mjs" */

/** @typedef {CanvasRenderingContext2D} Context */

/** @type {Map<Pattern, HTMLCanvasElement>} */
const tiles = new Map();
/** @type {WeakMap<Loops, { path: Path2D, view: Placing | null, placed: Path2D }>} traced once, and where it was placed last */
const paths = new WeakMap();

/** @param {HTMLCanvasElement} canvas @returns {Context} */
export function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no canvas.");
  return context;
}

/** Loops as a path on the screen. A frame asks several times for the same. @param {Loops} loops @param {Placing} view */
export function placed(loops, view) {
  const known = paths.get(loops) ?? { path: drawLoops(new Path2D(), loops), view: null, placed: new Path2D() };
  if (known.view !== view) {
    known.view = view;
    known.placed = new Path2D();
    known.placed.addPath(known.path, new DOMMatrix([view.scale, 0, 0, view.scale, view.x, view.y]));
  }
  paths.set(loops, known);
  return known.placed;
}

/** A repeating pattern of light and dark strokes, so that it shows on any colour. @param {Context} context @param {Pattern} name */
function pattern(context, name) {
  if (name === "plain") return null;
  const known = tiles.get(name) ?? tile(name);
  tiles.set(name, known);
  return context.createPattern(known, "repeat");
}

/** @param {Pattern} name */
function tile(name) {
  const side = 12;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const c = contextOf(canvas);
  c.lineWidth = 1.6;
  c.strokeStyle = c.fillStyle = "rgb(0 0 0 / .42)";
  /** @param {[number, number][]} points by twos */
  const line = (...points) => {
    c.beginPath();
    points.forEach(([x, y], i) => (i % 2 ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.stroke();
  };
  const m = side / 2;
  if (name === "slash") line([-2, 2], [2, -2], [0, side], [side, 0], [side - 2, side + 2], [side + 2, side - 2]);
  if (name === "backslash") line([-2, side - 2], [2, side + 2], [0, 0], [side, side], [side - 2, -2], [side + 2, 2]);
  if (name === "rows") line([0, m], [side, m]);
  if (name === "columns") line([m, 0], [m, side]);
  if (name === "cross") line([m - 2.5, m], [m + 2.5, m], [m, m - 2.5], [m, m + 2.5]);
  if (name === "dots") {
    for (const [x, y] of [[3, 3], [9, 9]]) {
      c.beginPath();
      c.arc(x, y, 1.6, 0, 7);
      c.fill();
    }
  }
  return canvas;
}

/** @param {Context} context @param {Placing} view @param {Size} scene @param {{ paper: string, dots: string }} colours */
export function paper(context, view, scene, colours) {
  const [w, h] = [scene.width * view.scale, scene.height * view.scale];
  context.save();
  context.shadowColor = "rgb(0 0 0 / .35)";
  context.shadowBlur = 18;
  context.shadowOffsetY = 3;
  context.fillStyle = colours.paper;
  context.fillRect(view.x, view.y, w, h);
  context.restore();
  const step = niceStep(view.scale);
  context.save();
  context.beginPath();
  context.rect(view.x, view.y, w, h);
  context.clip();
  context.fillStyle = colours.dots;
  for (let y = step; y < scene.height; y += step) {
    for (let x = step; x < scene.width; x += step) {
      context.fillRect(view.x + x * view.scale - 0.5, view.y + y * view.scale - 0.5, 1.4, 1.4);
    }
  }
  context.restore();
}

/** @param {number} scale */
function niceStep(scale) {
  let step = 16;
  while (step * scale < 14) step *= 2;
  return step;
}

/** @param {Context} context @param {Placing} view @param {Size} scene @param {CanvasImageSource} image */
export function picture(context, view, scene, image, alpha = 1) {
  context.save();
  context.globalAlpha = alpha;
  context.imageSmoothingEnabled = view.scale < 6;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, view.x, view.y, scene.width * view.scale, scene.height * view.scale);
  context.restore();
}

/** Fill one region with its colour and pattern. The pattern keeps its size on the screen. @param {Context} context @param {Placing} view @param {{ loops: Loops, colour: string, pattern: Pattern }} region @param {number} opacity */
export function regionFill(context, view, region, opacity) {
  const path = placed(region.loops, view);
  context.save();
  context.globalAlpha = opacity;
  context.fillStyle = region.colour;
  context.fill(path, "evenodd");
  const weave = pattern(context, region.pattern);
  if (weave) {
    context.globalAlpha = Math.min(1, opacity * 0.6);
    context.fillStyle = weave;
    context.fill(path, "evenodd");
  }
  context.restore();
}

/**
 * An outline that shows on light and on dark.
 * @param {Context} context @param {Placing} view @param {Loops} loops
 * @param {{ colour: string, width?: number, halo?: number, dash?: number[], isPale?: boolean }} look
 */
export function outline(context, view, loops, { colour, width = 1.5, halo = 1.5, dash = [], isPale = true }) {
  const path = placed(loops, view);
  context.save();
  context.lineJoin = "round";
  if (halo) {
    context.strokeStyle = "rgb(0 0 0 / .55)";
    context.lineWidth = width + 2 * halo;
    context.stroke(path);
    context.strokeStyle = "rgb(255 255 255 / .85)";
    context.lineWidth = width + halo;
    if (isPale) context.stroke(path);
  }
  context.setLineDash(dash);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
  context.restore();
}

/** The region's number, and its caption where there is room. @param {Context} context @param {Placing} view @param {ShownRegion} region @param {boolean} isSelected */
export function label(context, view, region, isSelected) {
  const spot = region.outline.anchor;
  if (!spot) return;
  const x = spot.x * view.scale + view.x;
  const y = spot.y * view.scale + view.y;
  const room = spot.run * view.scale;
  context.save();
  context.textBaseline = "middle";
  context.font = "500 11px system-ui, sans-serif";
  const text = caption(context, region, room - 34);
  const textWidth = text ? context.measureText(text).width + 10 : 0;
  context.font = "600 11px system-ui, sans-serif";
  const badge = 10 + context.measureText(String(region.number)).width;
  const width = badge + textWidth;
  const left = x - width / 2;
  context.beginPath();
  context.roundRect(left, y - 9, width, 18, 5);
  context.fillStyle = isSelected ? "rgb(255 255 255 / .95)" : "rgb(18 19 22 / .82)";
  context.fill();
  context.beginPath();
  context.roundRect(left, y - 9, badge, 18, 5);
  context.fillStyle = region.colour;
  context.fill();
  context.lineWidth = 2.5;
  context.strokeStyle = "rgb(0 0 0 / .65)";
  context.fillStyle = "#fff";
  context.strokeText(String(region.number), left + 5, y + 0.5);
  context.fillText(String(region.number), left + 5, y + 0.5);
  if (text) {
    context.fillStyle = isSelected ? "#16181c" : "#fff";
    context.font = "500 11px system-ui, sans-serif";
    context.fillText(text, left + badge + 5, y + 0.5);
  }
  context.restore();
}

/** @param {Context} context @param {ShownRegion} region @param {number} room */
function caption(context, region, room) {
  const text = region.caption.trim();
  if (!text || room < 28) return "";
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 3 && context.measureText(`${text.slice(0, end)}…`).width > room) end--;
  return end > 0.6 * text.length ? `${text.slice(0, end).trimEnd()}…` : ""; // a stub says less than the number
}

/** @param {Context} context @param {number} x @param {number} y @param {number} radius @param {boolean} isErasing */
export function brushRing(context, x, y, radius, isErasing) {
  context.save();
  context.lineWidth = 1;
  /** @type {[number, string][]} */
  const rings = [[1, "rgb(0 0 0 / .7)"], [0, "rgb(255 255 255 / .95)"]];
  for (const [grow, colour] of rings) {
    context.beginPath();
    context.arc(x, y, Math.max(1, radius + grow), 0, 7);
    context.strokeStyle = colour;
    if (isErasing) context.setLineDash([4, 3]);
    context.stroke();
  }
  context.restore();
}

/** @param {Context} context @param {Placing} view @param {Box} box */
export function handles(context, view, box) {
  const [left, top] = [box[0] * view.scale + view.x, box[1] * view.scale + view.y];
  const [right, bottom] = [box[2] * view.scale + view.x, box[3] * view.scale + view.y];
  context.save();
  context.strokeStyle = "#4c8dff";
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, right - left + 1, bottom - top + 1);
  context.fillStyle = "#fff";
  for (const [x, y] of corners([left, top, right, bottom])) {
    context.fillRect(x - 4, y - 4, 8, 8);
    context.strokeRect(x - 4, y - 4, 8, 8);
  }
  context.restore();
}

/** The knob that turns a region. @param {Context} context @param {readonly number[]} at @param {number} stem */
export function knob(context, [x, y], stem) {
  context.save();
  context.strokeStyle = "#4c8dff";
  context.fillStyle = "#fff";
  context.beginPath();
  context.moveTo(x, y + 5);
  context.lineTo(x, y + stem);
  context.stroke();
  context.beginPath();
  context.arc(x, y, 5, 0, 7);
  context.fill();
  context.stroke();
  context.restore();
}

/** @param {Box} box @returns {[number, number][]} from the top left one, clockwise */
export function corners([left, top, right, bottom]) {
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

/** @param {Context} context @param {Placing} view @param {Click} click */
export function clickDot(context, view, click) {
  const [x, y] = [click[0] * view.scale + view.x, click[1] * view.scale + view.y];
  context.save();
  context.beginPath();
  context.arc(x, y, 6, 0, 7);
  context.fillStyle = click[2] ? "#1f9d63" : "#d23b3b";
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = "#fff";
  context.stroke();
  context.beginPath();
  context.moveTo(x - 3, y);
  context.lineTo(x + 3, y);
  if (click[2]) {
    context.moveTo(x, y - 3);
    context.lineTo(x, y + 3);
  }
  context.stroke();
  context.restore();
}

/** Where the pointer of the other pane is. @param {Context} context @param {number} x @param {number} y */
export function cross(context, x, y) {
  context.save();
  /** @type {[number, string][]} */
  const lines = [[3, "rgb(0 0 0 / .5)"], [1, "#fff"]];
  for (const [width, colour] of lines) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 3 * dx, y + 3 * dy);
      context.lineTo(x + 9 * dx, y + 9 * dy);
    }
    context.stroke();
  }
  context.restore();
}

/** The look of an outline in the making, on the context's own path. @param {Context} context @param {string} colour */
export function sketch(context, colour) {
  context.save();
  context.globalAlpha = 0.4;
  context.fillStyle = colour;
  context.fill("evenodd");
  context.globalAlpha = 1;
  context.lineWidth = 3;
  context.strokeStyle = "rgb(0 0 0 / .6)";
  context.stroke();
  context.lineWidth = 1.25;
  context.strokeStyle = "#fff";
  context.setLineDash([5, 4]);
  context.stroke();
  context.restore();
}
