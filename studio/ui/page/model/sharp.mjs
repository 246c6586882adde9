/** The photo at its own resolution where one looks closely: the visible part alone, one at a time. */

import { clamp } from "../core/clamp.mjs";
import { debounce } from "../core/debounce.mjs";
import { loadImage } from "./server.mjs";

/** @import { Tile } from "../photo_types.mjs" */
/** @import { Box, Parts, Placing, Size } from "../types.mjs" */

const CALM = 160; // ms after the view was moved
const MARGIN = 0.12; // of the visible part, fetched round it
const [SMALLEST, LARGEST] = [64, 4096]; // pixels of a tile's longer side

export class Sharp {
  /** @type {{ now: Tile | null, before: Tile | null }} with the changes, and the photo without */
  tiles = { now: null, before: null };
  /** @type {Record<"now" | "before", string>} what the tiles show */
  #shown = { now: "", before: "" };
  #isAsking = false;
  /** @type {() => { view: Placing, pane: Size }} set by the canvas */
  look = () => ({ view: { scale: 0, x: 0, y: 0 }, pane: { width: 0, height: 0 } });

  /** @param {Pick<Parts, "bus" | "server" | "document" | "editing" | "composite" | "view">} parts */
  constructor({ bus, server, document, editing, composite, view }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.editing = editing;
    this.composite = composite;
    this.view = view;
    this.soon = debounce(() => this.#fetch(), CALM);
    bus.onAny(["moved", "result", "scene", "view", "options"], () => this.soon());
    bus.onAny(["otherProject", "editing"], () => this.#forget());
  }

  #forget() {
    this.tiles = { now: null, before: null };
    this.#shown = { now: "", before: "" };
  }

  /** A tile that still shows what is there. @param {"now" | "before"} which */
  tile(which) {
    const isOfNow = which === "before" || this.#shown.now.endsWith(this.composite.key);
    return isOfNow ? this.tiles[which] : null;
  }

  /** What the proxy cannot show sharply, in photo pixels; null where it can. @returns {Box | null} */
  wanted() {
    const { work, ratio } = this.editing;
    const { view, pane } = this.look();
    const density = globalThis.devicePixelRatio || 1;
    if (!work || ratio <= 1.001 || view.scale * density <= 1.05) return null;
    return visible(view, pane, ratio, work);
  }

  async #fetch() {
    const box = this.wanted();
    if (!box || this.#isAsking) return;
    const needsBefore = this.view.holdsOriginal || this.view.mode === "wipe";
    this.#isAsking = true;
    if (!this.view.holdsOriginal) await this.#get("now", box);
    if (needsBefore) await this.#get("before", box);
    this.#isAsking = false;
    const next = this.wanted();
    if (next && String(next) !== String(box)) this.soon();
  }

  /** @param {"now" | "before"} which @param {Box} box */
  async #get(which, box) {
    const { composite, editing, document } = this;
    const key = `${which} ${box} ${document.confirmed.photo} ${which === "now" ? composite.key : ""}`;
    if (this.#shown[which] === key) return;
    if (!document.outbox.isIdle) return; // the layers are being changed; the answer asks again
    const density = globalThis.devicePixelRatio || 1;
    const scale = Math.min(1, (this.look().view.scale * density) / editing.ratio);
    const size = clamp(Math.ceil(Math.max(box[2] - box[0], box[3] - box[1]) * scale), SMALLEST, LARGEST);
    const answer = await this.server.ask("photo_tile", { box, size, original: which === "before" }).catch(() => null);
    const image = answer && (await loadImage(this.server.url(answer.file)).catch(() => null));
    if (!answer || !image) return;
    this.tiles[which] = { image, box: answer.box };
    this.#shown[which] = key;
    this.bus.emit("layers");
  }
}

/** The part of the photo in the pane, and a little more. @param {Placing} view @param {Size} pane @param {number} ratio @param {Size} photo @returns {Box | null} */
export function visible(view, pane, ratio, photo) {
  const [left, top] = [-view.x / view.scale, -view.y / view.scale];
  const [wide, high] = [pane.width / view.scale, pane.height / view.scale];
  /** @param {number} value @param {number} most */
  const photoPixel = (value, most) => Math.min(most, Math.max(0, Math.round(value * ratio)));
  const box = /** @type {Box} */ ([
    photoPixel(left - MARGIN * wide, photo.width),
    photoPixel(top - MARGIN * high, photo.height),
    photoPixel(left + (1 + MARGIN) * wide, photo.width),
    photoPixel(top + (1 + MARGIN) * high, photo.height),
  ]);
  return box[2] > box[0] && box[3] > box[1] ? box : null;
}
