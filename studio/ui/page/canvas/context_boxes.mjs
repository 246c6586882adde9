/** The dashed boxes on the photo that say what the model will see; a single one is moved by its tab and corners. */

import { fill, h } from "../panels/dom.mjs";
import { t } from "../words/words.mjs";

/** @import { Box, Parts } from "../types.mjs" */

/** @typedef {0 | 1 | 2 | 3} Corner from the top left one, clockwise */
/** @typedef {Corner | "move"} Grip */
/** @typedef {{ grip: Grip, from: [number, number], box: Box }} Dragged */

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEY_STEP = 8; // scene pixels; one with Alt
/** @type {Corner[]} */
const CORNERS = [0, 1, 2, 3];

export class ContextBoxes {
  #key = "";
  /** @type {Dragged | null} */
  #drag = null;

  /** @param {Pick<Parts, "bus" | "context" | "editing" | "jobs" | "lens" | "stage" | "view">} parts */
  constructor(parts) {
    this.parts = parts;
    this.element = h("div.context-boxes");
    parts.bus.onAny(["context", "moved", "options", "editing", "view", "size", "job"], () => this.update());
  }

  /** @returns {Box[]} */
  get #boxes() {
    const { context, editing, jobs, view } = this.parts;
    const isShown = editing.isOn && view.options.overlay && !view.holdsOriginal && !jobs.told;
    return isShown ? context.boxes : [];
  }

  update() {
    const { stage, context } = this.parts;
    const pane = stage.panes[0];
    const boxes = pane.kind === "layout" ? this.#boxes : [];
    const key = `${boxes.length} ${context.isByHand}`;
    if (key !== this.#key) {
      this.#key = key;
      fill(this.element, ...boxes.map(() => this.#frame(boxes.length === 1)));
    }
    if (this.element.parentElement !== pane.element) pane.element.append(this.element);
    boxes.forEach((box, i) => this.#place(/** @type {HTMLElement} */ (this.element.children[i]), box));
  }

  /** @param {HTMLElement} frame @param {Box} box */
  #place(frame, [left, top, right, bottom]) {
    const { lens } = this.parts;
    const [x, y] = lens.toPane([left, top]);
    const [x2, y2] = lens.toPane([right, bottom]);
    Object.assign(frame.style, { left: `${x}px`, top: `${y}px`, width: `${x2 - x}px`, height: `${y2 - y}px` });
    frame.classList.toggle("high", y < 34); // no room above it for its tab
  }

  /** @param {boolean} isAlone */
  #frame(isAlone) {
    const { context, editing } = this.parts;
    const isByHand = context.isByHand;
    const label = t("What the model sees");
    if (!isAlone) return h("div.context-box", {}, h("span.tab", { title: t("These parts of the photo are made one after another, each at the model's own scale.") }, label));
    const again = isByHand ? h("button.back", { title: t("Choose it automatically again"), "aria-label": t("Choose it automatically again"), onclick: () => editing.setContext(null) }, "×") : null;
    const tip = t("Drag to move it, drag a corner to resize it; arrow keys work too, Shift resizes. Double-click: automatic again.");
    const tab = h("button.tab", { title: tip, "aria-label": `${label}. ${tip}` }, isByHand ? t("What the model sees: by hand") : label);
    const frame = h("div.context-box", {}, ...CORNERS.map((corner) => this.#corner(corner)), h("div.tabs", {}, tab, again));
    this.#listen(tab, "move");
    tab.addEventListener("dblclick", () => editing.setContext(null));
    tab.addEventListener("keydown", (event) => this.#press(event));
    return frame;
  }

  /** @param {Corner} corner */
  #corner(corner) {
    const element = h("span.corner", { "data-corner": corner, "aria-hidden": "true" });
    this.#listen(element, corner);
    return element;
  }

  /** @param {HTMLElement} element @param {Grip} grip */
  #listen(element, grip) {
    const { context } = this.parts;
    element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      element.setPointerCapture(event.pointerId);
      if (context.boxes.length === 1) this.#drag = { grip, from: [event.clientX, event.clientY], box: context.boxes[0] };
    });
    element.addEventListener("pointermove", (event) => {
      if (this.#drag) context.show(this.#target(this.#drag, event));
    });
    element.addEventListener("pointerup", (event) => this.#end(event));
    element.addEventListener("pointercancel", () => (this.#drag = null));
  }

  /** @param {PointerEvent} event */
  #end(event) {
    const { context } = this.parts;
    const box = this.#drag && this.#target(this.#drag, event);
    const isMoved = box && String(box) !== String(this.#drag?.box);
    this.#drag = null;
    if (isMoved) context.choose(box);
  }

  /** @param {Dragged} drag @param {PointerEvent} event @returns {Box} */
  #target({ grip, from, box }, event) {
    const { scale } = this.parts.lens.view;
    return changed(box, grip, (event.clientX - from[0]) / scale, (event.clientY - from[1]) / scale);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const { context, editing } = this.parts;
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    const [box] = context.boxes;
    if (step && box) {
      const far = event.altKey ? 1 : KEY_STEP;
      context.choose(changed(box, event.shiftKey ? 2 : "move", step[0] * far, step[1] * far));
    } else if (event.key === "Delete" || event.key === "Backspace") editing.setContext(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A box that is moved, or whose corner is. @param {Box} box @param {Grip} grip @param {number} dx @param {number} dy @returns {Box} */
export function changed([left, top, right, bottom], grip, dx, dy) {
  if (grip === "move") return [left + dx, top + dy, right + dx, bottom + dy];
  const isLeft = grip === 0 || grip === 3;
  const isTop = grip === 0 || grip === 1;
  return [isLeft ? Math.min(left + dx, right - 1) : left, isTop ? Math.min(top + dy, bottom - 1) : top, isLeft ? right : Math.max(right + dx, left + 1), isTop ? bottom : Math.max(bottom + dy, top + 1)];
}
