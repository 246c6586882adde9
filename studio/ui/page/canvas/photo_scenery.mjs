/** What the panes show of a photo that is being edited: what is kept, what changes, and what it became. */

import * as paint from "./paint.mjs";
import { kept, tintAround, whisper } from "./paint_photo.mjs";

/** @import { Tile } from "../photo_types.mjs" */
/** @import { Parts, ShownRegion } from "../types.mjs" */
/** @import { Context } from "./paint.mjs" */

const TINT = 0.5; // of the overlay's opacity, for what will change
const LOUD = 4; // times, so that a small difference can be seen

export class PhotoScenery {
  /** @type {{ now: CanvasImageSource, before: CanvasImageSource, canvas: HTMLCanvasElement } | null} the last difference */
  #compared = null;

  /** @param {Pick<Parts, "document" | "view" | "lens" | "photo" | "pictures" | "comparison" | "editing" | "composite" | "sharp">} parts */
  constructor({ document, view, lens, photo, pictures, comparison, editing, composite, sharp }) {
    this.document = document;
    this.view = view;
    this.lens = lens;
    this.photo = photo;
    this.pictures = pictures;
    this.comparison = comparison;
    this.editing = editing;
    this.composite = composite;
    sharp.look = () => ({ view: lens.view, pane: lens.measure() });
    this.sharp = sharp;
  }

  /** The photo as it is now, with its regions. @param {Context} context */
  layout(context) {
    const { options, holdsOriginal } = this.view;
    if (holdsOriginal) {
      this.before(context);
      return;
    }
    const { draft } = this.pictures;
    if (draft) this.#picture(context, draft, null);
    else this.after(context);
    if (options.overlay) this.#regions(context, options.opacity, draft !== null);
  }

  /** The photo as it came, or the picture that is compared with. @param {Context} context */
  before(context) {
    const other = this.view.holdsOriginal ? null : this.comparison.image;
    this.#picture(context, other ?? this.photo.image, other ? null : this.sharp.tile("before"));
  }

  /** @param {Context} context */
  after(context) {
    this.#picture(context, this.composite.image, this.sharp.tile("now"));
  }

  /** Where the two differ, brightened; black is untouched. @param {Context} context */
  difference(context) {
    const { view } = this.lens;
    this.#picture(context, this.#differing(), null);
    for (const region of this.document.shownRegions()) {
      paint.outline(context, view, region.outline.loops, { colour: region.colour, width: 1.25, halo: 0.5, isPale: false });
    }
  }

  /** Worked out at the size of the scene: scaled first, the two would differ along every edge. */
  #differing() {
    const { width, height } = this.document.scene;
    const [now, before] = [this.composite.image, this.comparison.image ?? this.photo.image];
    if (!now || !before) return null;
    if (this.#compared?.now === now && this.#compared.before === before) return this.#compared.canvas;
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = paint.contextOf(canvas);
    context.drawImage(now, 0, 0, width, height);
    context.globalCompositeOperation = "difference";
    context.drawImage(before, 0, 0, width, height);
    context.globalCompositeOperation = "color-dodge"; // divides by what is left: times LOUD
    const grey = Math.round(255 * (1 - 1 / LOUD));
    context.fillStyle = `rgb(${grey} ${grey} ${grey})`;
    context.fillRect(0, 0, width, height);
    this.#compared = { now, before, canvas };
    return canvas;
  }

  /** @param {Context} context @param {CanvasImageSource | null} image @param {Tile | null} tile the sharp part of it */
  #picture(context, image, tile) {
    const { view } = this.lens;
    if (!image) return;
    paint.picture(context, view, this.document.scene, image);
    const density = globalThis.devicePixelRatio || 1;
    if (!tile || view.scale * density <= 1) return;
    const scale = view.scale / this.editing.ratio; // of a photo pixel
    const [left, top, right, bottom] = tile.box.map((value) => value * scale);
    const isExact = Math.abs(scale * density - 1) < 0.002; // pixel on pixel, if it begins on one
    /** @param {number} value */
    const placed = (value) => (isExact ? Math.round(value * density) / density : value);
    context.save();
    context.imageSmoothingEnabled = !isExact && scale < 6;
    context.drawImage(tile.image, placed(view.x + left), placed(view.y + top), right - left, bottom - top);
    context.restore();
  }

  /** @param {Context} context @param {number} opacity @param {boolean} isDraft what changes shows already */
  #regions(context, opacity, isDraft) {
    const { document, editing } = this;
    const { selected, hovered } = document;
    const { view } = this.lens;
    const shown = document.shownRegions();
    const changing = isDraft ? [] : shown.filter((region) => this.#changes(region));
    const subject = shown.find((region) => region.id === editing.settings.subject);
    if (subject && editing.isToDo(subject.id) && !isDraft) this.#subject(context, subject, opacity);
    else if (changing.length) kept(context, view, document.scene, { regions: changing.map((region) => region.outline.loops), isAround: true }, opacity);
    for (const { id, outline, colour } of changing) {
      const strength = id === hovered || id === selected ? 1.25 : 1;
      paint.regionFill(context, view, { loops: outline.loops, colour, pattern: "plain" }, opacity * TINT * strength);
    }
    for (const region of shown) this.#outline(context, region, changing.includes(region));
    if (!this.view.options.labels) return;
    for (const region of shown) {
      const isLabelled = changing.includes(region) || region.id === hovered || region.id === selected;
      if (isLabelled) paint.label(context, view, region, region.id === selected);
    }
  }

  /** The other way round: one region stays, and what lies around it changes. @param {Context} context @param {ShownRegion} subject @param {number} opacity */
  #subject(context, { outline }, opacity) {
    const { view } = this.lens;
    const { scene } = this.document;
    tintAround(context, view, scene, outline.loops, `rgb(76 141 255 / ${opacity * TINT * 0.8})`);
    kept(context, view, scene, { regions: [outline.loops], isAround: false }, opacity);
  }

  /** @param {ShownRegion} region */
  #changes({ id }) {
    return this.editing.isToDo(id) && this.editing.settings.subject !== id;
  }

  /** What is made already shows itself: a fine line says where it is. @param {Context} context @param {ShownRegion} region @param {boolean} changes */
  #outline(context, { id, colour, outline }, changes) {
    const { view } = this.lens;
    const { selected, hovered } = this.document;
    const { loops } = outline;
    if (id === selected) {
      paint.outline(context, view, loops, { colour, width: 2, halo: 1.5 });
      paint.outline(context, view, loops, { colour: "#fff", width: 1, halo: 0, dash: [5, 5] });
    } else if (id === hovered) paint.outline(context, view, loops, { colour, width: 2, halo: 1 });
    else if (changes) paint.outline(context, view, loops, { colour, width: 1.5, halo: 0.75 });
    else whisper(context, view, loops);
  }
}
