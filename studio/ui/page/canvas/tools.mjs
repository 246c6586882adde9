/** The tools but the smart click, which needs the server; the smallest of them live here. */

import { Brush } from "./brush.mjs";
import { Drag } from "./drag.mjs";
import { Move } from "./move.mjs";
import { Polygon } from "./polygon.mjs";
import * as shapes from "../core/shapes.mjs";
import { StampTool } from "./stamp.mjs";
import { Tool } from "./tool.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, Point } from "../types.mjs" */
/** @import { ToolParts } from "./tool.mjs" */

class Fill extends Tool {
  /** @param {Point} point */
  down(point) {
    const { layers, scene, selected } = this.document;
    const plane = shapes.flood(layers.labels, scene.width, scene.height, Math.floor(point.x), Math.floor(point.y));
    if (!plane.box) return;
    const mode = this.modeOf(point);
    this.edits.commitShape(plane, mode === "new" && selected ? "add" : mode);
  }
}

class Hand extends Tool {
  cursor = "grab";
  modes = false;
}

class Zoom extends Tool {
  cursor = "zoom-in";
  modes = false;

  /** @param {Point} point */
  down(point) {
    this.lens.zoom(point.alt || point.secondary ? 1 / 1.6 : 1.6, [point.sx, point.sy]);
  }
}

/** @param {ToolParts & Pick<Parts, "stamps">} parts */
export function buildTools(parts) {
  /** @param {string} id @param {string} key @param {string} name @param {string} hint */
  const named = (id, key, name, hint) => ({ id, key, name, hint });
  return [
    new Move(parts, named("move", "V", t("Move"), t("Drag a region; corners scale, the knob turns, Shift keeps the ratio; double-click to rename"))),
    new Brush(parts, named("brush", "B", t("Brush"), t("Paint the selected region, or a new one; right-drag erases"))),
    new Brush(parts, named("eraser", "E", t("Eraser"), t("Subtract from the selected region"))),
    new Drag(parts, named("lasso", "L", t("Lasso"), t("Draw around an area; the outline closes by itself"))),
    new Polygon(parts, named("polygon", "P", t("Polygon"), t("Click corners; Enter or double-click closes, Esc takes one back"))),
    new Drag(parts, named("rectangle", "R", t("Rectangle"), t("Drag from corner to corner"))),
    new Drag(parts, named("ellipse", "O", t("Ellipse"), t("Drag from corner to corner"))),
    new StampTool(parts, named("stamp", "T", t("Stamp"), t("Click where the shape goes; drag from its middle for another size"))),
    new Fill(parts, named("fill", "G", t("Fill"), t("Click an enclosed area to give it to a region"))),
    new Hand(parts, named("hand", "H", t("Pan"), t("Drag the view; hold Space with any tool"))),
    new Zoom(parts, named("zoom", "Z", t("Zoom"), t("Click to zoom in, Alt-click to zoom out; the wheel works everywhere"))),
  ];
}
