/** The boxes of the photo that the model will see: asked for when it is calm, or set by hand. */

import { debounce } from "../core/debounce.mjs";
import { clamp } from "../core/clamp.mjs";

/** @import { Box, Parts } from "../types.mjs" */

const CALM = 250; // ms after the last edit
const SMALLEST = 16; // scene pixels of a side

export class Context {
  /** @type {Box[]} in scene pixels */
  boxes = [];

  /** @param {Pick<Parts, "bus" | "server" | "document" | "editing">} parts */
  constructor({ bus, server, document, editing }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.editing = editing;
    this.soon = debounce(() => this.#ask(), CALM);
    bus.onAny(["scene", "editing"], () => this.soon());
    bus.on("otherProject", () => this.#take([]));
  }

  /** The user has drawn it. */
  get isByHand() {
    return Array.isArray(this.editing.settings.context);
  }

  async #ask() {
    const { document, editing } = this;
    if (!editing.isOn || !editing.toDo.length) {
      this.#take([]);
      return;
    }
    if (!document.outbox.isIdle) return; // the answer to that edit asks again
    const answer = await this.server.ask("context_boxes").catch(() => null);
    if (answer && document.outbox.isIdle) this.#take(answer.boxes);
  }

  /** @param {Box[]} boxes */
  #take(boxes) {
    if (JSON.stringify(boxes) === JSON.stringify(this.boxes)) return;
    this.boxes = boxes;
    this.bus.emit("context");
  }

  /** While it is dragged. @param {Box} box */
  show(box) {
    this.#take([this.within(box)]);
  }

  /** It is let go of. @param {Box} box */
  choose(box) {
    const chosen = this.within(box);
    this.show(chosen);
    return this.editing.setContext(chosen);
  }

  /** One box round all of them, to be dragged. */
  join() {
    const [first, ...rest] = this.boxes;
    if (!first) return null;
    return this.choose(rest.reduce(([l, t, r, b], [left, top, right, bottom]) => [Math.min(l, left), Math.min(t, top), Math.max(r, right), Math.max(b, bottom)], first));
  }

  /** Whole pixels inside the photo, and never less than can be seen. @param {Box} box @returns {Box} */
  within([left, top, right, bottom]) {
    const { width, height } = this.document.scene;
    const [wide, high] = [Math.min(Math.max(SMALLEST, Math.round(right - left)), width), Math.min(Math.max(SMALLEST, Math.round(bottom - top)), height)];
    const [x, y] = [clamp(Math.round(left), 0, width - wide), clamp(Math.round(top), 0, height - high)];
    return [x, y, x + wide, y + high];
  }
}
