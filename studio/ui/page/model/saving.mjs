/** Whether what was done is on the disk: said only when the server has told of a later save. */

import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

const SAVE_NEWS = 10_000; // ms

export class Saving {
  /** @type {number | null} the last save known when something was edited after it */
  #unsavedSince = null;
  #editedAt = 0;

  /** @param {Pick<Parts, "bus" | "document" | "machine">} parts */
  constructor({ bus, document, machine }) {
    this.document = document;
    this.machine = machine;
    bus.on("edited", (lastSave) => {
      this.#unsavedSince = lastSave;
      this.#editedAt = performance.now();
    });
  }

  /** Why the disk does not take what was done, in one sentence. */
  get trouble() {
    const { status } = this.machine;
    return status.save_error ?? status.disk?.trouble ?? "";
  }

  /** An edit whose save is not known yet; after a while it counts as saved, since trouble would have been reported. */
  get isUnsaved() {
    return this.#unsavedSince !== null && performance.now() - this.#editedAt < SAVE_NEWS;
  }

  /** Another project, or the same opened anew: nothing of it waits here. */
  begin() {
    this.#unsavedSince = null;
  }

  /** News of a save: what was edited before it is on the disk now. @param {number} moment */
  savedAt(moment) {
    this.document.confirmed.saved_at = moment;
    if (this.#unsavedSince !== null && moment > this.#unsavedSince) this.#unsavedSince = null;
  }

  text() {
    const { document } = this;
    if (this.trouble) return t("not saved");
    if (!document.outbox.isIdle || document.ahead.size || this.isUnsaved) return t("saving…");
    const at = document.confirmed.saved_at;
    if (!at) return "";
    const seconds = Math.max(0, Date.now() / 1000 - at);
    if (seconds < 60) return t("saved");
    return t("saved {n} min ago", { n: Math.round(seconds / 60) });
  }
}
