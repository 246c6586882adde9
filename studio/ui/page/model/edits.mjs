/** Everything that changes the scene: sent off first, so that the server works while the page draws it. */

import { freeSlot } from "../core/palette.mjs";
import { combine, rescale, shift } from "../core/masks.mjs";
import { area, bounds } from "../core/rle.mjs";
import { clamp, debounce } from "../panels/dom.mjs";
import { Document, maskOf, shapeOf } from "./document.mjs";
import * as shapes from "../core/shapes.mjs";
import { trace } from "../core/trace.mjs";
import { t } from "../words/words.mjs";

const TYPING_PAUSE = 400; // ms

export class Editing extends Document {
  gestures = 0;
  proposed = [];
  isSliding = false; // gamma is being dragged

  constructor(server) {
    super(server);
    this.flushCaption = debounce(() => this.#sendCaption(), TYPING_PAUSE);
    this.flushGamma = debounce(() => this.#sendGamma(), 60);
  }

  /** A finished shape: a new region, or a change of the selected one. */
  commitShape(plane, mode, tool) {
    if (!plane.box) return null;
    const region = mode === "new" ? null : this.region(this.selected);
    if (!region) {
      if (mode === "new" || mode === "add") return this.addRegion(plane.mask, plane.box, { ask: true });
      this.emit("notice", t("Select a region first, then subtract from it."));
      return null;
    }
    if (region.locked) {
      this.emit("notice", t("Region {n} is locked.", { n: this.numberOf(region.id) }));
      return null;
    }
    return this.changeMask(region.id, plane.mask, plane.box, mode, tool);
  }

  addRegion(mask, box, { ask = false, caption = "", clicks = [] } = {}) {
    const id = this.newId();
    const slot = freeSlot(this.scene.regions.map((region) => region.slot));
    const payload = { id, shape: shapeOf(mask, box, this.scene.width), caption };
    if (clicks.length) payload.clicks = clicks;
    const sent = this.edit("add_region", payload, { region: id });
    this.layers.put(id, mask);
    const region = { id, caption, name: null, gamma: null, visible: true, locked: false, slot, clicks, fidelity: null };
    this.showRegions([...this.scene.regions, region]);
    this.select(id);
    if (ask) this.askCaption(id);
    return sent;
  }

  changeMask(id, mask, box, mode, tool, clicks = null) {
    const now = this.layers.mask(id);
    const next = combine(now, mask, mode);
    if (!area(next)) return this.removeRegion(id);
    const payload = { region: id, op: mode, shape: shapeOf(mask, box, this.scene.width) };
    if (clicks) payload.clicks = clicks;
    const sent = this.edit("edit_mask", payload, { region: id });
    this.#show(id, next);
    return sent;
  }

  /** Move or scale: the region's box goes to another box. */
  placeRegion(id, from, to) {
    const { width, height } = this.scene;
    const mask = this.layers.mask(id);
    const isMove = to[2] - to[0] === from[2] - from[0] && to[3] - to[1] === from[3] - from[1];
    const next = isMove ? shift(mask, width, height, to[0] - from[0], to[1] - from[1]) : rescale(mask, width, height, from, to);
    if (!bounds(next, width, height)) {
      this.emit("notice", t("That would move the region out of the picture."));
      return null;
    }
    const sent = this.edit("transform_region", { region: id, to }, { region: id });
    this.#show(id, next);
    return sent;
  }

  #show(id, mask) {
    this.layers.put(id, mask);
    this.emit("layers");
  }

  nudge(dx, dy) {
    const region = this.region(this.selected);
    const box = region && !region.locked && this.layers.shapes.get(region.id)?.box;
    if (box) this.placeRegion(region.id, box, [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy]);
  }

  makeByNumbers(kind, from, to, caption) {
    const { width, height } = this.scene;
    const plane = shapes[kind](from, to, width, height);
    if (!plane.box) {
      this.emit("notice", t("That shape covers no pixel of the picture."));
      return false;
    }
    this.addRegion(plane.mask, plane.box, { caption });
    return true;
  }

  removeRegion(id) {
    const region = this.region(id);
    if (!region) return null;
    const sent = this.edit("delete_regions", { regions: [id] });
    this.showRegions(this.scene.regions.filter((one) => one.id !== id));
    if (this.selected === id) this.select(null);
    return sent;
  }

  remove() {
    const region = this.region(this.selected);
    if (region?.locked) this.emit("notice", t("Region {n} is locked.", { n: this.numberOf(region.id) }));
    else if (region) this.removeRegion(region.id);
  }

  async duplicate() {
    if (!this.selected) return;
    const id = this.newId();
    const answer = await this.edit("duplicate_region", { region: this.selected, id });
    if (answer) this.select(id);
  }

  /** Grow, shrink, smooth, invert, fill holes: done by the server, shown when it answers. */
  workShape(operation, pixels) {
    if (!this.selected) return null;
    const op = operation === "feather" ? "smooth" : operation;
    return this.edit("change_mask", { region: this.selected, op, pixels });
  }

  setRegion(id, values) {
    const sent = this.edit("set_region", { region: id, ...values });
    this.showRegions(this.scene.regions.map((region) => (region.id === id ? { ...region, ...values } : region)));
    return sent;
  }

  setRegionGamma(id, value) {
    this.isSliding = true;
    this.region(id).gamma = value;
    this.ahead.set(`gamma ${id}`, value);
    this.emit("selection");
    this.flushGamma();
  }

  setGamma(value) {
    if (value === null) return;
    this.isSliding = true;
    this.sampling.gamma = value;
    this.ahead.set("gamma", value);
    this.emit("sampling");
    this.flushGamma();
  }

  /** A typed gamma; what cannot be is brought into 0.05 to 1. */
  gammaFrom(text) {
    const value = Number(text);
    return Number.isFinite(value) && text !== "" ? clamp(value, 0.05, 1) : this.sampling.gamma;
  }

  settleGamma() {
    this.isSliding = false;
    this.flushGamma.now();
    this.gestures++;
  }

  #sendGamma() {
    for (const [key, value] of [...this.ahead]) {
      const [kind, id] = key.split(" ");
      if (kind !== "gamma") continue;
      const gesture = `gamma ${this.gestures}`;
      const sent = id
        ? this.edit("set_region", { region: id, gamma: value }, { gesture: `${gesture} ${id}` })
        : this.edit("set_sampling", { gamma: value }, { gesture });
      sent.then(() => this.ahead.get(key) === value && this.#arrivedValue(key));
    }
  }

  #arrivedValue(key) {
    this.ahead.delete(key);
    this.emit("project");
  }

  /** Typing; `id` null is the scene's caption. */
  typeCaption(id, text) {
    if (id === null) this.scene.caption = text;
    else if (this.region(id)) this.region(id).caption = text;
    this.ahead.set(id === null ? "caption" : `caption ${id}`, text);
    this.emit("typing");
    this.flushCaption();
  }

  settleCaption() {
    this.flushCaption.now();
    this.gestures++;
    this.emit("scene");
  }

  #sendCaption() {
    for (const [key, value] of [...this.ahead]) {
      const [kind, id] = key.split(" ");
      if (kind !== "caption") continue;
      const gesture = `typing ${this.gestures} ${id ?? "scene"}`;
      const sent = id
        ? this.edit("set_region", { region: id, caption: value }, { gesture })
        : this.edit("set_scene", { caption: value }, { gesture });
      sent.then(() => this.ahead.get(key) === value && this.#arrivedValue(key));
    }
  }

  /** Everything typed or dragged is sent, and has arrived. */
  async settled() {
    this.flushCaption.now();
    this.flushGamma.now();
    await super.settled();
  }

  setSampling(values) {
    Object.assign(this.sampling, values);
    this.emit("sampling");
    return this.edit("set_sampling", values);
  }

  rollSeed() {
    return this.setSampling({ seed: crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000 });
  }

  /** Put a region directly above or below another, as they lie in the list (top first). */
  dropRegion(id, other, isAfter) {
    const order = this.scene.regions.map((region) => region.id).filter((one) => one !== id);
    order.splice(order.indexOf(other) + (isAfter ? 0 : 1), 0, id);
    this.#reorder(order);
  }

  moveInOrder(id, step) {
    const order = this.scene.regions.map((region) => region.id);
    const at = order.indexOf(id);
    const to = clamp(at + step, 0, order.length - 1);
    if (to === at) return;
    order.splice(to, 0, ...order.splice(at, 1));
    this.#reorder(order);
  }

  #reorder(order) {
    this.showRegions(order.map((id) => this.region(id)));
    this.edit("reorder", { order });
  }

  async undo() {
    await this.settled();
    if (this.canUndo) await this.edit("undo", {});
  }

  async redo() {
    await this.settled();
    if (this.canRedo) await this.edit("redo", {});
  }

  fix(hint, fix) {
    return this.edit("apply_fix", { fix: fix.id });
  }

  armNew() {
    this.select(null);
    this.emit("notice", t("Draw: the next shape becomes a new region."));
  }

  /** A candidate of the smart click becomes a region, or replaces the selected one's shape. */
  acceptShape(shape, clicks, { region = null, ask = true } = {}) {
    const { width, height } = this.scene;
    const mask = maskOf(shape, width, height);
    if (region) return this.changeMask(region, mask, shape.box, "replace", "smart", clicks);
    return this.addRegion(mask, shape.box, { ask, clicks });
  }

  /** Outlines of what could become regions; none takes them away. */
  showProposals(proposals) {
    const { width, height } = this.scene;
    this.proposed = proposals.map(({ shape }) => trace(maskOf(shape, width, height), width, height, shape.box));
    this.emit("layers");
  }
}
