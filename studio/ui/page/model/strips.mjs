/** The gamma strip: drafts over gamma with the same noise, to scrub through at once. */

import { loadImage } from "./server.mjs";
import { heard } from "../words/words.mjs";

/** @import { Edit, Parts, Shot, Strip, WireStrip } from "../types.mjs" */

const FRAME = 320; // ms of one draft in the sweep

export class Strips {
  /** @type {Strip | null} the latest */
  strip = null;
  isPlaying = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #player;

  /** @param {Pick<Parts, "bus" | "server" | "document" | "typing" | "pictures" | "renders" | "view">} parts */
  constructor({ bus, server, document, typing, pictures, renders, view }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.typing = typing;
    this.pictures = pictures;
    this.renders = renders;
    this.view = view;
    bus.on("committed", (edit) => this.#afterEdit(edit));
    bus.on("sampling", () => this.strip && document.ahead.has("gamma") && this.scrubTo(document.sampling.gamma));
    bus.on("pause", () => this.stop());
    bus.on("otherProject", () => (this.strip = null));
    bus.on("ended", (job) => job.kind === "auto_gamma" && job.state === "done" && this.#found());
  }

  make() {
    return this.#ask("strip", {});
  }

  /** Look for the loosest gamma that keeps every shape's overlap. @param {number} wish */
  loosen(wish) {
    return this.#ask("auto_gamma", { wish });
  }

  /** @param {"strip" | "auto_gamma"} action @param {object} payload */
  async #ask(action, payload) {
    if (!this.renders.canRender()) return;
    await this.typing.settled();
    const answer = await this.pictures.asked(action, payload);
    if (answer) this.renders.took(answer);
    this.bus.emit("strip");
    this.bus.emit("wake");
  }

  /** The gamma that was found is set by the studio; its draft shows, and what was measured is told. */
  async #found() {
    await this.document.refresh();
    const { found, note } = this.strip ?? {};
    if (found) this.scrubTo(found);
    if (note) this.bus.emit("notice", heard(note));
  }

  /** Drafts arrive one by one; those still missing keep their place. @param {WireStrip[]} strips the oldest first */
  take(strips) {
    const strip = strips.at(-1);
    if (!strip) this.strip = null;
    else {
      const before = this.strip?.id === strip.id ? this.strip : null;
      const shots = strip.items.map((item) => {
        /** @type {Shot} */
        const shot = before?.shots.find((one) => one.gamma === item.gamma) ?? { gamma: item.gamma, url: null, picture: null, iou: null };
        shot.iou = item.iou;
        if (item.image && !shot.url) this.#load(shot, this.server.url(item.image));
        return shot;
      });
      const { id, done, found = null, note = "" } = strip;
      this.strip = { id, done, shots, isStale: before?.isStale ?? strip.stale, found, note };
    }
    this.bus.emit("strip");
  }

  /** @param {Shot} shot @param {string} url */
  async #load(shot, url) {
    shot.url = url;
    shot.picture = await loadImage(url).catch(() => null);
    const { pictures } = this;
    const isWhole = this.strip?.done && this.strip.shots.every((one) => one.picture);
    const isWanted = this.view.isDemo || (isWhole && !pictures.resultImage);
    if (isWanted && !pictures.scrubbed && !this.isPlaying) this.scrubTo(this.document.sampling.gamma);
  }

  /** The drafts of a strip show its scene; all edits but of gamma make it another. @param {Edit} edit */
  #afterEdit({ action, payload }) {
    const isJustGamma = action === "set_sampling" && Object.keys(payload).every((name) => name === "gamma" || name === "count");
    if (!this.strip || this.strip.isStale || isJustGamma) return;
    this.strip.isStale = true;
    this.#scrub(null);
  }

  /** @param {Shot | null} shot */
  #scrub(shot) {
    this.pictures.scrubbed = shot;
    this.bus.emit("strip");
    this.bus.emit("result");
  }

  /** The drafts that can be shown. */
  get shots() {
    return this.strip?.isStale ? [] : (this.strip?.shots.filter((shot) => shot.picture) ?? []);
  }

  /** While gamma is dragged over a strip, the nearest draft shows at once. @param {number} gamma */
  scrubTo(gamma) {
    const { shots } = this;
    if (!shots.length) return;
    const nearest = shots.reduce((best, shot) => (Math.abs(shot.gamma - gamma) < Math.abs(best.gamma - gamma) ? shot : best));
    if (nearest !== this.pictures.scrubbed) this.#scrub(nearest);
  }

  /** After scrubbing, the exact picture follows. */
  async releaseGamma() {
    this.typing.settleGamma();
    if (this.pictures.scrubbed && !this.view.isLive && !this.isPlaying) await this.renders.render();
  }

  /** @param {Shot} shot */
  choose(shot) {
    this.stop();
    this.typing.setGamma(shot.gamma);
    this.#scrub(shot.picture && !this.strip?.isStale ? shot : null);
    return this.releaseGamma();
  }

  /** There and back, until it is stopped. */
  play() {
    if (this.isPlaying) {
      this.stop();
      return;
    }
    if (this.shots.length < 2) return;
    let [index, step] = [0, 1];
    this.isPlaying = true;
    this.#player = setInterval(() => {
      const { shots } = this;
      if (shots.length < 2) {
        this.stop();
        return;
      }
      const shot = shots[Math.min(index, shots.length - 1)];
      if (index + step < 0 || index + step >= shots.length) step = -step;
      index += step;
      this.#scrub(shot);
    }, FRAME);
    this.bus.emit("strip");
  }

  stop() {
    if (!this.isPlaying) return;
    clearInterval(this.#player);
    this.isPlaying = false;
    this.#scrub(null);
  }
}
