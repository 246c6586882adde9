/** Shapes to stamp onto the canvas: which there are, the one in hand, and how it will lie. */

import { rotated } from "../core/trace.mjs";

/** @import { Loops, Parts, Stamp } from "../types.mjs" */

const FITTING = 0.4; // of the scene's shorter side
const TURN = 15; // degrees of a step

export class Stamps {
  /** @type {Stamp[]} */
  all = [];
  /** @type {Stamp | null} the one in hand */
  chosen = null;
  degrees = 0;
  isMirrored = false;
  #isAsked = false;

  /** @param {Pick<Parts, "bus" | "server" | "document" | "view">} parts */
  constructor({ bus, server, document, view }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.view = view;
  }

  /** They are fetched when they are first wanted. */
  async load() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    try {
      this.all = (await this.server.ask("stamps")).stamps;
      this.chosen ??= this.all[0] ?? null;
      this.bus.emit("stamp");
    } catch (error) {
      this.#isAsked = false;
      throw error;
    }
  }

  /** Those that a word is part of, those that begin with it first. @param {string} words */
  found(words) {
    const wanted = words.trim().toLowerCase();
    if (!wanted) return this.all;
    /** @param {Stamp} stamp */
    const rank = (stamp) => {
      const names = namesOf(stamp);
      if (names.includes(wanted)) return 0;
      if (names.some((name) => name.startsWith(wanted))) return 1;
      return names.some((name) => name.includes(wanted)) ? 2 : 3;
    };
    return this.all.filter((stamp) => rank(stamp) < 3).sort((a, b) => rank(a) - rank(b));
  }

  /** @param {Stamp} stamp */
  choose(stamp) {
    this.chosen = stamp;
    this.bus.emit("stamp");
  }

  mirror() {
    this.isMirrored = !this.isMirrored;
    this.bus.emit("stamp");
  }

  /** @param {number} steps clockwise */
  turn(steps) {
    this.degrees = (((this.degrees + steps * TURN) % 360) + 360) % 360;
    this.bus.emit("stamp");
  }

  /** As wide as it fits. @param {Stamp} stamp */
  fittingWidth(stamp) {
    const { width, height } = this.document.scene;
    return (FITTING * Math.min(width, height) * stamp.size[0]) / Math.max(...stamp.size);
  }

  /**
   * Its outline in pixels of the scene. @param {Stamp} stamp @param {[number, number]} centre @param {number} width
   * @returns {Loops}
   */
  outline(stamp, centre, width) {
    const scale = width / stamp.size[0];
    const across = this.isMirrored ? -scale : scale;
    const upright = stamp.loops.map((loop) => loop.map((value, i) => centre[i % 2] + (value - stamp.size[i % 2] / 2) * (i % 2 ? scale : across)));
    return this.degrees ? rotated(upright, centre, this.degrees) : upright;
  }

  /** In the page's language, where it has a word for it. @param {Stamp} stamp */
  captionOf(stamp) {
    return (this.view.language === "zh" && stamp.chinese[0]) || stamp.caption;
  }

  /** A region of it, with its caption. @param {Stamp} stamp @param {[number, number]} centre @param {number} width */
  async put(stamp, centre, width) {
    const { document, degrees } = this;
    const id = document.newId();
    const [x, y] = centre;
    const payload = { name: stamp.caption, id, x, y, width, degrees, mirrored: this.isMirrored, caption: this.captionOf(stamp) };
    const answer = await document.edit("add_stamp", payload);
    if (answer) document.select(id);
    return answer;
  }
}

/** @param {Stamp} stamp */
function namesOf({ caption, names, chinese }) {
  return [caption, ...names, ...chinese];
}
