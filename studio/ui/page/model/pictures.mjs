/** The pictures that were made: the history, which one is shown, and what it is compared with. */

import { Editing } from "./edits.mjs";
import { loadImage } from "./server.mjs";
import { heard, t } from "../words/words.mjs";

const KEPT = 24; // decoded pictures

export class Pictures extends Editing {
  history = [];
  shownNode = null;
  resultImage = null;
  previewImage = null;
  compareImage = null;
  comparedNode = null;
  difference = null;
  obtained = new Map();
  modelView = null;
  images = new Map();

  takeHistory(history) {
    this.history = history.nodes.map((node) => ({
      ...node,
      thumbnail: this.server.url(node.thumbnail),
      time: node.at,
      what: heard(node.changes ?? ""),
      title: [node.changes, node.summary].filter(Boolean).map(heard).join("\n"),
      iou: node.score,
      starred: node.star,
      draft: node.kind !== "final",
    }));
    if (this.comparedNode && !this.node(this.comparedNode)) this.comparedNode = this.compareImage = null;
    this.emit("history");
    if (history.shown !== this.shownNode || !this.resultImage) this.#showImage(history.shown);
    else this.previewImage = null;
  }

  async #showImage(id) {
    this.shownNode = id;
    this.picked = 0;
    const node = this.node(id);
    if (!node) {
      this.resultImage = this.previewImage = null;
      this.obtained = new Map();
      this.emit("result");
      return;
    }
    const image = await this.imageOf(node).catch(() => null);
    if (this.shownNode !== id) return;
    this.fade = this.isLive && image ? { from: this.shownImage(), at: performance.now() } : null;
    this.resultImage = image;
    this.previewImage = null;
    this.scrubbed = null;
    this.emit("result");
    this.emit("history");
    this.loadContours();
    this.loadDifference();
  }

  /** One of several pictures of a node. */
  async pick(index) {
    this.picked = index;
    this.resultImage = await this.imageOf(this.node(this.shownNode), index);
    this.emit("result");
  }

  /** Node pictures never change; the last few stay decoded. */
  async imageOf(node, index = 0) {
    const url = this.server.url(node.images[index]);
    if (!this.images.has(url)) {
      this.images.set(url, await loadImage(url));
      if (this.images.size > KEPT) this.images.delete(this.images.keys().next().value);
    }
    return this.images.get(url);
  }

  node(id) {
    return this.history.find((node) => node.id === id) ?? null;
  }

  shownImage() {
    return this.scrubbed?.picture ?? this.previewImage ?? this.resultImage;
  }

  resultNote() {
    if (this.scrubbed) return `γ ${this.scrubbed.gamma.toFixed(2)} · ${t("strip")}`;
    if (this.previewImage) return this.progressText();
    const node = this.node(this.shownNode);
    if (!node) return "";
    const draft = node.draft ? ` · ${t("draft")}` : "";
    return `γ ${node.gamma.toFixed(2)} · ${t("seed")} ${node.seed} · ${node.seconds.toFixed(1)} s${draft}`;
  }

  async showNode(id) {
    this.stopPlaying();
    this.scrubbed = null;
    await this.asked("show", { node: id });
    if (this.shownNode !== id || !this.resultImage) await this.#showImage(id);
    this.emit("result");
  }

  /** Ask for something about pictures; null when it was refused (the user was told). */
  async asked(action, payload) {
    try {
      const answer = await this.server.ask(action, payload);
      if (answer.history) this.takeHistory(answer.history);
      return answer;
    } catch (error) {
      this.emit("refused", error);
      return null;
    }
  }

  async restore(id) {
    await this.settled();
    if (await this.edit("restore", { node: id })) {
      this.showNode(id);
      this.emit("notice", t("The scene is as it was for this picture. Undo takes you back."));
    }
  }

  star(id) {
    return this.asked("star", { node: id, star: !this.node(id)?.starred });
  }

  async deleteNode(id) {
    if (await this.asked("delete_node", { node: id })) {
      this.emit("undoable", { text: t("Picture deleted"), work: () => this.asked("undelete_node", { node: id }) });
    }
  }

  // Comparing: a picture of the history (A) with the one that is shown (B)

  async compareWith(id) {
    const node = this.node(id);
    if (!node || this.comparedNode === id) {
      this.comparedNode = this.compareImage = null;
    } else {
      this.compareImage = await this.imageOf(node).catch(() => null);
      this.comparedNode = id;
      if (this.viewMode !== "diff" && this.viewMode !== "wipe") this.setView("wipe");
    }
    this.emit("history");
    this.emit("result");
    await this.loadDifference();
  }

  /** Without a choice the difference is to what the shown picture was made from. */
  async compareByItself() {
    if (this.comparedNode || this.photo || this.history.length < 2) return this.loadDifference();
    const shown = this.node(this.shownNode);
    const before = this.node(shown?.parent) ?? this.history.filter((node) => node.id !== this.shownNode).at(-1);
    return before ? this.compareWith(before.id) : null;
  }

  /** The heat map of A against B, how large the difference is, and what was changed between. */
  async loadDifference() {
    const [a, b] = [this.comparedNode, this.shownNode];
    if (this.viewMode !== "diff" || !a || !b || a === b) return;
    if (this.difference?.a === a && this.difference.b === b) return;
    const found = await this.asked("compare", { a, b });
    const image = found && (await loadImage(this.server.url(found.difference)).catch(() => null));
    if (!image || this.comparedNode !== a || this.shownNode !== b) return;
    this.difference = { a, b, image, changes: heard(found.changes), mean: found.mean, largest: found.largest };
    this.emit("result");
  }

  /** The heat map of what is compared now. */
  get shownDifference() {
    const { difference } = this;
    return difference && difference.a === this.comparedNode && difference.b === this.shownNode ? difference : null;
  }

  compareName() {
    if (this.comparedNode) return t("A: γ {g}", { g: this.node(this.comparedNode)?.gamma.toFixed(2) ?? "" });
    return this.photo ? t("against the photo") : "";
  }

  // Asked and obtained

  async loadContours() {
    if (!this.showsContours || !this.shownNode) return;
    const answer = await this.server.ask("contours", { node: this.shownNode }).catch(() => null);
    this.obtained = new Map((answer?.regions ?? []).filter((region) => region.got).map((region) => [region.id, region.got.map((loop) => loop.flat())]));
    this.emit("contours");
  }

  takeFidelity(fidelity) {
    for (const region of [...this.scene.regions, ...this.document.regions]) {
      if (fidelity[region.id]) region.fidelity = { node: this.shownNode, ...fidelity[region.id] };
    }
    this.emit("scores");
    this.loadContours();
  }

  scoreOf(id) {
    const { fidelity } = this.region(id) ?? {};
    if (!fidelity) return null;
    if (fidelity.measurable === false) return { iou: null, note: heard(fidelity.reason ?? "") || t("Not measurable: too small for the segmenter.") };
    return fidelity.iou === null ? null : { iou: fidelity.iou };
  }

  async adopt() {
    const { selected, shownNode } = this;
    if (!selected || !shownNode) {
      this.emit("notice", t("Make a picture first: its measured shapes can be adopted."));
      return;
    }
    await this.edit("adopt_shape", { node: shownNode, region: selected });
  }

  // What the model sees

  async toggleModel() {
    this.showsModel = !this.showsModel;
    if (this.showsModel && this.viewMode !== "split" && this.viewMode !== "layout") this.setView("layout");
    if (this.showsModel) await this.lookAgain();
    this.emit("model");
  }

  async lookAgain() {
    if (this.isLooking || this.outbox.waiting.length) return;
    this.isLooking = true;
    try {
      this.modelView = await this.server.ask("model_view");
    } catch (error) {
      this.emit("refused", error);
      this.showsModel = false;
    }
    this.isLooking = false;
    this.emit("model");
  }
}
