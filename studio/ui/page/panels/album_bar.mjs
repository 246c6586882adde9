/** Which of several photos is open, and the way to the next. */

import { h, patch } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

export class AlbumBar {
  /** @param {Pick<Parts, "bus" | "album">} parts */
  constructor({ bus, album }) {
    this.album = album;
    this.count = h("span", { "aria-live": "polite" });
    this.previous = this.#button("chevronLeft", `${t("Previous photo")} (←)`, -1);
    this.next = this.#button("chevronRight", `${t("Next photo")} (→)`, 1);
    this.element = h("div.album", { role: "group", "aria-label": t("Photos"), hidden: true }, this.previous, this.count, this.next);
    bus.onAny(["album", "project"], () => this.update());
  }

  /** @param {string} name @param {string} label @param {number} step */
  #button(name, label, step) {
    return h("button.btn.ghost.icon.small", { title: label, "aria-label": label, onclick: () => this.album.go(step) }, icon(name, 14));
  }

  update() {
    const { album } = this;
    this.element.hidden = !album.isHere;
    patch(this.count, "textContent", t("{n} of {all}", { n: album.at + 1, all: album.photos.length }));
    patch(this.count, "title", album.photos[album.at]?.name ?? "");
    patch(this.previous, "disabled", album.at === 0);
    patch(this.next, "disabled", album.at + 1 >= album.photos.length);
  }
}
