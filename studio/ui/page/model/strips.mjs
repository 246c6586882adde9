/** The gamma strip: drafts over gamma with the same noise, to scrub through at once. */

import { Pictures } from "./pictures.mjs";
import { loadImage } from "./server.mjs";

const FRAME = 320; // ms of one draft in the sweep

export class Strips extends Pictures {
  strips = [];
  strip = null;
  scrubbed = null;
  isPlaying = false;

  async makeStrip() {
    if (!this.canRender()) return;
    await this.settled();
    const answer = await this.asked("strip", {});
    if (answer) this.took(answer);
    this.emit("strip");
    this.wake();
  }

  /** Drafts arrive one by one; those still missing keep their place. */
  takeStrips(strips) {
    this.strips = strips;
    const strip = strips.at(-1);
    if (!strip) this.strip = null;
    else {
      const before = this.strip?.id === strip.id ? this.strip : null;
      const shots = strip.items.map((item) => {
        const shot = before?.shots.find((one) => one.gamma === item.gamma) ?? { gamma: item.gamma, url: null, picture: null };
        shot.iou = item.iou;
        if (item.image && !shot.url) this.#load(shot, this.server.url(item.image));
        return shot;
      });
      this.strip = { id: strip.id, done: strip.done, shots, isStale: before?.isStale ?? strip.stale };
    }
    this.emit("strip");
  }

  async #load(shot, url) {
    shot.url = url;
    shot.picture = await loadImage(url).catch(() => null);
    const isWhole = this.strip?.done && this.strip.shots.every((one) => one.picture);
    const isWanted = this.isDemo || (isWhole && !this.resultImage);
    if (isWanted && !this.scrubbed && !this.isPlaying) this.scrubTo(this.sampling.gamma);
  }

  /** The drafts that can be shown. */
  get shots() {
    return this.strip?.isStale ? [] : (this.strip?.shots.filter((shot) => shot.picture) ?? []);
  }

  /** While gamma is dragged over a strip, the nearest draft shows at once. */
  scrubTo(gamma) {
    const { shots } = this;
    if (!shots.length) return;
    const nearest = shots.reduce((best, shot) => (Math.abs(shot.gamma - gamma) < Math.abs(best.gamma - gamma) ? shot : best));
    if (nearest === this.scrubbed) return;
    this.scrubbed = nearest;
    this.emit("strip");
    this.emit("result");
  }

  /** After scrubbing, the exact picture follows. */
  async releaseGamma() {
    this.settleGamma();
    if (this.scrubbed && !this.isLive && !this.isPlaying) await this.render(this.quality);
  }

  chooseShot(shot) {
    this.stopPlaying();
    this.setGamma(shot.gamma);
    this.scrubbed = shot.picture && !this.strip.isStale ? shot : null;
    this.emit("strip");
    this.emit("result");
    return this.releaseGamma();
  }

  /** There and back, until it is stopped. */
  playStrip() {
    if (this.isPlaying) {
      this.stopPlaying();
      return;
    }
    if (this.shots.length < 2) return;
    let [index, step] = [0, 1];
    this.isPlaying = true;
    this.player = setInterval(() => {
      const { shots } = this;
      if (shots.length < 2) {
        this.stopPlaying();
        return;
      }
      this.scrubbed = shots[Math.min(index, shots.length - 1)];
      if (index + step < 0 || index + step >= shots.length) step = -step;
      index += step;
      this.emit("strip");
      this.emit("result");
    }, FRAME);
    this.emit("strip");
  }

  stopPlaying() {
    if (!this.isPlaying) return;
    clearInterval(this.player);
    this.isPlaying = false;
    this.scrubbed = null;
    this.emit("strip");
    this.emit("result");
  }
}
