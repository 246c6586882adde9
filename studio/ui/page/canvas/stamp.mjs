/** The stamp: a click puts the chosen shape down, a drag from its middle says how large. */

import * as paint from "./paint.mjs";
import { Tool } from "./tool.mjs";

/** @import { Parts, Point } from "../types.mjs" */
/** @import { ToolName, ToolParts } from "./tool.mjs" */

const LEAST_DRAG = 6; // CSS pixels; less is a click

export class StampTool extends Tool {
  modes = false;
  /** @type {{ centre: [number, number], width: number } | null} */
  #ghost = null;
  #isDown = false;

  /** @param {ToolParts & Pick<Parts, "stamps">} parts @param {ToolName} name */
  constructor(parts, name) {
    super(parts, name);
    this.stamps = parts.stamps;
  }

  start() {
    this.stamps.load().catch((/** @type {Error} */ error) => this.bus.emit("refused", error));
  }

  stop() {
    this.leave();
  }

  /** @param {Point} point */
  hover({ x, y }) {
    this.show([x, y]);
  }

  /** Where it would lie. @param {[number, number]} centre */
  show(centre) {
    const { chosen } = this.stamps;
    if (chosen) this.#ghost = { centre, width: this.stamps.fittingWidth(chosen) };
  }

  /** @param {Point} point */
  down(point) {
    this.hover(point);
    this.#isDown = this.isBusy = this.#ghost !== null;
  }

  /** @param {Point} point */
  move(point) {
    const ghost = this.#ghost;
    const { chosen } = this.stamps;
    if (!this.#isDown || !ghost || !chosen) return;
    const reach = Math.hypot(point.x - ghost.centre[0], point.y - ghost.centre[1]);
    if (reach * this.lens.view.scale >= LEAST_DRAG) ghost.width = (2 * reach * chosen.size[0]) / Math.hypot(...chosen.size);
  }

  up() {
    const ghost = this.#ghost;
    const wasDown = this.#isDown;
    this.cancel();
    if (wasDown && ghost && this.stamps.chosen) this.stamps.put(this.stamps.chosen, ghost.centre, ghost.width);
  }

  leave() {
    this.#ghost = null;
  }

  cancel() {
    this.#isDown = this.isBusy = false;
    this.#ghost = null;
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const ghost = this.#ghost;
    const { chosen } = this.stamps;
    if (!ghost || !chosen) return;
    const loops = this.stamps.outline(chosen, ghost.centre, ghost.width);
    const { colour } = this.document.nextLook("new");
    paint.regionFill(context, this.lens.view, { loops, colour, pattern: "plain" }, 0.35);
    paint.outline(context, this.lens.view, loops, { colour, width: 2, dash: [6, 4] });
  }
}
