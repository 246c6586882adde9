/** Where the scene lies on the screen: screen = scene * scale + offset, in CSS pixels. */

/** @import { Placing, Size } from "../types.mjs" */

const SMALLEST = 0.05;
const LARGEST = 64;

/** @param {Placing} view @param {number} x @param {number} y @returns {[number, number]} */
export function toScreen(view, x, y) {
  return [x * view.scale + view.x, y * view.scale + view.y];
}

/** @param {Placing} view @param {number} x @param {number} y @returns {[number, number]} */
export function toScene(view, x, y) {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

/** The whole scene, centred, with a margin. @param {Size} scene @param {Size} pane @returns {Placing} */
export function fit(scene, pane, margin = 16) {
  const scale = clampScale(
    Math.min((pane.width - 2 * margin) / scene.width, (pane.height - 2 * margin) / scene.height),
  );
  return centre(scene, pane, scale);
}

/** @param {Size} scene @param {Size} pane @param {number} scale @returns {Placing} */
export function centre(scene, pane, scale) {
  return {
    scale,
    x: (pane.width - scene.width * scale) / 2,
    y: (pane.height - scene.height * scale) / 2,
  };
}

/**
 * Zoom so that the scene point under (x, y) stays under it.
 * @param {Placing} view @param {number} x @param {number} y @param {number} factor @returns {Placing}
 */
export function zoomAt(view, x, y, factor) {
  const scale = clampScale(view.scale * factor);
  const ratio = scale / view.scale;
  return { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
}

/** @param {Placing} view @param {number} dx @param {number} dy @returns {Placing} */
export function pan(view, dx, dy) {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Keep at least `edge` pixels of the scene in the pane. @param {Placing} view @param {Size} scene @param {Size} pane @returns {Placing} */
export function hold(view, scene, pane, edge = 48) {
  /** @param {number} value @param {number} low @param {number} high */
  const clamp = (value, low, high) => Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
  return {
    ...view,
    x: clamp(view.x, edge - scene.width * view.scale, pane.width - edge),
    y: clamp(view.y, edge - scene.height * view.scale, pane.height - edge),
  };
}

/**
 * Two fingers: the scene follows both of them.
 * @param {Placing} view @param {[number, number][]} before @param {[number, number][]} after @returns {Placing}
 */
export function pinch(view, before, after) {
  /** @param {[number, number][]} fingers */
  const distance = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  /** @param {[number, number][]} fingers */
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const from = middle(before);
  const to = middle(after);
  const zoomed = zoomAt(view, from[0], from[1], distance(after) / distance(before));
  return pan(zoomed, to[0] - from[0], to[1] - from[1]);
}

/** @param {number} scale */
function clampScale(scale) {
  return Math.min(LARGEST, Math.max(SMALLEST, scale));
}
