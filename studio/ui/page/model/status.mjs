/** What the status bar says, how long things took, and whether something is awaited. */

/** @import { Parts } from "../types.mjs" */

const STALE = 6000; // ms that a message stays in the status bar

export class Status {
  text = "";
  pending = 0;
  /** @type {Record<string, number>} milliseconds */
  timings = {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;

  /** @param {Pick<Parts, "bus">} parts */
  constructor({ bus }) {
    this.bus = bus;
  }

  /** In the status bar, for a while; what ends in "…" stays. @param {string} text */
  say(text) {
    clearTimeout(this.#silence);
    if (text && !text.endsWith("…")) this.#silence = setTimeout(() => this.say(""), STALE);
    this.text = text;
    this.bus.emit("status");
  }

  /**
   * While something is awaited that is no job of the queue, the bar under the top moves.
   * @template T @param {Promise<T>} work @returns {Promise<T>}
   */
  async during(work) {
    this.pending++;
    this.bus.emit("pending");
    try {
      return await work;
    } finally {
      this.pending--;
      this.bus.emit("pending");
    }
  }

  /** @param {string} name @param {number} milliseconds */
  timing(name, milliseconds) {
    this.timings[name] = milliseconds;
    this.bus.emit("status");
  }
}
