/** What each pane shows: the layout, the result, and the ways of comparing them. */

import * as paint from "./paint.mjs";
import { PhotoScenery } from "./photo_scenery.mjs";

/** @import { ModelGrid, Pane, Parts, Point } from "../types.mjs" */
/** @import { Context } from "./paint.mjs" */

const FADE = 160; // ms
const DRESS = {
  light: { paper: "#ffffff", dots: "rgb(0 0 0 / .13)", blank: "#eceef1", blankDots: "rgb(0 0 0 / .07)" },
  dark: { paper: "#f4f3f0", dots: "rgb(0 0 0 / .16)", blank: "#1a1b1e", blankDots: "rgb(255 255 255 / .06)" },
};

/** @param {HTMLCanvasElement} canvas */
function begin(canvas) {
  const context = paint.contextOf(canvas);
  const ratio = window.devicePixelRatio || 1;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.width / ratio, canvas.height / ratio);
  return context;
}

export class Scenery {
  #still = window.matchMedia("(prefers-reduced-motion: reduce)");
  #isFading = false;

  /** @param {Pick<Parts, "document" | "view" | "lens" | "photo" | "pictures" | "comparison" | "editing" | "composite" | "sharp" | "fidelity" | "findings" | "modelSees" | "proposals" | "toolbox">} parts */
  constructor(parts) {
    const { document, view, lens, photo, pictures, comparison, editing, fidelity, findings, modelSees, proposals, toolbox } = parts;
    this.editing = editing;
    this.edited = new PhotoScenery(parts);
    this.document = document;
    this.view = view;
    this.lens = lens;
    this.photo = photo;
    this.pictures = pictures;
    this.comparison = comparison;
    this.fidelity = fidelity;
    this.modelSees = modelSees;
    this.proposals = proposals;
    this.findings = findings;
    this.toolbox = toolbox;
  }

  /** Everything that does not follow the pointer; true when it goes on by itself. @param {Pane} pane @param {number} wipeAt */
  drawBase(pane, wipeAt) {
    this.#isFading = false;
    const context = begin(pane.base);
    const { paper, dots, blank, blankDots } = this.view.isDark ? DRESS.dark : DRESS.light;
    paint.paper(context, this.lens.view, this.document.scene, this.#isEmpty(pane) ? { paper: blank, dots: blankDots } : { paper, dots });
    this.#show(context, pane, wipeAt);
    return this.#isFading;
  }

  /** @param {Pane} pane */
  #isEmpty(pane) {
    if (pane.kind === "layout" || this.photo.image || this.editing.isOn) return false;
    return (pane.kind === "diff" && !this.comparison.image) || !this.pictures.shownImage();
  }

  /** @param {Context} context @param {Pane} pane @param {number} wipeAt */
  #show(context, pane, wipeAt) {
    if (pane.kind === "layout") {
      const grid = this.view.showsModel && this.modelSees.grid;
      if (grid) this.#modelSees(context, grid);
      else this.#layout(context);
      return;
    }
    if (pane.kind === "diff") {
      if (this.editing.isOn) this.edited.difference(context);
      else this.#difference(context);
      return;
    }
    if (pane.kind === "wipe") {
      this.#half(context, pane, 0, wipeAt, () => this.#before(context));
      this.#half(context, pane, wipeAt, 1, () => (this.editing.isOn ? this.edited.after(context) : this.#result(context)));
    } else this.#result(context);
    if (pane.kind === "over") this.#regions(context, this.view.options.opacity * 0.6);
    this.#contours(context);
  }

  /** @param {Context} context @param {CanvasImageSource | null} image */
  #picture(context, image, alpha = 1) {
    if (image) paint.picture(context, this.lens.view, this.document.scene, image, alpha);
  }

  /** @param {Context} context */
  #difference(context) {
    const other = this.comparison.image ?? this.photo.image;
    const { difference } = this.comparison;
    if (!other || !this.pictures.resultImage) return;
    if (difference) {
      this.#picture(context, difference.image);
      return;
    }
    this.#picture(context, this.pictures.resultImage);
    context.save();
    context.globalCompositeOperation = "difference";
    this.#picture(context, other);
    context.restore();
  }

  /** @param {Context} context */
  #layout(context) {
    const { view, photo } = this;
    if (this.editing.isOn) this.edited.layout(context);
    else {
      this.#picture(context, photo.image, view.holdsOriginal ? 1 : 0.92);
      if (view.holdsOriginal) return;
      if (view.options.overlay) this.#regions(context, photo.image ? view.options.opacity * 0.75 : view.options.opacity);
    }
    for (const loops of this.proposals.outlines) paint.outline(context, this.lens.view, loops, { colour: "#fff", width: 1.5, halo: 1, dash: [6, 4] });
    this.#found(context);
  }

  /** @param {Context} context */
  #found(context) {
    for (const { loops, isHovered } of this.findings.outlines) paint.outline(context, this.lens.view, loops, { colour: "#ffd84d", width: isHovered ? 3.5 : 2, halo: 1.5 });
  }

  /** The regions from the lowest to the topmost, then outlines, then numbers. @param {Context} context @param {number} opacity */
  #regions(context, opacity) {
    const { selected, hovered } = this.document;
    const { view } = this.lens;
    const shown = this.document.shownRegions();
    for (const { outline, colour, pattern } of shown) paint.regionFill(context, view, { loops: outline.loops, colour, pattern }, opacity);
    for (const region of shown) {
      if (region.id === selected) continue;
      const width = region.id === hovered ? 2.5 : 1.25;
      paint.outline(context, view, region.outline.loops, { colour: region.colour, width, halo: 1 });
    }
    const chosen = shown.find((region) => region.id === selected);
    if (chosen) {
      paint.outline(context, view, chosen.outline.loops, { colour: chosen.colour, width: 2.5, halo: 2 });
      paint.outline(context, view, chosen.outline.loops, { colour: "#fff", width: 1, halo: 0, dash: [5, 5] });
    }
    if (!this.view.options.labels) return;
    for (const region of shown) paint.label(context, view, region, region.id === selected);
  }

  /** @param {Context} context */
  #result(context) {
    const { pictures, photo, document } = this;
    const holdsOriginal = this.view.holdsOriginal;
    const image = holdsOriginal && photo.image ? photo.image : pictures.shownImage();
    const from = pictures.fade?.from ?? null;
    const part = this.#fading(image);
    if (part < 1) this.#picture(context, from);
    if (image) this.#picture(context, image, part);
    else this.#picture(context, photo.image, this.editing.isOn ? 1 : 0.22);
    if (holdsOriginal || !image) return;
    this.#found(context);
    for (const id of [document.hovered, document.selected]) {
      const region = document.shownRegions().find((one) => one.id === id);
      if (!region) continue;
      paint.outline(context, this.lens.view, region.outline.loops, {
        colour: region.colour, width: id === document.hovered ? 2 : 1.25, halo: 1, dash: [6, 4],
      });
    }
  }

  /** How much of a new live picture shows over the one before; 1 is all of it. @param {HTMLImageElement | null} image */
  #fading(image) {
    const { pictures } = this;
    const { fade } = pictures;
    if (!fade) return 1;
    const isOn = fade.from && image === pictures.resultImage && !this.#still.matches;
    const part = isOn ? (performance.now() - fade.at) / FADE : 1;
    if (part < 1) this.#isFading = true;
    else pictures.fade = null;
    return Math.min(1, Math.max(0, part));
  }

  /** What the result is compared with. @param {Context} context */
  #before(context) {
    if (this.editing.isOn) this.edited.before(context);
    else if (this.comparison.image) this.#picture(context, this.comparison.image);
    else this.#layout(context);
  }

  /** Asked: solid, in the region's colour. Obtained: dashed white, as measured on the result. @param {Context} context */
  #contours(context) {
    if (!this.view.showsContours || !this.pictures.resultImage) return;
    const { view } = this.lens;
    for (const region of this.document.shownRegions()) {
      paint.outline(context, view, region.outline.loops, { colour: region.colour, width: 2, halo: 0.75, isPale: false });
    }
    for (const loops of this.fidelity.obtained.values()) {
      paint.outline(context, view, loops, { colour: "#fff", width: 1.5, halo: 0.75, dash: [4, 4], isPale: false });
    }
  }

  /** @param {Context} context @param {Pane} pane @param {number} from @param {number} to @param {() => void} draw */
  #half(context, pane, from, to, draw) {
    const width = pane.live.clientWidth;
    context.save();
    context.beginPath();
    context.rect(from * width, 0, (to - from) * width, pane.live.clientHeight);
    context.clip();
    draw();
    context.restore();
  }

  /** The label map on the token grid, the contour tokens that are kept, and what no region owns. @param {Context} context @param {ModelGrid} grid */
  #modelSees(context, { columns, rows, labels, contour, contour_columns: across, contour_rows: down }) {
    const { scene } = this.document;
    const { view } = this.lens;
    /** @param {number} index @param {number} wide @param {number} high */
    const cell = (index, wide, high) => {
      const [width, height] = [(scene.width / wide) * view.scale, (scene.height / high) * view.scale];
      return [(index % wide) * width + view.x, Math.floor(index / wide) * height + view.y, width, height];
    };
    context.save();
    labels.forEach((number, index) => {
      const [x, y, width, height] = cell(index, columns, rows);
      const region = scene.regions[number - 1];
      const isOdd = index % 2 === Math.floor(index / columns) % 2;
      context.globalAlpha = region ? 0.88 : 1;
      context.fillStyle = region ? this.document.lookOf(region.id).colour : isOdd ? "#c9ccd2" : "#d6d9de";
      context.fillRect(x, y, width - 1, height - 1);
    });
    context.globalAlpha = 1;
    for (const index of contour) {
      const [x, y, width, height] = cell(index, across, down);
      context.lineWidth = 1.5;
      context.strokeStyle = "rgb(0 0 0 / .6)";
      context.strokeRect(x + 2.5, y + 2.5, width - 6, height - 6);
      context.strokeStyle = "#fff";
      context.strokeRect(x + 1.5, y + 1.5, width - 4, height - 4);
    }
    context.restore();
    for (const region of this.document.shownRegions()) paint.label(context, view, region, region.id === this.document.selected);
  }

  /** What follows the pointer: the tool's own drawing. @param {Pane} pane @param {Point | null} point where it is */
  drawLive(pane, point) {
    const { tool } = this.toolbox;
    const context = begin(pane.live);
    tool.draw(context, pane);
    if (!point) return;
    if (point.pane !== pane) paint.cross(context, point.sx, point.sy);
    else if (tool.ring && !this.view.isPanning) {
      const radius = (this.view.options.size / 2) * this.lens.view.scale;
      paint.brushRing(context, point.sx, point.sy, radius, tool.id === "eraser");
    }
  }
}
