/** The smart click: hover shows what a click would take, candidates carry their scores. */

import { trace } from "../core/trace.mjs";
import { h, fill } from "../panels/dom.mjs";
import { maskOf } from "../model/document.mjs";
import * as paint from "./paint.mjs";
import { Tool } from "./tools.mjs";
import { t } from "../words/words.mjs";

const HOVER_PAUSE = 66; // ms; at most 15 previews a second
const DRAG_START = 5; // CSS pixels before a click becomes a box

export class Smart extends Tool {
  points = [];
  box = null;
  drag = null;
  candidates = [];
  index = 0;
  ghost = null;
  sequence = 0;
  lastHover = 0;
  modes = false;

  constructor(app) {
    super(app, "smart", "W", t("Smart click"), t("Click an object; Alt-click or right-click subtracts; drag a box; Tab shows the next candidate; Enter makes the region"));
    this.bar = h("div.candidates", { role: "radiogroup", "aria-label": t("Candidates"), hidden: true });
    app.on("photo result", () => this.isOn && this.#prepare());
  }

  /** There is a photo or a result to click on. */
  get hasPicture() {
    return Boolean(this.app.photo || (this.app.shownNode && this.app.resultImage));
  }

  get isBusy() {
    return this.points.length > 0 || this.box !== null;
  }

  /** Picking the tool encodes the picture, so that the first click is quick. */
  start() {
    this.isOn = true;
    this.#prepare();
  }

  stop() {
    this.isOn = false;
    this.reset();
  }

  #prepare() {
    const on = this.#source({ kind: "layout" }) ?? this.#source({ kind: "result" });
    const picture = on === "photo" ? this.app.document.photo : on;
    if (!on || this.prepared === picture) return;
    this.prepared = picture;
    this.app.say(t("Reading the picture…"));
    this.app.during(this.app.server.ask("embed", { on })).then(
      (answer) => this.app.say(t("{name} ready in {n} ms", { name: answer.segmenter, n: Math.round(answer.seconds * 1000) })),
      () => {
        this.prepared = null;
        this.app.say("");
      },
    );
  }

  /** What a click in this pane looks at. */
  #source(pane) {
    const { app } = this;
    const isPhoto = pane.kind === "layout" || (pane.kind === "wipe" && app.photo);
    if (isPhoto && app.photo) return "photo";
    return app.shownNode && app.resultImage ? app.shownNode : app.photo ? "photo" : null;
  }

  down(point) {
    this.source = this.#source(point.pane);
    if (!this.source) {
      this.app.setTool("smart"); // says why not, and gives a shape tool
      return;
    }
    this.drag = { from: point, to: point, negative: point.alt || point.secondary };
  }

  move(point) {
    if (this.drag) this.drag.to = point;
  }

  up() {
    const { drag } = this;
    this.drag = null;
    if (!drag) return;
    const isBox = Math.hypot(drag.from.sx - drag.to.sx, drag.from.sy - drag.to.sy) > DRAG_START;
    if (isBox) {
      this.points = [];
      this.box = [Math.min(drag.from.x, drag.to.x), Math.min(drag.from.y, drag.to.y), Math.max(drag.from.x, drag.to.x), Math.max(drag.from.y, drag.to.y)];
    } else this.points.push([drag.from.x, drag.from.y, drag.negative ? 0 : 1]);
    this.#ask();
  }

  hover(point) {
    const now = performance.now();
    if (this.isBusy || now - this.lastHover < HOVER_PAUSE || this.isAsking) return;
    const on = this.#source(point.pane);
    const { scene } = this.app;
    if (!on || point.x < 0 || point.y < 0 || point.x >= scene.width || point.y >= scene.height) return;
    this.lastHover = now;
    this.isAsking = true;
    const sequence = ++this.sequence;
    this.app.server
      .ask("segment", { on, points: [[point.x, point.y, 1]], hover: true, sequence })
      .then((answer) => {
        if (sequence !== this.sequence || this.isBusy) return;
        this.ghost = this.#outlined(answer.candidates[answer.best]);
        this.app.stage.redrawLive();
      })
      .catch(() => {})
      .finally(() => (this.isAsking = false));
  }

  leave() {
    this.ghost = null;
    this.sequence++;
  }

  async #ask() {
    const sequence = ++this.sequence;
    const request = { on: this.source, points: this.points, sequence };
    if (this.box) request.box = this.box;
    const started = performance.now();
    try {
      const answer = await this.app.server.ask("segment", request);
      if (sequence !== this.sequence) return;
      this.candidates = answer.candidates.map((one) => this.#outlined(one));
      this.index = answer.best;
      this.ghost = null;
      this.app.timing("click", performance.now() - started);
      this.#show();
    } catch (error) {
      if (error.kind !== "stale") this.app.emit("refused", error);
      this.points.pop();
    }
    this.app.stage.redrawLive();
  }

  #outlined(candidate) {
    if (!candidate?.shape.box) return null;
    const { width, height } = this.app.scene;
    const mask = maskOf(candidate.shape, width, height);
    return { ...candidate, loops: trace(mask, width, height, candidate.shape.box) };
  }

  /** Tab: the next candidate. */
  next(step = 1) {
    if (this.candidates.length < 2) return false;
    this.index = (this.index + step + this.candidates.length) % this.candidates.length;
    this.#show();
    this.app.stage.redrawLive();
    return true;
  }

  #show() {
    const names = { part: t("part"), object: t("object"), group: t("group") };
    fill(
      this.bar,
      ...this.candidates.map((one, index) =>
        h("button.btn", { role: "radio", "aria-checked": String(index === this.index), onclick: () => this.next(index - this.index) }, `${names[one?.name] ?? ""} ${one ? one.score.toFixed(2) : ""}`),
      ),
      h("button.btn.primary", { onclick: () => this.accept() }, t("Make region"), h("kbd", {}, "↵")),
    );
    this.bar.hidden = false;
    if (!this.bar.isConnected) this.app.stage.element.append(this.bar);
    const last = this.points.at(-1) ?? [this.box[2], this.box[3]];
    const [px, py] = this.app.stage.toPage(last[0], last[1], this.#pane());
    const host = this.app.stage.element.getBoundingClientRect();
    this.bar.style.left = `${Math.min(px - host.left, host.width - this.bar.offsetWidth - 20)}px`;
    this.bar.style.top = `${Math.min(py - host.top, host.height - 60)}px`;
  }

  #pane() {
    const { panes } = this.app.stage;
    return this.source === "photo" ? 0 : panes.length - 1;
  }

  accept() {
    const chosen = this.candidates[this.index];
    if (!chosen) return;
    const clicks = this.points;
    this.reset();
    this.app.acceptShape(chosen.shape, clicks);
  }

  /** Escape takes everything back. */
  cancel() {
    this.reset();
  }

  reset() {
    this.points = [];
    this.box = null;
    this.drag = null;
    this.candidates = [];
    this.ghost = null;
    this.sequence++;
    this.bar.hidden = true;
    this.app.stage?.redrawLive();
  }

  draw(context, stage, pane) {
    const { view } = stage;
    const chosen = this.candidates[this.index];
    if (chosen) paint.regionFill(context, view, { outline: chosen, colour: this.app.nextLook("new").colour, pattern: "plain" }, 0.45);
    if (chosen) paint.outline(context, view, chosen.loops, { colour: this.app.nextLook("new").colour, width: 2 });
    else if (this.ghost) paint.outline(context, view, this.ghost.loops, { colour: "#fff", width: 1.5, halo: 1, dash: [6, 4] });
    for (const point of this.points) paint.clickDot(context, view, point);
    const { drag } = this;
    if (!drag || drag.from.pane !== pane) return;
    context.strokeStyle = "#fff";
    context.setLineDash([5, 4]);
    context.strokeRect(drag.from.sx, drag.from.sy, drag.to.sx - drag.from.sx, drag.to.sy - drag.from.sy);
    context.setLineDash([]);
  }
}
