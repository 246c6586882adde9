/** What every tool is: a name, a key, and answers to the pointer. */

/** @import { Mode, Pane, Parts, Point } from "../types.mjs" */

/**
 * @typedef {Pick<Parts, "bus" | "document" | "edits" | "view" | "lens">} ToolParts
 * @typedef {{ id: string, key: string, name: string, hint: string }} ToolName
 */

export class Tool {
  ring = false; // the brush's size is shown round the pointer
  cursor = "crosshair";
  modes = true; // new, add, subtract, intersect hold for it
  isBusy = false; // there is something to accept or to cancel

  /** @param {ToolParts} parts @param {ToolName} name */
  constructor({ bus, document, edits, view, lens }, { id, key, name, hint }) {
    this.bus = bus;
    this.document = document;
    this.edits = edits;
    this.view = view;
    this.lens = lens;
    this.id = id;
    this.key = key;
    this.name = name;
    this.hint = hint;
  }

  /** It is taken up. */
  start() {}

  /** Another one is. */
  stop() {}

  /** @param {Point} _point */
  down(_point) {}

  /** @param {Point} _point the pointer moved while it is down */
  move(_point) {}

  /** @param {Point} _point */
  up(_point) {}

  /** @param {Point} _point the pointer moved while it is up */
  hover(_point) {}

  leave() {}

  /** @param {Point} _point a double click */
  twice(_point) {}

  accept() {}

  cancel() {}

  /** The next candidate; false when there is none. @param {number} _step */
  next(_step) {
    return false;
  }

  /** @param {CanvasRenderingContext2D} _context @param {Pane} _pane */
  draw(_context, _pane) {}

  /**
   * Shift adds, Alt or the right button takes away, both intersect; else what the options bar says.
   * @param {Point} point @returns {Mode}
   */
  modeOf(point) {
    if (point.shift && point.alt) return "intersect";
    if (point.shift) return "add";
    if (point.alt || point.secondary) return "subtract";
    return this.view.options.mode;
  }
}
