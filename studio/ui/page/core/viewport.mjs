/** Where the scene lies on the screen: screen = scene * scale + offset, in CSS pixels. */

const SMALLEST = 0.05;
const LARGEST = 64;

export function toScreen(view, x, y) {
  return [x * view.scale + view.x, y * view.scale + view.y];
}

export function toScene(view, x, y) {
  return [(x - view.x) / view.scale, (y - view.y) / view.scale];
}

/** The whole scene, centred, with a margin. */
export function fit(scene, pane, margin = 16) {
  const scale = clampScale(
    Math.min((pane.width - 2 * margin) / scene.width, (pane.height - 2 * margin) / scene.height),
  );
  return centre(scene, pane, scale);
}

export function centre(scene, pane, scale) {
  return {
    scale,
    x: (pane.width - scene.width * scale) / 2,
    y: (pane.height - scene.height * scale) / 2,
  };
}

/** Zoom so that the scene point under (x, y) stays under it. */
export function zoomAt(view, x, y, factor) {
  const scale = clampScale(view.scale * factor);
  const ratio = scale / view.scale;
  return { scale, x: x - (x - view.x) * ratio, y: y - (y - view.y) * ratio };
}

export function pan(view, dx, dy) {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

/** Keep at least `edge` pixels of the scene in the pane. */
export function hold(view, scene, pane, edge = 48) {
  const clamp = (value, low, high) => Math.min(Math.max(value, Math.min(low, high)), Math.max(low, high));
  return {
    ...view,
    x: clamp(view.x, edge - scene.width * view.scale, pane.width - edge),
    y: clamp(view.y, edge - scene.height * view.scale, pane.height - edge),
  };
}

/** Two fingers: the scene follows both of them. */
export function pinch(view, before, after) {
  const distance = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  const middle = ([a, b]) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const from = middle(before);
  const to = middle(after);
  const zoomed = zoomAt(view, from[0], from[1], distance(after) / distance(before));
  return pan(zoomed, to[0] - from[0], to[1] - from[1]);
}

function clampScale(scale) {
  return Math.min(LARGEST, Math.max(SMALLEST, scale));
}
