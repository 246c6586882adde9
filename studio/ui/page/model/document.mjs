/** The scene as the page holds it: it may run ahead of the server within a gesture, never for long. */

import { Layers } from "../core/layers.mjs";
import { isSame } from "../core/masks.mjs";
import { Outbox } from "./outbox.mjs";
import { freeSlot, look } from "../core/palette.mjs";
import { maskOf } from "../core/rle.mjs";
import { Refused } from "./server.mjs";
import { heard } from "../words/words.mjs";

/** @import { Edit, EditAnswer, Hint, Look, Mode, PageScene, Parts, Region, Sampling, Shape, Shapes, ShownRegion, WireDocument } from "../types.mjs" */

/** @type {WireDocument} */
const EMPTY = {
  revision: 0, width: 256, height: 256, caption: null, photo: null, regions: [],
  sampling: { gamma: 0.7, seed: 0, count: 1 }, effective: {}, hints: [], undo: null, redo: null,
};

const hex = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class SceneDocument {
  confirmed = EMPTY; // as the server has it
  /** @type {PageScene} as the page shows it */
  scene = { width: 256, height: 256, caption: "", regions: [] };
  /** @type {Sampling} */
  sampling = { ...EMPTY.sampling };
  layers = new Layers(256, 256);
  /** @type {string | null} */
  selected = null;
  /** @type {string | null} */
  hovered = null;
  /** @type {Map<string, string | number>} what is typed or dragged and the server does not have yet */
  ahead = new Map();
  /** @type {Map<string, number>} region id -> edits of its mask on their way */
  local = new Map();
  lastCommit = 0; // ms from an edit to its answer

  /** @param {Pick<Parts, "bus" | "server">} parts */
  constructor({ bus, server }) {
    this.bus = bus;
    this.server = server;
    /** @type {Outbox<Edit, EditAnswer>} */
    this.outbox = new Outbox((edit) => this.#send(edit), merge);
    bus.on("otherProject", () => this.#forget());
  }

  newId() {
    return hex();
  }

  /** @param {string | null} id @returns {Region | null} */
  region(id) {
    return this.scene.regions.find((region) => region.id === id) ?? null;
  }

  /** @param {string} id */
  numberOf(id) {
    return this.scene.regions.findIndex((region) => region.id === id) + 1;
  }

  /** @param {string} id */
  lookOf(id) {
    return look(this.region(id)?.slot ?? 0);
  }

  /** The look of what is drawn next: the selected region's, or a new one's. @param {Mode} mode @returns {Look} */
  nextLook(mode = "add") {
    const region = mode === "new" ? null : this.region(this.selected);
    return look(region ? region.slot : this.freeSlot);
  }

  get freeSlot() {
    return freeSlot(this.scene.regions.map((region) => region.slot));
  }

  /** Visible regions with what is needed to draw them, lowest first. @returns {ShownRegion[]} */
  shownRegions() {
    return this.scene.regions.flatMap((region) => {
      const outline = region.visible && this.layers.outlines.get(region.id);
      return outline ? [{ ...region, ...look(region.slot), number: this.numberOf(region.id), outline }] : [];
    });
  }

  /** @param {string | null} id */
  select(id, { reveal = false } = {}) {
    if (id === this.selected) return;
    this.selected = this.region(id) ? id : null;
    this.bus.emit("selection");
    if (reveal && id) this.bus.emit("reveal", id);
  }

  /** @param {string | null} id */
  hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    this.bus.emit("hover");
  }

  /**
   * Queue an edit; resolves with the answer or null when it was refused (the user was told).
   * @param {string} action @param {Record<string, unknown>} payload
   * @param {{ region?: string | null, gesture?: string | null }} more
   */
  async edit(action, payload, { region = null, gesture = null } = {}) {
    if (region) this.local.set(region, (this.local.get(region) ?? 0) + 1);
    const isSent = this.outbox.push({ action, payload, region, gesture });
    try {
      return await isSent;
    } catch (error) {
      await this.#refused(/** @type {Refused} */ (error));
      return null;
    }
  }

  /** @param {Edit} edit */
  async #send({ action, payload, region, gesture }) {
    const started = performance.now();
    try {
      const revision = this.confirmed.revision;
      const answer = await this.server.ask(action, { ...payload, revision, ...(gesture ? { gesture } : {}) });
      if (region) this.#arrived(region);
      this.lastCommit = performance.now() - started;
      if (answer.revision !== revision) this.bus.emit("edited", answer.document.saved_at ?? 0);
      this.take(answer.document, answer.shapes);
      for (const notice of answer.notices ?? []) this.bus.emit("notice", heard(notice));
      this.bus.emit("committed", { action, payload });
      return answer;
    } catch (error) {
      if (region) this.#arrived(region);
      throw error;
    }
  }

  /** @param {string} region */
  #arrived(region) {
    const left = (this.local.get(region) ?? 1) - 1;
    if (left > 0) this.local.set(region, left);
    else this.local.delete(region);
  }

  /** An edit did not happen: show why and go back to what the server has. @param {Refused} error */
  async #refused(error) {
    this.ahead.clear();
    if (error.kind !== "stale") this.bus.emit("refused", error);
    if (error.answer?.document) this.take(error.answer.document, error.answer.shapes, { isWhole: true });
    else await this.refresh();
  }

  /** Take everything anew: another tab changed the project, or an edit went wrong. */
  async refresh() {
    await this.outbox.holding(async () => {
      const answer = await this.server.ask("document").catch(() => null);
      if (answer) this.take(answer.document, answer.shapes, { isWhole: true, keepsWaiting: true });
    });
  }

  /**
   * Take over the server's document. Shapes that local edits are about to replace are skipped.
   * With `isWhole` the shapes are all there are, and what the page shows beyond them goes, unless it
   * waits to be sent and `keepsWaiting`.
   * @param {WireDocument} document @param {Shapes} [shapes]
   * @param {{ isWhole?: boolean, keepsWaiting?: boolean }} how
   */
  take(document, shapes = {}, { isWhole = false, keepsWaiting = !isWhole } = {}) {
    const isOld = document.revision < this.confirmed.revision && !isWhole;
    if (isOld) return;
    const isResized = document.width !== this.layers.width || document.height !== this.layers.height;
    const isWaiting = this.outbox.waiting.length > 0 && keepsWaiting && !(isWhole && isResized);
    this.confirmed = document;
    if (isResized || (isWhole && !isWaiting)) this.layers = new Layers(document.width, document.height);
    for (const [id, shape] of Object.entries(shapes ?? {})) {
      if (this.local.has(id) && (isWaiting || !isWhole)) continue;
      this.#takeShape(id, shape, document);
    }
    if (isWaiting) {
      this.bus.emit("hints");
      return;
    }
    this.scene = {
      width: document.width,
      height: document.height,
      caption: document.caption ?? "",
      regions: document.regions.map((region) => ({ ...region })),
    };
    this.sampling = { ...document.sampling };
    this.#reapply();
    this.#arrange();
    if (this.selected && !this.region(this.selected)) this.selected = null;
    if (isResized) this.bus.emit("size");
    this.bus.emit("scene");
    this.bus.emit("sampling");
    this.bus.emit("hints");
  }

  /** @param {string} id @param {Shape} shape @param {WireDocument} document */
  #takeShape(id, shape, document) {
    const mask = maskOf(shape, document.width, document.height);
    const digest = document.regions.find((region) => region.id === id)?.mask ?? null;
    const known = this.layers.mask(id);
    if (known && isSame(known, mask)) this.layers.confirm(id, digest);
    else this.layers.put(id, mask, digest);
  }

  #reapply() {
    for (const [key, value] of this.ahead) {
      const [kind, id] = key.split(" ");
      const held = id ? this.region(id) : kind === "gamma" ? this.sampling : kind === "caption" ? this.scene : null;
      if (held) Object.assign(held, { [kind]: value });
    }
  }

  #arrange() {
    const ids = this.scene.regions.map((region) => region.id);
    this.layers.arrange(this.scene.regions.filter((region) => region.visible).map((region) => region.id), ids);
  }

  #forget() {
    this.selected = null;
    this.ahead.clear();
  }

  /** Show a changed list of regions at once, before the server has it. @param {Region[]} regions */
  showRegions(regions) {
    this.scene = { ...this.scene, regions };
    this.#arrange();
    this.bus.emit("scene");
  }

  get canUndo() {
    return Boolean(this.confirmed.undo);
  }

  get canRedo() {
    return Boolean(this.confirmed.redo);
  }

  get hints() {
    return this.confirmed.hints ?? [];
  }

  /** @param {string} id */
  hintsOf(id) {
    return this.hints.filter((hint) => hint.region === id);
  }

  /** @param {Hint} hint */
  hintText(hint) {
    return heard(hint.text);
  }

  /** The gamma that holds for a region: its own, or the scene's. @param {string} id */
  gammaOf(id) {
    return this.region(id)?.gamma ?? this.sampling.gamma;
  }
}

/**
 * Two waiting edits of the same gesture are one: the last value wins.
 * @param {Edit} before @param {Edit} after @returns {Edit | null}
 */
function merge(before, after) {
  const isOne = before.gesture && before.gesture === after.gesture && before.action === after.action && before.region === after.region;
  return isOne ? { ...after, payload: { ...before.payload, ...after.payload } } : null;
}
