/** What is typed or dragged: shown at once, sent after a pause, one undo step a gesture. */

import { clamp } from "../core/clamp.mjs";
import { debounce } from "../core/debounce.mjs";

/** @import { Parts } from "../types.mjs" */

const TYPING_PAUSE = 400; // ms
const SLIDING_PAUSE = 60; // ms
/** What can be dragged, and the action that sets it for everything. */
const SLIDES = { gamma: "set_sampling", strength: "set_edit", opacity: "set_edit" };

export class Typing {
  gestures = 0;
  isSliding = false; // gamma is being dragged

  /** @param {Pick<Parts, "bus" | "document">} parts */
  constructor({ bus, document }) {
    this.bus = bus;
    this.document = document;
    this.flushCaption = debounce(() => this.#sendCaptions(), TYPING_PAUSE);
    this.flushGamma = debounce(() => this.#sendSlides(), SLIDING_PAUSE);
  }

  /** @param {string} id @param {number} value */
  setRegionGamma(id, value) {
    this.slideRegion(id, "gamma", value);
    this.bus.emit("selection");
  }

  /** A number of one region that is dragged. @param {string} id @param {"gamma" | "opacity" | "strength"} name @param {number} value */
  slideRegion(id, name, value) {
    const region = this.document.region(id);
    if (!region) return;
    this.isSliding = true;
    region[name] = value;
    this.document.ahead.set(`${name} ${id}`, value);
    this.flushGamma();
  }

  /** How much of the photo may change, dragged for the whole edit. @param {number} value */
  slideStrength(value) {
    this.isSliding = true;
    this.document.ahead.set("strength", value);
    this.bus.emit("typing");
    this.flushGamma();
  }

  /** @param {number} value */
  setGamma(value) {
    this.isSliding = true;
    this.document.sampling.gamma = value;
    this.document.ahead.set("gamma", value);
    this.bus.emit("sampling");
    this.flushGamma();
  }

  /** A typed gamma; what cannot be is brought into 0.05 to 1. @param {string} text */
  gammaFrom(text) {
    const value = Number(text);
    return Number.isFinite(value) && text !== "" ? clamp(value, 0.05, 1) : this.document.sampling.gamma;
  }

  settleGamma() {
    this.isSliding = false;
    this.flushGamma.now();
    this.gestures++;
  }

  #sendSlides() {
    for (const [name, whole] of Object.entries(SLIDES)) {
      this.#send(name, (id, value) => {
        const gesture = `${name} ${this.gestures}`;
        return id
          ? this.document.edit("set_region", { region: id, [name]: value }, { gesture: `${gesture} ${id}` })
          : this.document.edit(whole, { [name]: value }, { gesture });
      });
    }
  }

  /** Typing; `id` null is the scene's caption. @param {string | null} id @param {string} text */
  typeCaption(id, text) {
    const { document } = this;
    const held = id === null ? document.scene : document.region(id);
    if (held) held.caption = text;
    document.ahead.set(id === null ? "caption" : `caption ${id}`, text);
    this.bus.emit("typing");
    this.flushCaption();
  }

  settleCaption() {
    this.flushCaption.now();
    this.gestures++;
    this.bus.emit("scene");
  }

  #sendCaptions() {
    this.#send("caption", (id, value) => {
      const gesture = `typing ${this.gestures} ${id ?? "scene"}`;
      return id
        ? this.document.edit("set_region", { region: id, caption: value }, { gesture })
        : this.document.edit("set_scene", { caption: value }, { gesture });
    });
  }

  /** @param {string} kind @param {(id: string | undefined, value: string | number) => Promise<unknown>} edit */
  #send(kind, edit) {
    const { ahead } = this.document;
    for (const [key, value] of [...ahead]) {
      const [what, id] = key.split(" ");
      if (what !== kind) continue;
      edit(id, value).then(() => {
        if (ahead.get(key) !== value) return; // something later is on its way
        ahead.delete(key);
        this.bus.emit("project");
      });
    }
  }

  /** Everything typed or dragged is sent, and the server has everything. */
  async settled() {
    this.flushCaption.now();
    this.flushGamma.now();
    await this.document.outbox.settled();
  }
}
