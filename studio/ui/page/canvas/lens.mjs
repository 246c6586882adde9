/** Where the scene lies in the panes: moved, zoomed, or fitted to their size. */

import * as viewport from "../core/viewport.mjs";

/** @import { Parts, Placing, Size } from "../types.mjs" */

const MARGIN = 26; // CSS pixels round a fitted scene

export class Lens {
  /** @type {Placing} */
  view = { scale: 1, x: 0, y: 0 };
  isFitted = true; // it follows the panes' size until it is moved
  /** @type {() => Size} of a pane, as it is now */
  measure = () => ({ width: 1, height: 1 });

  /** @param {Pick<Parts, "bus" | "document">} parts */
  constructor({ bus, document }) {
    this.bus = bus;
    this.document = document;
    bus.on("size", () => this.fit());
  }

  fit() {
    this.isFitted = true;
    this.view = viewport.fit(this.document.scene, this.measure(), MARGIN);
    this.bus.emit("moved");
  }

  /** @param {number} factor @param {[number, number] | null} at what stays where it is: the middle */
  zoom(factor, at = null) {
    const { width, height } = this.measure();
    const [x, y] = at ?? [width / 2, height / 2];
    this.#look(viewport.zoomAt(this.view, x, y, factor));
  }

  /** @param {number} scale */
  zoomTo(scale) {
    this.zoom(scale / this.view.scale);
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    this.#look(viewport.pan(this.view, dx, dy));
  }

  /** Two fingers have moved. @param {[number, number][]} before @param {[number, number][]} after */
  pinch(before, after) {
    this.#look(viewport.pinch(this.view, before, after));
  }

  /** Scene pixels to the pane's. @param {readonly number[]} at */
  toPane([x, y]) {
    return viewport.toScreen(this.view, x, y);
  }

  /** The pane's pixels to the scene's. @param {number} x @param {number} y */
  toScene(x, y) {
    return viewport.toScene(this.view, x, y);
  }

  /** @param {Placing} view */
  #look(view) {
    this.isFitted = false;
    this.view = viewport.hold(view, this.document.scene, this.measure());
    this.bus.emit("moved");
  }
}
