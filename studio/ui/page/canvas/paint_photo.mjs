/** Drawing onto one 2D context what belongs to a photo: what stays, and where a change lies. */

import { contextOf, placed } from "./paint.mjs";

/** @import { Loops, Placing, Size } from "../types.mjs" */
/** @import { Context } from "./paint.mjs" */

const TILE = 2; // times the size on the screen, for sharp displays
/** @type {HTMLCanvasElement | null} */
let hatchTile = null;

/** Everything but the regions. @param {Placing} view @param {Size} scene @param {Loops[]} regions */
function around(view, scene, regions) {
  const area = new Path2D();
  area.rect(view.x, view.y, scene.width * view.scale, scene.height * view.scale);
  for (const loops of regions) area.addPath(placed(loops, view));
  return area;
}

/**
 * What stays has a quiet hatch that moves with the picture and shows on light and on dark.
 * @param {Context} context @param {Placing} view @param {Size} scene
 * @param {{ regions: Loops[], isAround: boolean }} area the regions, or all but them @param {number} opacity
 */
export function kept(context, view, scene, { regions, isAround }, opacity) {
  const area = isAround ? around(view, scene, regions) : new Path2D();
  if (!isAround) for (const loops of regions) area.addPath(placed(loops, view));
  const hatch = context.createPattern(hatching(), "repeat");
  if (!hatch) return;
  hatch.setTransform(new DOMMatrix([1 / TILE, 0, 0, 1 / TILE, view.x, view.y]));
  context.save();
  context.globalAlpha = Math.min(1, opacity * 1.3);
  context.fillStyle = hatch;
  context.fill(area, "evenodd");
  context.restore();
}

/** All but a region, in one colour. @param {Context} context @param {Placing} view @param {Size} scene @param {Loops} loops @param {string} colour */
export function tintAround(context, view, scene, loops, colour) {
  context.save();
  context.fillStyle = colour;
  context.fill(around(view, scene, [loops]), "evenodd");
  context.restore();
}

/** Fine diagonal lines, a light beside a dark one, over a thin veil. */
function hatching() {
  if (hatchTile) return hatchTile;
  const side = 11 * TILE;
  hatchTile = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const c = contextOf(hatchTile);
  c.fillStyle = "rgb(16 18 24 / .19)";
  c.fillRect(0, 0, side, side);
  /** @param {string} colour @param {number} shift */
  const lines = (colour, shift) => {
    c.strokeStyle = colour;
    c.lineWidth = TILE;
    c.beginPath();
    for (const start of [-side, 0, side]) {
      c.moveTo(start + shift - TILE, side + TILE);
      c.lineTo(start + shift + side + TILE, -TILE);
    }
    c.stroke();
  };
  lines("rgb(255 255 255 / .2)", 0);
  lines("rgb(0 0 0 / .14)", 1.2 * TILE);
  return hatchTile;
}

/** An outline that is there for who looks for it. @param {Context} context @param {Placing} view @param {Loops} loops */
export function whisper(context, view, loops) {
  const path = placed(loops, view);
  context.save();
  context.lineJoin = "round";
  context.lineWidth = 1;
  context.strokeStyle = "rgb(0 0 0 / .3)";
  context.stroke(path);
  context.setLineDash([3, 4]);
  context.strokeStyle = "rgb(255 255 255 / .7)";
  context.stroke(path);
  context.restore();
}

