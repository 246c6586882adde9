/** Styles: which there are, and which the picture and its regions take. */

import { asError } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Parts, StyleChoice, WireStyle } from "../types.mjs" */

const MOST_STYLES = 8; // of the whole picture

export class Styles {
  /** @type {WireStyle[]} */
  list = [];

  /** @param {Pick<Parts, "bus" | "document" | "edits" | "server" | "status" | "typing">} parts */
  constructor({ bus, document, edits, server, status, typing }) {
    this.bus = bus;
    this.document = document;
    this.edits = edits;
    this.server = server;
    this.status = status;
    this.typing = typing;
  }

  async load() {
    try {
      this.#take((await this.status.during(this.server.ask("styles"))).styles);
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
  }

  /** @param {File} file */
  async add(file) {
    try {
      this.status.say(t("Reading {name}…", { name: file.name }));
      this.#take((await this.server.send("add_style", [file])).styles);
      this.status.say("");
    } catch (error) {
      this.status.say("");
      this.bus.emit("refused", asError(error));
    }
  }

  /** @param {WireStyle[]} list */
  #take(list) {
    this.list = list;
    this.bus.emit("styles");
  }

  /** @param {string | null} region null: the whole picture @returns {StyleChoice[]} */
  of(region) {
    if (region === null) return this.document.sampling.styles ?? [];
    const own = this.document.region(region)?.style;
    return own ? [own] : [];
  }

  /** @param {string | null} region */
  hasRoom(region) {
    return this.of(region).length < (region === null ? MOST_STYLES : 1);
  }

  /** What is known of a chosen style's file. @param {StyleChoice} style */
  known(style) {
    return this.list.find((one) => one.digest === style.digest) ?? null;
  }

  /** @param {StyleChoice} style */
  isMissing(style) {
    return (this.document.confirmed.missing_styles ?? []).includes(style.digest);
  }

  /** Put a style on, or change its strength. @param {string | null} region @param {StyleChoice} style */
  put(region, style) {
    if (region !== null) return this.edits.setRegion(region, { style });
    const others = this.of(null);
    const isNew = !others.some((one) => one.digest === style.digest);
    return this.#setWhole(isNew ? [...others, style] : others.map((one) => (one.digest === style.digest ? style : one)));
  }

  /** @param {string | null} region @param {StyleChoice} style */
  drop(region, style) {
    if (region !== null) return this.edits.setRegion(region, { style: null });
    return this.#setWhole(this.of(null).filter((one) => one.digest !== style.digest));
  }

  /** @param {StyleChoice[]} styles */
  #setWhole(styles) {
    return this.edits.setSampling({ styles });
  }

  /** Say a trigger word in the caption that the style listens to. @param {string | null} region @param {string} word */
  sayWord(region, word) {
    const { document, typing } = this;
    const before = (region === null ? document.scene.caption : document.region(region)?.caption) ?? "";
    if (before.toLowerCase().includes(word.toLowerCase())) return;
    typing.typeCaption(region, before ? `${before}, ${word}` : word);
    typing.settleCaption();
  }
}

/** Why a style cannot be chosen, in the page's language. @param {WireStyle} style */
export function faultOf(style) {
  return style.fault ? heard(style.fault) : "";
}
