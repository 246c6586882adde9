/** The smart click: hover shows what a click would take, candidates carry their scores. */

import { Candidates } from "./candidates.mjs";
import * as paint from "./paint.mjs";
import { maskOf } from "../core/rle.mjs";
import { trace } from "../core/trace.mjs";
import { asError, isRefusal } from "../model/server.mjs";
import { Tool } from "./tool.mjs";
import { t } from "../words/words.mjs";

/** @import { Box, Candidate, Click, Loops, Pane, Parts, Point } from "../types.mjs" */
/** @import { ToolParts } from "./tool.mjs" */

/** @typedef {Candidate & { loops: Loops }} Outlined */

const HOVER_PAUSE = 66; // ms; at most 15 previews a second
const DRAG_START = 5; // CSS pixels before a click becomes a box

export class Smart extends Tool {
  modes = false;
  /** @type {Click[]} */
  points = [];
  /** @type {Box | null} */
  box = null;
  /** @type {{ from: Point, to: Point, negative: boolean } | null} */
  drag = null;
  /** @type {(Outlined | null)[]} */
  candidates = [];
  index = 0;
  /** @type {Outlined | null} what a click here would take */
  ghost = null;
  /** @type {string | null} the photo or node that was encoded last */
  prepared = null;
  /** @type {string | null} what the clicks look at: "photo" or a node */
  #source = null;
  #sequence = 0;
  #lastHover = 0;
  #isAsking = false;
  #isOn = false;

  /** @param {ToolParts & Pick<Parts, "server" | "status" | "photo" | "pictures" | "stage">} parts */
  constructor({ server, status, photo, pictures, stage, ...parts }) {
    super(parts, {
      id: "smart",
      key: "W",
      name: t("Smart click"),
      hint: t("Click an object; Alt-click or right-click subtracts; drag a box; Tab shows the next candidate; Enter makes the region"),
    });
    this.server = server;
    this.status = status;
    this.photo = photo;
    this.pictures = pictures;
    this.stage = stage;
    this.bar = new Candidates({ choose: (index) => this.next(index - this.index), accept: () => this.accept() });
    this.bus.onAny(["photo", "result"], () => this.#isOn && this.#prepare());
  }

  /** Picking the tool encodes the picture, so that the first click is quick. */
  start() {
    this.#isOn = true;
    this.#prepare();
  }

  stop() {
    this.#isOn = false;
    this.cancel();
  }

  async #prepare() {
    const on = this.#sourceOf("layout") ?? this.#sourceOf("result");
    const picture = on === "photo" ? this.document.confirmed.photo : on;
    if (!on || this.prepared === picture) return;
    this.prepared = picture;
    const { status } = this;
    status.say(t("Reading the picture…"));
    try {
      const answer = await status.during(this.server.ask("embed", { on }));
      status.say(t("{name} ready in {n} ms", { name: answer.segmenter, n: Math.round(answer.seconds * 1000) }));
    } catch {
      this.prepared = null;
      status.say("");
    }
  }

  /** What a click in such a pane looks at. @param {Pane["kind"]} kind */
  #sourceOf(kind) {
    const { photo, pictures } = this;
    const isPhoto = kind === "layout" || (kind === "wipe" && photo.image);
    if (isPhoto && photo.image) return "photo";
    return pictures.shownNode && pictures.resultImage ? pictures.shownNode : photo.image ? "photo" : null;
  }

  /** @param {Point} point */
  down(point) {
    this.#source = this.#sourceOf(point.pane.kind);
    if (this.#source) this.drag = { from: point, to: point, negative: point.alt || point.secondary };
    else this.bus.emit("noPicture");
  }

  /** @param {Point} point */
  move(point) {
    if (this.drag) this.drag.to = point;
  }

  up() {
    const { drag } = this;
    this.drag = null;
    if (!drag) return;
    const { from, to } = drag;
    if (Math.hypot(from.sx - to.sx, from.sy - to.sy) > DRAG_START) {
      this.points = [];
      this.box = [Math.min(from.x, to.x), Math.min(from.y, to.y), Math.max(from.x, to.x), Math.max(from.y, to.y)];
    } else this.points.push([from.x, from.y, drag.negative ? 0 : 1]);
    this.isBusy = true;
    this.#ask();
  }

  /** @param {Point} point */
  async hover(point) {
    const now = performance.now();
    if (this.isBusy || now - this.#lastHover < HOVER_PAUSE || this.#isAsking) return;
    const on = this.#sourceOf(point.pane.kind);
    const { scene } = this.document;
    if (!on || point.x < 0 || point.y < 0 || point.x >= scene.width || point.y >= scene.height) return;
    this.#lastHover = now;
    this.#isAsking = true;
    const sequence = ++this.#sequence;
    const answer = await this.server.ask("segment", { on, points: [[point.x, point.y, 1]], hover: true, sequence }).catch(() => null);
    this.#isAsking = false;
    if (!answer || sequence !== this.#sequence || this.isBusy) return;
    this.ghost = this.#outlined(answer.candidates[answer.best]);
    this.bus.emit("live");
  }

  leave() {
    this.ghost = null;
    this.#sequence++;
  }

  async #ask() {
    const sequence = ++this.#sequence;
    const request = { on: this.#source, points: this.points, sequence, ...(this.box ? { box: this.box } : {}) };
    const started = performance.now();
    try {
      const answer = await this.server.ask("segment", request);
      if (sequence !== this.#sequence) return;
      this.candidates = answer.candidates.map((one) => this.#outlined(one));
      this.index = answer.best;
      this.ghost = null;
      this.status.timing("click", performance.now() - started);
      this.#show();
    } catch (error) {
      if (!isRefusal(error, "stale")) this.bus.emit("refused", asError(error));
      this.points.pop();
      this.isBusy = this.points.length > 0 || this.box !== null;
    }
    this.bus.emit("live");
  }

  /** @param {Candidate | null} candidate @returns {Outlined | null} null for one that covers nothing */
  #outlined(candidate) {
    if (!candidate?.shape.box) return null;
    const { width, height } = this.document.scene;
    const mask = maskOf(candidate.shape, width, height);
    return { ...candidate, loops: trace(mask, width, height, candidate.shape.box) };
  }

  /** Tab: the next candidate. @param {number} step */
  next(step = 1) {
    if (this.candidates.length < 2) return false;
    this.index = (this.index + step + this.candidates.length) % this.candidates.length;
    this.#show();
    this.bus.emit("live");
    return true;
  }

  #show() {
    const { stage } = this;
    const [x, y] = this.points.at(-1) ?? [this.box?.[2] ?? 0, this.box?.[3] ?? 0];
    const pane = this.#source === "photo" ? 0 : stage.panes.length - 1;
    this.bar.show(this.candidates, this.index, stage.element, stage.toPage(x, y, pane));
  }

  accept() {
    const chosen = this.candidates[this.index];
    if (!chosen) return;
    const clicks = this.points;
    this.cancel();
    this.edits.acceptShape(chosen.shape, clicks);
  }

  /** Escape takes everything back. */
  cancel() {
    this.points = [];
    this.box = null;
    this.drag = null;
    this.candidates = [];
    this.ghost = null;
    this.isBusy = false;
    this.#sequence++;
    this.bar.hide();
    this.bus.emit("live");
  }

  /** @param {CanvasRenderingContext2D} context @param {Pane} pane */
  draw(context, pane) {
    const { view } = this.lens;
    const chosen = this.candidates[this.index];
    const { colour } = this.document.nextLook("new");
    if (chosen) {
      paint.regionFill(context, view, { loops: chosen.loops, colour, pattern: "plain" }, 0.45);
      paint.outline(context, view, chosen.loops, { colour, width: 2 });
    } else if (this.ghost) paint.outline(context, view, this.ghost.loops, { colour: "#fff", width: 1.5, halo: 1, dash: [6, 4] });
    for (const point of this.points) paint.clickDot(context, view, point);
    const { drag } = this;
    if (!drag || drag.from.pane !== pane) return;
    context.strokeStyle = "#fff";
    context.setLineDash([5, 4]);
    context.strokeRect(drag.from.sx, drag.from.sy, drag.to.sx - drag.from.sx, drag.to.sy - drag.from.sy);
    context.setLineDash([]);
  }
}
