/** Everything that changes the scene: sent off first, so that the server works while the page draws it. */

import { clamp } from "../core/clamp.mjs";
import { combine, rescale, shift } from "../core/masks.mjs";
import { area, bounds, maskOf, shapeOf } from "../core/rle.mjs";
import * as shapes from "../core/shapes.mjs";
import { t } from "../words/words.mjs";

/** @import { Box, Click, Fix, Mode, Parts, Plane, Region, Sampling, Shape } from "../types.mjs" */

const EXACT = 1; // gamma

export class Edits {
  /** @param {Pick<Parts, "bus" | "document" | "typing">} parts */
  constructor({ bus, document, typing }) {
    this.bus = bus;
    this.document = document;
    this.typing = typing;
  }

  /** A finished shape: a new region, or a change of the selected one. @param {Plane} plane @param {Mode} mode */
  commitShape(plane, mode) {
    if (!plane.box) return null;
    const region = mode === "new" ? null : this.document.region(this.document.selected);
    if (!region) {
      if (mode === "new" || mode === "add") return this.addRegion(plane.mask, plane.box, { ask: true });
      this.bus.emit("notice", t("Select a region first, then subtract from it."));
      return null;
    }
    if (this.#isLocked(region)) return null;
    return this.changeMask(region.id, plane.mask, plane.box, mode);
  }

  /** Whether it is, and then the user is told. @param {Region} region */
  #isLocked(region) {
    if (region.locked) this.bus.emit("notice", t("Region {n} is locked.", { n: this.document.numberOf(region.id) }));
    return region.locked;
  }

  /**
   * @param {Uint8Array} mask @param {Box | null} box
   * @param {{ ask?: boolean, caption?: string, clicks?: Click[], gamma?: number | null }} more whether to ask for the caption, ...
   */
  addRegion(mask, box, { ask = false, caption = "", clicks = [], gamma = null } = {}) {
    const { document } = this;
    const id = document.newId();
    const payload = { id, shape: shapeOf(mask, box, document.scene.width), caption, ...(clicks.length ? { clicks } : {}), ...(gamma === null ? {} : { gamma }) };
    const slot = document.freeSlot;
    const sent = document.edit("add_region", payload, { region: id });
    document.layers.put(id, mask);
    const region = { id, caption, name: null, gamma, visible: true, locked: false, slot, clicks, fidelity: null };
    document.showRegions([...document.scene.regions, region]);
    document.select(id);
    if (ask) this.bus.emit("askCaption", id);
    return sent;
  }

  /**
   * @param {string} id @param {Uint8Array} mask @param {Box | null} box the mask's @param {Mode} mode
   * @param {Click[] | null} clicks
   */
  changeMask(id, mask, box, mode, clicks = null) {
    const { document } = this;
    const now = document.layers.mask(id);
    const next = now ? combine(now, mask, mode) : mask;
    if (!area(next)) return this.removeRegion(id);
    const shape = shapeOf(mask, box, document.scene.width);
    const sent = document.edit("edit_mask", { region: id, op: mode, shape, ...(clicks ? { clicks } : {}) }, { region: id });
    this.#show(id, next);
    return sent;
  }

  /** Move or scale: the region's box goes to another box. @param {string} id @param {Box} from @param {Box} to */
  placeRegion(id, from, to) {
    const { width, height } = this.document.scene;
    const mask = this.document.layers.mask(id);
    if (!mask) return null;
    const isMove = to[2] - to[0] === from[2] - from[0] && to[3] - to[1] === from[3] - from[1];
    const next = isMove ? shift(mask, width, height, to[0] - from[0], to[1] - from[1]) : rescale(mask, width, height, from, to);
    if (!bounds(next, width, height)) {
      this.bus.emit("notice", t("That would move the region out of the picture."));
      return null;
    }
    const sent = this.document.edit("transform_region", { region: id, to }, { region: id });
    this.#show(id, next);
    return sent;
  }

  /** @param {string} id @param {Uint8Array} mask */
  #show(id, mask) {
    this.document.layers.put(id, mask);
    this.bus.emit("layers");
  }

  /** @param {number} dx @param {number} dy */
  nudge(dx, dy) {
    const { document } = this;
    const region = document.region(document.selected);
    const box = region && !region.locked && document.layers.shapes.get(region.id)?.box;
    if (box) this.placeRegion(region.id, box, [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy]);
  }

  /**
   * @param {"rectangle" | "ellipse"} kind @param {[number, number]} from @param {[number, number]} to
   * @param {string} caption
   */
  makeByNumbers(kind, from, to, caption) {
    const { width, height } = this.document.scene;
    const plane = shapes[kind](from, to, width, height);
    if (!plane.box) {
      this.bus.emit("notice", t("That shape covers no pixel of the picture."));
      return false;
    }
    this.addRegion(plane.mask, plane.box, { caption });
    return true;
  }

  /** @param {string} id */
  removeRegion(id) {
    const { document } = this;
    if (!document.region(id)) return null;
    const sent = document.edit("delete_regions", { regions: [id] });
    document.showRegions(document.scene.regions.filter((one) => one.id !== id));
    if (document.selected === id) document.select(null);
    return sent;
  }

  remove() {
    const region = this.document.region(this.document.selected);
    if (region && !this.#isLocked(region)) this.removeRegion(region.id);
  }

  async duplicate() {
    const { document } = this;
    if (!document.selected) return;
    const id = document.newId();
    const answer = await document.edit("duplicate_region", { region: document.selected, id });
    if (answer) document.select(id);
  }

  /** Mirrored left to right, or turned clockwise: done by the server. @param {{ degrees?: number, mirrored?: boolean }} how */
  turn(how) {
    const region = this.document.region(this.document.selected);
    return region && !this.#isLocked(region) ? this.document.edit("turn_region", { region: region.id, ...how }) : null;
  }

  /**
   * Grow, shrink, smooth, invert, fill holes: done by the server, shown when it answers.
   * @param {string} operation @param {number} pixels
   */
  workShape(operation, pixels) {
    const { document } = this;
    if (!document.selected) return null;
    const op = operation === "feather" ? "smooth" : operation;
    return document.edit("change_mask", { region: document.selected, op, pixels });
  }

  /** @param {string} id @param {Partial<Pick<Region, "caption" | "name" | "gamma" | "visible" | "locked" | "seed" | "strength" | "feather" | "pinned" | "opacity" | "style">>} values */
  setRegion(id, values) {
    const { document } = this;
    const sent = document.edit("set_region", { region: id, ...values });
    document.showRegions(document.scene.regions.map((region) => (region.id === id ? { ...region, ...values } : region)));
    return sent;
  }

  /** @param {Partial<Sampling>} values */
  setSampling(values) {
    Object.assign(this.document.sampling, values);
    this.bus.emit("sampling");
    return this.document.edit("set_sampling", values);
  }

  rollSeed() {
    return this.setSampling({ seed: crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000 });
  }

  /**
   * Put a region directly above or below another, as they lie in the list (top first).
   * @param {string} id @param {string} other @param {boolean} isAfter
   */
  dropRegion(id, other, isAfter) {
    const order = this.document.scene.regions.map((region) => region.id).filter((one) => one !== id);
    order.splice(order.indexOf(other) + (isAfter ? 0 : 1), 0, id);
    this.#reorder(order);
  }

  /** @param {string} id @param {number} step up is positive */
  moveInOrder(id, step) {
    const order = this.document.scene.regions.map((region) => region.id);
    const at = order.indexOf(id);
    const to = clamp(at + step, 0, order.length - 1);
    if (to === at) return;
    order.splice(to, 0, ...order.splice(at, 1));
    this.#reorder(order);
  }

  /** @param {string[]} order */
  #reorder(order) {
    this.document.showRegions(order.flatMap((id) => this.document.region(id) ?? []));
    this.document.edit("reorder", { order });
  }

  async undo() {
    await this.typing.settled();
    if (this.document.canUndo) await this.document.edit("undo", {});
  }

  async redo() {
    await this.typing.settled();
    if (this.document.canRedo) await this.document.edit("redo", {});
  }

  /** @param {Fix} fix */
  fix(fix) {
    return this.document.edit("apply_fix", { fix: fix.id });
  }

  armNew() {
    this.document.select(null);
    this.bus.emit("notice", t("Draw: the next shape becomes a new region."));
  }

  /** What was clicked or found becomes a region. @param {Shape} shape @param {Click[]} clicks */
  acceptShape(shape, clicks, { ask = true } = {}) {
    const { confirmed, scene } = this.document;
    const gamma = confirmed.edit ? EXACT : null; // what was clicked in a photo keeps its shape
    return this.addRegion(maskOf(shape, scene.width, scene.height), shape.box, { ask, clicks, gamma });
  }
}
