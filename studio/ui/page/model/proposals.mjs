/** What the segmenter finds in a picture without being asked for anything: offered, then made. */

import { maskOf } from "../core/rle.mjs";
import { trace } from "../core/trace.mjs";
import { asError } from "./server.mjs";
import { t } from "../words/words.mjs";

/** @import { Loops, Parts, Proposal } from "../types.mjs" */

export class Proposals {
  /** @type {Loops[]} of what could become regions */
  outlines = [];

  /** @param {Pick<Parts, "bus" | "server" | "document" | "edits" | "photo" | "pictures" | "jobs">} parts */
  constructor({ bus, server, document, edits, photo, pictures, jobs }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.edits = edits;
    this.photo = photo;
    this.pictures = pictures;
    this.jobs = jobs;
    bus.on("ended", (job) => job.kind === "proposals" && job.state === "done" && bus.emit("proposals", job.proposals ?? []));
  }

  async find() {
    const on = this.photo.image ? "photo" : this.pictures.shownNode;
    if (!on) {
      this.bus.emit("notice", t("The smart click needs a photo or a result. On a blank canvas, draw with the brush, the lasso or the rectangle."));
      return;
    }
    try {
      const { job } = await this.server.ask("proposals", { on });
      this.jobs.add(job);
      this.bus.emit("job");
      this.bus.emit("wake");
    } catch (error) {
      this.bus.emit("refused", asError(error));
    }
  }

  /** Outlines of what could become regions; none takes them away. @param {Proposal[]} proposals */
  show(proposals) {
    const { width, height } = this.document.scene;
    this.outlines = proposals.map(({ shape }) => trace(maskOf(shape, width, height), width, height, shape.box ?? [0, 0, 0, 0]));
    this.bus.emit("layers");
  }

  /** @param {Proposal[]} proposals */
  make(proposals) {
    for (const { shape } of proposals) this.edits.acceptShape(shape, [], { ask: false });
  }
}
