/** Making pictures and looking at them: jobs, previews, live drafts, the strip, the history. */

import { Editing } from "./editing.mjs";
import { loadImage } from "./server.mjs";
import { t } from "./words.mjs";

const KINDS_ON_STAGE = new Set(["final", "draft", "live"]);
const IDLE_PAUSE = 4000; // ms between polls while nothing runs

export class Rendering extends Editing {
  jobs = [];
  history = [];
  strips = [];
  shownNode = null;
  resultImage = null;
  previewImage = null;
  compareImage = null;
  comparedNode = null;
  obtained = new Map();
  modelView = null;
  scrubbed = null;
  isPlaying = false;
  isLive = false;
  isSeedLocked = true;
  quality = "final";
  queue = null;
  machine = {};
  seen = undefined;
  lastJob = null;
  images = new Map();
  startingAt = 0;

  constructor(server) {
    super(server);
    this.on("committed", (action) => this.#afterEdit(action));
  }

  /** The job on the stage: the newest one of this tab that is waiting or running. */
  get job() {
    const active = this.jobs.filter((job) => job.state === "waiting" || job.state === "running");
    return active.at(-1) ?? (this.startingAt ? { kind: "final", state: "waiting", position: 0 } : null);
  }

  get progress() {
    const { job } = this;
    return job?.steps ? job.step / job.steps : 0;
  }

  canRender() {
    const { scene } = this;
    return this.server.isConnected && this.machine.ready !== false && (scene.regions.some((one) => one.visible) || Boolean(scene.caption?.trim()));
  }

  async render(quality = this.quality) {
    if (!this.canRender() || this.startingAt) return;
    this.startingAt = performance.now();
    this.emit("job");
    try {
      await this.settled();
      if (!this.isSeedLocked && quality !== "live") await this.rollSeed();
      this.#took(await this.server.ask("render", { quality, count: this.sampling.count }));
    } catch (error) {
      this.emit("refused", error);
    }
    this.startingAt = 0;
    this.emit("job");
    this.wake();
  }

  #took(answer) {
    if (answer.job) this.jobs = [...this.jobs.filter((job) => job.id !== answer.job.id), answer.job];
    if (answer.node) this.showNode(answer.node);
  }

  async cancel() {
    const { job } = this;
    if (!job) return false;
    this.stopPlaying();
    try {
      await this.server.ask("cancel", job.id ? { job: job.id } : {});
    } catch (error) {
      this.emit("refused", error);
    }
    this.wake();
    return true;
  }

  // Live: every committed change starts a draft; the server keeps only the latest.

  toggleLive() {
    this.isLive = !this.isLive;
    this.emit("liveMode");
    if (this.isLive) this.#drawLive();
    else if (this.job?.kind === "live") this.cancel();
  }

  #afterEdit(action) {
    if (this.strip && !this.strip.isStale && action !== "set_sampling") {
      this.strip.isStale = true; // its drafts show another scene
      this.scrubbed = null;
      this.emit("strip");
      this.emit("result");
    }
    if (this.showsModel) this.#lookAgain();
    if (this.isLive && action !== "restore") this.#drawLive();
  }

  #drawLive() {
    if (!this.canRender() || this.outbox.waiting.length) return; // a later edit follows
    this.server
      .ask("render", { quality: "live" })
      .then((answer) => {
        this.#took(answer);
        this.wake();
      })
      .catch((error) => error.kind !== "busy" && this.emit("refused", error));
  }

  // Polling: waits at the server while something runs, calm otherwise.

  startPolling() {
    this.isPolling = true;
    this.#poll();
  }

  /** Poll now, not at the end of the pause. */
  wake() {
    this.wakeUp?.();
  }

  async #poll() {
    while (this.isPolling) {
      const isActive = this.jobs.some((job) => job.state === "waiting" || job.state === "running");
      try {
        const news = await this.server.ask("poll", { seen: this.seen, frame: this.frameNumber, wait: isActive ? 2 : 0 });
        this.takeNews(news);
        if (isActive) continue;
      } catch (error) {
        if (error.kind === "expired") await this.reopen();
      }
      const isSoon = !this.server.isConnected || this.machine.ready === false;
      await this.#pause(isSoon ? 1000 : IDLE_PAUSE);
    }
  }

  #pause(time) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, time);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  takeNews(news) {
    this.seen = news.seen;
    this.queue = news.queue ?? this.queue;
    if (news.status) this.#takeStatus(news.status);
    if (news.saved_at) this.document.saved_at = news.saved_at;
    if (news.jobs) this.#takeJobs(news.jobs);
    if (news.frame) this.#takeFrame(news.frame);
    if (news.strips) this.#takeStrips(news.strips);
    if (news.history) this.takeHistory(news.history);
    if (news.fidelity) this.#takeFidelity(news.fidelity);
    if (news.revision > this.document.revision && this.outbox.isIdle && !this.ahead.size) this.refresh();
    this.emit("job");
    this.emit("status");
  }

  #takeStatus(status) {
    const wasReady = this.machine.ready;
    this.machine = status;
    if (status.ready && wasReady === false) this.modelArrived();
    if (status.error && status.error !== this.toldError) this.emit("refused", new Error(status.error));
    this.toldError = status.error;
    this.emit("device");
  }

  /** Another tab changed the project. */
  async refresh() {
    const answer = await this.server.ask("document").catch(() => null);
    if (answer) this.take(answer.document, answer.shapes, { isWhole: true });
  }

  #takeJobs(jobs) {
    const before = new Map(this.jobs.map((job) => [job.id, job.state]));
    this.jobs = jobs;
    for (const job of jobs) {
      const was = before.get(job.id);
      if (was === job.state || (!was && job.state !== "failed")) continue;
      if (job.state === "failed") this.emit("refused", new Error(job.error ?? t("The job failed.")));
      if (job.state !== "running" && job.state !== "waiting") this.#ended(job);
    }
  }

  #ended(job) {
    if (job.state === "done" && job.summary) this.lastJob = job;
    if (KINDS_ON_STAGE.has(job.kind) && job.state !== "done" && job.kind !== "live") {
      this.previewImage = null;
      this.statusText = job.state === "cancelled" ? t("Cancelled") : "";
      this.emit("result");
    }
    if (job.kind === "proposals" && job.state === "done") this.emit("proposals", job.proposals ?? []);
    if (job.kind === "load" && job.state === "done") this.reopen();
  }

  async #takeFrame(frame) {
    if (frame.number === this.frameNumber) return;
    this.frameNumber = frame.number;
    const job = this.jobs.find((one) => one.id === frame.job);
    if (!KINDS_ON_STAGE.has(job?.kind) || job.state !== "running") return;
    const image = await loadImage(frame.image).catch(() => null);
    const isRunning = this.jobs.some((one) => one.id === frame.job && one.state === "running");
    if (!image || !isRunning || frame.number !== this.frameNumber) return; // it came too late
    this.previewImage = image;
    this.scrubbed = null;
    this.emit("result");
  }

  takeHistory(history) {
    this.history = history.nodes.map((node) => ({
      ...node,
      thumbnail: this.server.url(node.thumbnail),
      time: node.at,
      what: node.changes ?? "",
      title: [node.changes, node.summary].filter(Boolean).join("\n"),
      iou: node.score,
      starred: node.star,
      draft: node.kind !== "final",
    }));
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
    this.resultImage = image;
    this.previewImage = null;
    this.scrubbed = null;
    this.emit("result");
    this.emit("history");
    this.loadContours();
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
      if (this.images.size > 24) this.images.delete(this.images.keys().next().value);
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
    if (this.scrubbed) return `γ ${this.scrubbed.gamma.toFixed(2)} · ${t("draft")}`;
    if (this.previewImage) return this.job?.steps ? `${this.job.step}/${this.job.steps}` : "";
    const node = this.node(this.shownNode);
    if (!node) return "";
    const draft = node.draft ? ` · ${t("draft")}` : "";
    return `γ ${node.gamma.toFixed(2)} · ${t("seed")} ${node.seed} · ${node.seconds.toFixed(1)} s${draft}`;
  }

  async showNode(id) {
    this.stopPlaying();
    this.scrubbed = null;
    await this.#ask("show", { node: id });
    if (this.shownNode !== id || !this.resultImage) await this.#showImage(id);
    this.emit("result");
  }

  async #ask(action, payload) {
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
    return this.#ask("star", { node: id, star: !this.node(id)?.starred });
  }

  async deleteNode(id) {
    if (await this.#ask("delete_node", { node: id })) {
      this.emit("undoable", { text: t("Picture deleted"), work: () => this.#ask("undelete_node", { node: id }) });
    }
  }

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
  }

  compareName() {
    if (this.comparedNode) return t("A: γ {g}", { g: this.node(this.comparedNode)?.gamma.toFixed(2) ?? "" });
    return this.photo ? t("against the photo") : t("choose a picture in the history to compare");
  }

  async loadContours() {
    if (!this.showsContours || !this.shownNode) return;
    const answer = await this.server.ask("contours", { node: this.shownNode }).catch(() => null);
    this.obtained = new Map((answer?.regions ?? []).filter((region) => region.got).map((region) => [region.id, region.got.map((loop) => loop.flat())]));
    this.emit("contours");
  }

  #takeFidelity(fidelity) {
    for (const region of this.scene.regions) {
      if (fidelity[region.id]) region.fidelity = { node: this.shownNode, ...fidelity[region.id] };
    }
    for (const region of this.document.regions) {
      if (fidelity[region.id]) region.fidelity = { node: this.shownNode, ...fidelity[region.id] };
    }
    this.emit("scores");
    this.loadContours();
  }

  scoreOf(id) {
    const { fidelity } = this.region(id) ?? {};
    if (!fidelity) return null;
    if (fidelity.measurable === false) return { iou: null, note: fidelity.reason ?? t("Not measurable: too small for the segmenter.") };
    return fidelity.iou === null ? null : { iou: fidelity.iou };
  }

  // The gamma strip: drafts with the same noise.

  async makeStrip() {
    if (!this.canRender()) return;
    await this.settled();
    const answer = await this.#ask("strip", {});
    if (answer) this.#took(answer);
    this.wake();
  }

  #takeStrips(strips) {
    this.strips = strips;
    const strip = strips.at(-1);
    if (!strip) this.strip = null;
    else {
      const known = this.strip?.id === strip.id ? this.strip.shots : [];
      const shots = strip.items.filter((item) => item.image).map((item) => {
        const url = this.server.url(item.image);
        const shot = known.find((one) => one.url === url) ?? { url, gamma: item.gamma };
        shot.iou = item.iou;
        if (!shot.picture) loadImage(url).then((picture) => (shot.picture = picture)).catch(() => {});
        return shot;
      });
      const isStale = this.strip?.id === strip.id && this.strip.isStale;
      this.strip = { id: strip.id, done: strip.done, shots, isStale };
    }
    this.emit("strip");
  }

  /** While gamma is dragged over a strip, the nearest draft shows at once. */
  scrubTo(gamma) {
    const shots = this.strip?.isStale ? [] : (this.strip?.shots.filter((shot) => shot.picture) ?? []);
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

  playStrip() {
    if (this.isPlaying) {
      this.stopPlaying();
      return;
    }
    const shots = this.strip?.shots ?? [];
    let [index, step] = [0, 1];
    this.isPlaying = true;
    this.player = setInterval(() => {
      this.scrubbed = shots[index];
      if (index + step < 0 || index + step >= shots.length) step = -step;
      index += step;
      this.emit("strip");
      this.emit("result");
    }, 320);
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

  async toggleModel() {
    this.showsModel = !this.showsModel;
    if (this.showsModel && this.viewMode !== "split" && this.viewMode !== "layout") this.setView("layout");
    if (this.showsModel) await this.#lookAgain();
    this.emit("model");
  }

  async #lookAgain() {
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

  async adopt() {
    const { selected, shownNode } = this;
    if (!selected || !shownNode) {
      this.emit("notice", t("Make a picture first: its measured shapes can be adopted."));
      return;
    }
    await this.edit("adopt_shape", { node: shownNode, region: selected });
  }
}
