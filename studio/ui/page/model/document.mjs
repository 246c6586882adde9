/** The scene as the page holds it: it may run ahead of the server within a gesture, never for long. */

import { Layers } from "../core/layers.mjs";
import { Outbox } from "./outbox.mjs";
import { freeSlot, look } from "../core/palette.mjs";
import { crop, decode, encode, paste } from "../core/rle.mjs";
import { Signals } from "../panels/dom.mjs";
import { heard, t } from "../words/words.mjs";

const SAVE_NEWS = 10_000; // ms
const EMPTY = {
  revision: 0, width: 256, height: 256, caption: null, photo: null, regions: [],
  sampling: { gamma: 0.7, seed: 0, count: 1 }, effective: {}, hints: [], undo: null, redo: null,
};

/** A shape for the server: its box and the runs inside. */
export function shapeOf(mask, box, width) {
  return box ? { box, counts: encode(crop(mask, width, box)) } : { box: null, counts: [] };
}

export function maskOf(shape, width, height) {
  if (!shape.box) return new Uint8Array(width * height);
  const [left, top, right, bottom] = shape.box;
  return paste(decode(shape.counts, (right - left) * (bottom - top)), shape.box, width, height);
}

/** Eight pixels at a time where the length allows it. */
function isSame(a, b) {
  if (a.length !== b.length) return false;
  const wide = a.length >> 3;
  const [x, y] = [new BigUint64Array(a.buffer, 0, wide), new BigUint64Array(b.buffer, 0, wide)];
  for (let i = 0; i < wide; i++) if (x[i] !== y[i]) return false;
  for (let i = wide << 3; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const hex = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");

export class Document extends Signals {
  document = EMPTY;
  scene = { width: 256, height: 256, caption: "", regions: [] };
  sampling = { ...EMPTY.sampling };
  layers = new Layers(256, 256);
  selected = null;
  hovered = null;
  ahead = new Map(); // values typed or dragged that the server does not have yet: key -> value
  unsavedSince = null; // the last save known when something was edited after it
  local = new Map(); // region id -> edits of its mask on their way

  constructor(server) {
    super();
    this.server = server;
    this.outbox = new Outbox((edit) => this.#send(edit), merge);
  }

  newId() {
    return hex();
  }

  region(id) {
    return this.scene.regions.find((region) => region.id === id) ?? null;
  }

  numberOf(id) {
    return this.scene.regions.findIndex((region) => region.id === id) + 1;
  }

  lookOf(id) {
    return look(this.region(id)?.slot ?? 0);
  }

  /** The look of what is drawn next: the selected region's, or a new one's. */
  nextLook(mode = "add") {
    const region = mode === "new" ? null : this.region(this.selected);
    return look(region ? region.slot : freeSlot(this.scene.regions.map((one) => one.slot)));
  }

  /** Visible regions with what is needed to draw them, lowest first. */
  shownRegions() {
    return this.scene.regions
      .filter((region) => region.visible && this.layers.outlines.has(region.id))
      .map((region) => ({
        ...region,
        ...look(region.slot),
        number: this.numberOf(region.id),
        outline: this.layers.outlines.get(region.id),
      }));
  }

  select(id, { reveal = false } = {}) {
    if (id === this.selected) return;
    this.selected = this.region(id) ? id : null;
    this.emit("selection");
    if (reveal) this.emit("reveal", id);
  }

  hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    this.emit("hover");
  }

  /** Queue an edit; resolves with the answer or null when it was refused (the user was told). */
  async edit(action, payload, { region = null, gesture = null } = {}) {
    if (region) this.local.set(region, (this.local.get(region) ?? 0) + 1);
    const isSent = this.outbox.push({ action, payload, region, gesture });
    try {
      return await isSent;
    } catch (error) {
      await this.refused(error);
      return null;
    }
  }

  async #send({ action, payload, region, gesture }) {
    const started = performance.now();
    try {
      const request = { ...payload, revision: this.document.revision };
      if (gesture) request.gesture = gesture;
      const answer = await this.server.ask(action, request);
      if (region) this.#arrived(region);
      this.lastCommit = performance.now() - started;
      if (answer.revision !== request.revision) {
        this.unsavedSince = answer.document.saved_at ?? 0;
        this.editedAt = performance.now();
      }
      this.take(answer.document, answer.shapes);
      for (const notice of answer.notices ?? []) this.emit("notice", heard(notice));
      this.emit("committed", { action, payload });
      return answer;
    } catch (error) {
      if (region) this.#arrived(region);
      throw error;
    }
  }

  #arrived(region) {
    const left = (this.local.get(region) ?? 1) - 1;
    if (left > 0) this.local.set(region, left);
    else this.local.delete(region);
  }

  /** An edit did not happen: show why and go back to what the server has. */
  async refused(error) {
    this.ahead.clear();
    if (error.kind !== "stale") this.emit("refused", error);
    const answer = error.answer?.document ? error.answer : await this.server.ask("document").catch(() => null);
    if (answer) this.take(answer.document, answer.shapes, { isWhole: true });
  }

  /** Take over the server's document. Shapes that local edits are about to replace are skipped. */
  take(document, shapes = {}, { isWhole = false } = {}) {
    const isOld = document.revision < this.document.revision && !isWhole;
    if (isOld) return;
    const isResized = document.width !== this.layers.width || document.height !== this.layers.height;
    const isWaiting = this.outbox.waiting.length > 0 && !isWhole;
    this.document = document;
    if (isResized || isWhole) {
      this.layers = new Layers(document.width, document.height);
    }
    for (const [id, shape] of Object.entries(shapes ?? {})) {
      if (this.local.has(id) && !isWhole) continue;
      this.#takeShape(id, shape, document);
    }
    if (isWaiting) {
      this.emit("hints");
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
    if (isResized) this.emit("size");
    this.emit("scene");
    this.emit("sampling");
    this.emit("hints");
  }

  #takeShape(id, shape, document) {
    const mask = maskOf(shape, document.width, document.height);
    const digest = document.regions.find((region) => region.id === id)?.mask ?? null;
    const known = this.layers.mask(id);
    if (known && isSame(known, mask)) {
      this.layers.confirm(id, digest);
    } else this.layers.put(id, mask, digest);
  }

  #reapply() {
    for (const [key, value] of this.ahead) {
      const [kind, id] = key.split(" ");
      if (kind === "gamma" && !id) this.sampling.gamma = value;
      else if (kind === "caption" && !id) this.scene.caption = value;
      else if (this.region(id)) this.region(id)[kind] = value;
    }
  }

  #arrange() {
    const ids = this.scene.regions.map((region) => region.id);
    this.layers.arrange(this.scene.regions.filter((region) => region.visible).map((region) => region.id), ids);
  }

  /** Show a changed list of regions at once, before the server has it. */
  showRegions(regions) {
    this.scene = { ...this.scene, regions };
    this.#arrange();
    this.emit("scene");
  }

  /** Wait until the server has everything, for what needs the whole scene. */
  async settled() {
    await this.outbox.settled();
  }

  /** Why the disk does not take what was done, in one sentence. */
  get saveTrouble() {
    return this.machine?.save_error ?? this.machine?.disk?.trouble ?? "";
  }

  /** An edit whose save is not known yet; after a while it counts as saved, since trouble would have been reported. */
  get isUnsaved() {
    return this.unsavedSince !== null && performance.now() - this.editedAt < SAVE_NEWS;
  }

  /** News of a save: what was edited before it is on the disk now. */
  savedAt(moment) {
    this.document.saved_at = moment;
    if (this.unsavedSince !== null && moment > this.unsavedSince) this.unsavedSince = null;
  }

  savedText() {
    if (this.saveTrouble) return t("not saved");
    if (!this.outbox.isIdle || this.ahead.size || this.isUnsaved) return t("saving…");
    const at = this.document.saved_at;
    if (!at) return "";
    const seconds = Math.max(0, Date.now() / 1000 - at);
    if (seconds < 60) return t("saved");
    return t("saved {n} min ago", { n: Math.round(seconds / 60) });
  }

  get canUndo() {
    return Boolean(this.document.undo);
  }

  get canRedo() {
    return Boolean(this.document.redo);
  }

  get hints() {
    return this.document.hints ?? [];
  }

  hintsOf(id) {
    return this.hints.filter((hint) => hint.region === id);
  }

  hintText(hint) {
    return heard(hint.text);
  }

  /** The gamma that holds for a region: its own, or the scene's. */
  gammaOf(id) {
    return this.region(id)?.gamma ?? this.sampling.gamma;
  }
}

/** Two waiting edits of the same gesture are one: the last value wins. */
function merge(before, after) {
  const isSame = before.gesture && before.gesture === after.gesture && before.action === after.action && before.region === after.region;
  return isSame ? { ...after, payload: { ...before.payload, ...after.payload } } : null;
}
