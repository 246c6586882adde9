/** Outlines of masks as closed loops along pixel borders, and as smooth paths for drawing. */

/** @import { Anchor, Box, Loops } from "../types.mjs" */

/**
 * @typedef {Uint8Array | Uint16Array} Pixels a mask or a label map
 * @typedef {(x: number, y: number) => boolean} IsSet
 */

const STEP = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/**
 * Follow every border of the pixels equal to `value`, keeping them on the right hand, so that
 * holes run the other way round.
 * @param {Pixels} mask @param {number} width @param {number} height @param {Box} box @param {number} value
 * @returns {Loops} loops of corners, flat [x0, y0, x1, y1, ...], in scene pixels
 */
export function trace(mask, width, height, box = [0, 0, width, height], value = 1) {
  /** @type {IsSet} */
  const isSet = (x, y) =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === value;
  const [left, top, right, bottom] = box;
  const wide = right - left;
  const seen = new Uint8Array(Math.max(0, wide * (bottom - top))); // of the box alone
  /** @param {number} x @param {number} y */
  const see = (x, y) => (seen[(y - top) * wide + x - left] = 1);
  const loops = [];
  for (let y = top; y < bottom; y++) {
    const at = y * width + left;
    const own = (y - top) * wide;
    const row = mask.subarray(at, at + wide);
    for (let x = row.indexOf(value); x >= 0; x = row.indexOf(value, x)) {
      for (; x < wide && row[x] === value; x++) {
        if (seen[own + x] || (y > 0 && mask[at + x - width] === value)) continue;
        loops.push(follow(isSet, see, left + x, y));
      }
    }
  }
  return loops;
}

/** @param {IsSet} isSet @param {(x: number, y: number) => void} see @param {number} startX @param {number} startY */
function follow(isSet, see, startX, startY) {
  /** @type {number[]} */
  const loop = [];
  let [x, y, heading] = [startX, startY, 0];
  let previous = -1;
  do {
    if (heading === 0) see(x, y);
    if (heading !== previous) loop.push(x, y);
    previous = heading;
    x += STEP[heading][0];
    y += STEP[heading][1];
    heading = turn(isSet, x, y, heading);
  } while (x !== startX || y !== startY || heading !== 0);
  return loop;
}

// The pixels ahead of a corner, as seen along each heading: on the right hand, then on the left.
const AHEAD = [
  [0, 0, 0, -1],
  [-1, 0, 0, 0],
  [-1, -1, -1, 0],
  [0, -1, -1, -1],
];

/**
 * At corner (x, y): right when nothing lies ahead on the right, left when something blocks.
 * @param {IsSet} isSet @param {number} x @param {number} y @param {number} heading
 */
function turn(isSet, x, y, heading) {
  const ahead = AHEAD[heading];
  if (!isSet(x + ahead[0], y + ahead[1])) return (heading + 1) % 4;
  return isSet(x + ahead[2], y + ahead[3]) ? (heading + 3) % 4 : heading;
}

/**
 * Draw the loops into a path; corners are rounded by at most half a pixel, so stairs look smooth.
 * @template {Pick<Path2D, "moveTo" | "lineTo" | "quadraticCurveTo" | "closePath">} P @param {P} path @param {Loops} loops
 */
export function drawLoops(path, loops) {
  for (const loop of loops) {
    const count = loop.length / 2;
    /** @param {number} i */
    const corner = (i) => [loop[2 * (i % count)], loop[2 * (i % count) + 1]];
    for (let i = 0; i < count; i++) {
      const before = corner(i + count - 1);
      const here = corner(i);
      const after = corner(i + 1);
      const enter = toward(here, before);
      const leave = toward(here, after);
      if (i === 0) path.moveTo(enter[0], enter[1]);
      else path.lineTo(enter[0], enter[1]);
      path.quadraticCurveTo(here[0], here[1], leave[0], leave[1]);
    }
    path.closePath();
  }
  return path;
}

/** Half the way to a neighbour corner, but never more than one pixel. @param {number[]} from @param {number[]} to */
function toward(from, to) {
  const length = Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]);
  const part = Math.min(0.5, 1 / length);
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
}

/**
 * A point well inside the mask, for its number: wide enough for words, and not against an edge.
 * @param {Pixels} mask @param {number} width @param {Box} box @param {number} value @returns {Anchor | null}
 */
export function anchor(mask, width, box, value = 1) {
  const [left, top, right, bottom] = box;
  const step = Math.max(1, Math.floor((bottom - top) / 48));
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  /** @type {Anchor | null} */
  let best = null;
  for (let y = top; y < bottom; y += step) {
    let start = -1;
    for (let x = left; x <= right; x++) {
      const on = x < right && mask[y * width + x] === value;
      if (on && start < 0) start = x;
      if (on || start < 0) continue;
      const [at, run] = [(start + x) / 2, x - start];
      const room = Math.min(run, 4 * clearance(mask, width, box, Math.floor(at), y, value));
      const off = Math.hypot(at - middleX, y - middleY) / Math.max(1, right - left, bottom - top);
      const score = room * (1 - 0.5 * off);
      if (!best || score > best.score) best = { score, x: at, y: y + 0.5, run };
      start = -1;
    }
  }
  return best;
}

/**
 * How far the mask reaches up and down from a pixel, whichever is less.
 * @param {Pixels} mask @param {number} width @param {Box} box @param {number} x @param {number} y @param {number} value
 */
function clearance(mask, width, [, top, , bottom], x, y, value) {
  let reach = 0;
  while (y - reach - 1 >= top && y + reach + 1 < bottom && mask[(y - reach - 1) * width + x] === value && mask[(y + reach + 1) * width + x] === value) reach++;
  return reach + 1;
}

/** Outlines turned clockwise. @param {Loops} loops @param {[number, number]} centre @param {number} degrees @returns {Loops} */
export function rotated(loops, [cx, cy], degrees) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return loops.map((loop) =>
    loop.map((value, i) => {
      const [x, y] = i % 2 ? [loop[i - 1] - cx, value - cy] : [value - cx, loop[i + 1] - cy];
      return i % 2 ? cy + x * sin + y * cos : cx + x * cos - y * sin;
    }),
  );
}
