/** The pictures that were made: the history, and which one is shown. */

import { isOnStage } from "./jobs.mjs";
import { asError, loadImage } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Scores } from "../photo_types.mjs" */
/** @import { AnswerTo, Frame, History, Job, Parts, PictureNode, Shot, WireNode } from "../types.mjs" */

/** @type {[keyof Scores, string][]} */
const SCORES = [["total", "as a whole {n}"], ["fidelity", "shapes {n}"], ["colours", "colours {n}"], ["growth", "grown by {n}"]];
const KEPT = 24; // decoded pictures

/** How good it was found, in words. @param {Scores} scores */
function scored(scores = {}) {
  const parts = SCORES.flatMap(([name, sentence]) => (scores[name] === undefined ? [] : [t(sentence, { n: scores[name].toFixed(2) })]));
  return parts.length ? [parts.join(" · ")] : [];
}

export class Pictures {
  /** @type {PictureNode[]} */
  history = [];
  /** @type {string | null} */
  shownNode = null;
  picked = 0; // which of the shown node's pictures
  /** @type {HTMLImageElement | null} */
  resultImage = null;
  /** @type {HTMLImageElement | null} of a render on its way */
  previewImage = null;
  /** @type {Shot | null} the draft of the gamma strip that is shown instead */
  scrubbed = null;
  /** @type {{ from: HTMLImageElement | null, at: number } | null} a live picture comes in softly */
  fade = null;
  /** @type {number | undefined} the newest preview */
  frameNumber = undefined;
  /** @type {Map<string, HTMLImageElement>} */
  #images = new Map();

  /** @param {Pick<Parts, "bus" | "server" | "document" | "typing" | "editing" | "jobs" | "view">} parts */
  constructor({ bus, server, document, typing, editing, jobs, view }) {
    this.bus = bus;
    this.server = server;
    this.document = document;
    this.typing = typing;
    this.editing = editing;
    this.jobs = jobs;
    this.view = view;
    bus.on("otherProject", () => this.#forget());
    bus.on("ended", (job) => this.#ended(job));
  }

  #forget() {
    this.shownNode = this.resultImage = this.previewImage = this.scrubbed = null;
  }

  /** @param {Job} job */
  #ended(job) {
    const isGivenUp = isOnStage(job) && job.state !== "done" && job.kind !== "live";
    if (isGivenUp) this.previewImage = null;
    if (isGivenUp || job.kind === "strip") this.bus.emit("result");
  }

  /** @param {History} history */
  take(history) {
    this.history = history.nodes.map((node) => ({
      ...node,
      thumbnail: this.server.url(node.thumbnail),
      time: node.at,
      what: heard(node.changes ?? ""),
      title: [...[node.changes, node.summary].flatMap((text) => (text ? heard(text) : [])), ...scored(node.scores)].join("\n"),
      iou: node.score,
      starred: node.star,
      draft: node.kind !== "final",
    }));
    this.bus.emit("history");
    if (history.shown !== this.shownNode || !this.resultImage) this.#show(history.shown);
    else this.previewImage = null;
  }

  /** @param {string | null} id */
  async #show(id) {
    this.shownNode = id;
    this.picked = 0;
    const node = this.node(id);
    if (!node) {
      this.resultImage = this.previewImage = null;
      this.bus.emit("result");
      this.bus.emit("shown");
      return;
    }
    const image = await this.imageOf(node).catch(() => null);
    if (this.shownNode !== id) return;
    this.fade = this.view.isLive && image ? { from: this.shownImage(), at: performance.now() } : null;
    this.resultImage = image;
    this.previewImage = null;
    this.scrubbed = null;
    this.bus.emit("result");
    this.bus.emit("history");
    this.bus.emit("shown");
  }

  /** One of several pictures of a node. @param {number} index */
  async pick(index) {
    const node = this.node(this.shownNode);
    if (!node) return;
    this.picked = index;
    this.resultImage = await this.imageOf(node, index);
    this.bus.emit("result");
  }

  /** Node pictures never change; the last few stay decoded. @param {WireNode} node */
  async imageOf(node, index = 0) {
    const url = this.server.url(node.images[index]);
    const known = this.#images.get(url);
    if (known) return known;
    const image = await loadImage(url);
    this.#images.set(url, image);
    const [oldest] = this.#images.keys();
    if (this.#images.size > KEPT) this.#images.delete(oldest);
    return image;
  }

  /** A preview of a render on its way. @param {Frame} frame */
  async takeFrame(frame) {
    if (frame.number === this.frameNumber) return;
    this.frameNumber = frame.number;
    if (!this.#isRunning(frame)) return;
    const image = await loadImage(frame.image).catch(() => null);
    if (!image || !this.#isRunning(frame) || frame.number !== this.frameNumber) return; // it came too late
    this.previewImage = image;
    this.scrubbed = null;
    this.bus.emit("result");
  }

  /** @param {Frame} frame */
  #isRunning(frame) {
    const job = this.jobs.list.find((one) => one.id === frame.job);
    return isOnStage(job) && job?.state === "running";
  }

  /** @param {string | null | undefined} id @returns {PictureNode | null} */
  node(id) {
    return this.history.find((node) => node.id === id) ?? null;
  }

  shownImage() {
    return this.scrubbed?.picture ?? this.previewImage ?? this.resultImage;
  }

  /** What is seen of a photo's edit before the photo has it: a preview, or the draft that is shown. */
  get draft() {
    const isDraft = this.node(this.shownNode)?.draft && this.editing.toDo.length > 0;
    return this.previewImage ?? (isDraft ? this.resultImage : null);
  }

  /** What is written beside the result. */
  note() {
    if (this.scrubbed) return `γ ${this.scrubbed.gamma.toFixed(2)} · ${t("strip")}`;
    if (this.previewImage) return this.jobs.progressText();
    const node = this.node(this.shownNode);
    if (!node) return "";
    const draft = node.draft ? ` · ${t("draft")}` : "";
    return `γ ${node.gamma.toFixed(2)} · ${t("seed")} ${node.seed} · ${node.seconds.toFixed(1)} s${draft}`;
  }

  /** @param {string} id */
  async showNode(id) {
    this.bus.emit("pause");
    this.scrubbed = null;
    await this.asked("show", { node: id });
    if (this.shownNode !== id || !this.resultImage) await this.#show(id);
    this.bus.emit("result");
  }

  /**
   * Ask for something about pictures; null when it was refused (the user was told).
   * @template {string} A @param {A} action @param {object} payload @returns {Promise<AnswerTo<A> | null>}
   */
  async asked(action, payload) {
    try {
      const answer = await this.server.ask(action, payload);
      if ("history" in answer && answer.history) this.take(/** @type {History} */ (answer.history));
      return answer;
    } catch (error) {
      this.bus.emit("refused", asError(error));
      return null;
    }
  }

  /** The scene becomes what the picture was made from. @param {string} id */
  async restore(id) {
    await this.typing.settled();
    if (await this.document.edit("restore", { node: id })) {
      this.showNode(id);
      this.bus.emit("notice", t("The scene is as it was for this picture. Undo takes you back."));
    }
  }

  /** @param {string} id */
  star(id) {
    return this.asked("star", { node: id, star: !this.node(id)?.starred });
  }

  /** @param {string} id */
  async deleteNode(id) {
    if (await this.asked("delete_node", { node: id })) {
      this.bus.emit("undoable", { text: t("Picture deleted"), work: () => this.asked("undelete_node", { node: id }) });
    }
  }
}
