/** Shapes as masks. A pixel belongs to a shape when its centre (x + 0.5, y + 0.5) lies inside. */

/** @import { Box } from "../types.mjs" */

/**
 * @typedef {[number, number]} XY
 * @typedef {[ax: number, ay: number, bx: number, by: number]} Edge
 */

/** A mask that grows where it is drawn on, with the box that was touched. */
class Plane {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.mask = new Uint8Array(width * height);
    /** @type {Box | null} */
    this.box = null;
  }

  /** Set the pixels of row y whose centres lie in [from, to]. @param {number} y @param {number} from @param {number} to */
  span(y, from, to) {
    if (y < 0 || y >= this.height) return;
    const first = Math.max(0, Math.ceil(from - 0.5));
    const last = Math.min(this.width - 1, Math.floor(to - 0.5));
    if (last < first) return;
    this.mask.fill(1, y * this.width + first, y * this.width + last + 1);
    const box = this.box;
    if (!box) this.box = [first, y, last + 1, y + 1];
    else {
      if (first < box[0]) box[0] = first;
      if (y < box[1]) box[1] = y;
      if (last >= box[2]) box[2] = last + 1;
      if (y >= box[3]) box[3] = y + 1;
    }
  }
}

/** Even-odd fill of one closed polygon. @param {XY[]} points @param {number} width @param {number} height */
export function polygon(points, width, height) {
  const plane = new Plane(width, height);
  if (points.length < 3) return plane;
  const ys = points.map((p) => p[1]);
  const top = Math.max(0, Math.floor(extreme(ys, Math.min)));
  const bottom = Math.min(height - 1, Math.ceil(extreme(ys, Math.max)));
  const edges = edgesByRow(points, top, bottom);
  for (let y = top; y <= bottom; y++) {
    const centre = y + 0.5;
    /** @type {number[]} */
    const crossings = [];
    for (const [ax, ay, bx, by] of edges[y - top]) {
      if (ay <= centre !== by <= centre) {
        crossings.push(ax + ((centre - ay) * (bx - ax)) / (by - ay));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) plane.span(y, crossings[i], crossings[i + 1]);
  }
  return plane;
}

/** @param {number[]} values @param {(a: number, b: number) => number} pick */
function extreme(values, pick) {
  let best = values[0];
  for (const value of values) best = pick(best, value);
  return best;
}

/**
 * The edges that can cross each row, so that a 1000-point lasso stays fast.
 * @param {XY[]} points @param {number} top @param {number} bottom
 */
function edgesByRow(points, top, bottom) {
  /** @type {Edge[][]} */
  const rows = Array.from({ length: Math.max(0, bottom - top + 1) }, () => []);
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i];
    const [bx, by] = points[(i + 1) % points.length];
    const from = Math.max(top, Math.floor(Math.min(ay, by) - 0.5));
    const to = Math.min(bottom, Math.ceil(Math.max(ay, by)));
    for (let y = from; y <= to; y++) rows[y - top].push([ax, ay, bx, by]);
  }
  return rows;
}

/**
 * A round brush drawn through points; pressure scales the radius.
 * @param {[x: number, y: number, pressure?: number][]} points @param {number} radius @param {number} width @param {number} height
 */
export function stroke(points, radius, width, height) {
  const plane = new Plane(width, height);
  /** @param {[number, number, number?]} p */
  const size = (p) => Math.max(0.5, radius * (p[2] ?? 1));
  if (points.length === 1) capsule(plane, points[0], points[0], size(points[0]));
  for (let i = 1; i < points.length; i++) {
    const r = (size(points[i - 1]) + size(points[i])) / 2;
    capsule(plane, points[i - 1], points[i], r);
  }
  return plane;
}

/**
 * Everything within `radius` of the line a-b. A capsule is convex: one span a row.
 * @param {Plane} plane @param {[number, number, number?]} a @param {[number, number, number?]} b @param {number} radius
 */
function capsule(plane, a, b, radius) {
  const [ax, ay] = a;
  const [bx, by] = b;
  const length = Math.hypot(bx - ax, by - ay);
  const nx = length ? (-(by - ay) / length) * radius : 0;
  const ny = length ? ((bx - ax) / length) * radius : 0;
  const quad = [
    [ax + nx, ay + ny],
    [bx + nx, by + ny],
    [bx - nx, by - ny],
    [ax - nx, ay - ny],
  ];
  const top = Math.max(0, Math.floor(Math.min(ay, by) - radius));
  const bottom = Math.min(plane.height - 1, Math.ceil(Math.max(ay, by) + radius));
  for (let y = top; y <= bottom; y++) {
    const centre = y + 0.5;
    let from = Infinity;
    let to = -Infinity;
    for (const [cx, cy] of [a, b]) {
      const rise = centre - cy;
      if (Math.abs(rise) > radius) continue;
      const half = Math.sqrt(radius * radius - rise * rise);
      from = Math.min(from, cx - half);
      to = Math.max(to, cx + half);
    }
    for (let i = 0; length && i < 4; i++) {
      const [px, py] = quad[i];
      const [qx, qy] = quad[(i + 1) % 4];
      if (py <= centre === qy <= centre) continue;
      const x = px + ((centre - py) * (qx - px)) / (qy - py);
      from = Math.min(from, x);
      to = Math.max(to, x);
    }
    if (to >= from) plane.span(y, from, to);
  }
}

/** Corners in any order. @param {XY} a @param {XY} b @param {number} width @param {number} height */
export function rectangle(a, b, width, height) {
  const plane = new Plane(width, height);
  const [left, right] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])];
  const [top, bottom] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])];
  for (let y = Math.max(0, Math.ceil(top - 0.5)); y <= Math.min(height - 1, bottom - 0.5); y++) {
    plane.span(y, left, right);
  }
  return plane;
}

/** The ellipse inside the box of two corners. @param {XY} a @param {XY} b @param {number} width @param {number} height */
export function ellipse(a, b, width, height) {
  const plane = new Plane(width, height);
  const cx = (a[0] + b[0]) / 2;
  const cy = (a[1] + b[1]) / 2;
  const rx = Math.abs(a[0] - b[0]) / 2;
  const ry = Math.abs(a[1] - b[1]) / 2;
  if (rx < 0.5 || ry < 0.5) return plane;
  for (let y = Math.max(0, Math.floor(cy - ry)); y <= Math.min(height - 1, cy + ry); y++) {
    const t = (y + 0.5 - cy) / ry;
    if (Math.abs(t) > 1) continue;
    const half = rx * Math.sqrt(1 - t * t);
    plane.span(y, cx - half, cx + half);
  }
  return plane;
}

/**
 * The connected area of equal labels around a point (4 neighbours), by spans.
 * @param {Uint16Array} labels @param {number} width @param {number} height @param {number} x @param {number} y
 */
export function flood(labels, width, height, x, y) {
  const plane = new Plane(width, height);
  if (x < 0 || y < 0 || x >= width || y >= height) return plane;
  const wanted = labels[y * width + x];
  const { mask } = plane;
  /** @type {XY[]} */
  const stack = [[x, y]];
  for (let at = stack.pop(); at; at = stack.pop()) {
    const [sx, sy] = at;
    const row = sy * width;
    if (mask[row + sx] || labels[row + sx] !== wanted) continue;
    let left = sx;
    let right = sx;
    while (left > 0 && labels[row + left - 1] === wanted && !mask[row + left - 1]) left--;
    while (right < width - 1 && labels[row + right + 1] === wanted && !mask[row + right + 1]) right++;
    plane.span(sy, left + 0.5, right + 0.5);
    for (const ny of [sy - 1, sy + 1]) {
      if (ny < 0 || ny >= height) continue;
      let open = false;
      for (let i = left; i <= right; i++) {
        const free = labels[ny * width + i] === wanted && !mask[ny * width + i];
        if (free && !open) stack.push([i, ny]);
        open = free;
      }
    }
  }
  return plane;
}
