/** Drawing onto one 2D context: paper, photo, regions, outlines, numbers and what the model sees. */

import { drawLoops } from "../core/trace.mjs";

const tiles = new Map();
const paths = new WeakMap(); // loops -> their path, traced once, and where it was placed last

/** Loops as a path on the screen. A frame asks several times for the same. */
function placed(loops, view) {
  if (!paths.has(loops)) paths.set(loops, { path: drawLoops(new Path2D(), loops) });
  const known = paths.get(loops);
  if (known.view !== view) {
    known.view = view;
    known.placed = new Path2D();
    known.placed.addPath(known.path, new DOMMatrix([view.scale, 0, 0, view.scale, view.x, view.y]));
  }
  return known.placed;
}

/** A repeating pattern of light and dark strokes, so that it shows on any colour. */
export function pattern(context, name) {
  if (name === "plain") return null;
  if (!tiles.has(name)) tiles.set(name, tile(name));
  return context.createPattern(tiles.get(name), "repeat");
}

function tile(name) {
  const side = 12;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const c = canvas.getContext("2d");
  c.lineWidth = 1.6;
  c.strokeStyle = c.fillStyle = "rgb(0 0 0 / .42)";
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

function niceStep(scale) {
  let step = 16;
  while (step * scale < 14) step *= 2;
  return step;
}

export function picture(context, view, scene, image, alpha = 1) {
  context.save();
  context.globalAlpha = alpha;
  context.imageSmoothingEnabled = view.scale < 6;
  context.imageSmoothingQuality = "high";
  context.drawImage(image, view.x, view.y, scene.width * view.scale, scene.height * view.scale);
  context.restore();
}

/** Fill one region with its colour and pattern. The pattern keeps its size on the screen. */
export function regionFill(context, view, region, opacity) {
  const path = placed(region.outline.loops, view);
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

/** An outline that shows on light and on dark. */
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

/** The region's number, and its caption where there is room. */
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

function caption(context, region, room) {
  const text = region.caption.trim();
  if (!text || room < 28) return "";
  if (context.measureText(text).width <= room) return text;
  let end = text.length;
  while (end > 3 && context.measureText(`${text.slice(0, end)}…`).width > room) end--;
  return end > 0.6 * text.length ? `${text.slice(0, end).trimEnd()}…` : ""; // a stub says less than the number
}

export function brushRing(context, x, y, radius, isErasing) {
  context.save();
  context.lineWidth = 1;
  for (const [grow, colour] of [[1, "rgb(0 0 0 / .7)"], [0, "rgb(255 255 255 / .95)"]]) {
    context.beginPath();
    context.arc(x, y, Math.max(1, radius + grow), 0, 7);
    context.strokeStyle = colour;
    if (isErasing) context.setLineDash([4, 3]);
    context.stroke();
  }
  context.restore();
}

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

export function corners([left, top, right, bottom]) {
  return [[left, top], [right, top], [right, bottom], [left, bottom]];
}

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

/** Where the pointer of the other pane is. */
export function cross(context, x, y) {
  context.save();
  for (const [width, colour] of [[3, "rgb(0 0 0 / .5)"], [1, "#fff"]]) {
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
