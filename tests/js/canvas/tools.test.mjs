/** The tools over a real document: what a drag commits, and what a click on nothing says. */

import assert from "node:assert/strict";
import test from "node:test";
import { Lens } from "../../../studio/ui/page/canvas/lens.mjs";
import { target } from "../../../studio/ui/page/canvas/move.mjs";
import { Toolbox } from "../../../studio/ui/page/canvas/toolbox.mjs";
import { buildTools } from "../../../studio/ui/page/canvas/tools.mjs";
import { Tool } from "../../../studio/ui/page/canvas/tool.mjs";
import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { REGION, SCENE, SHAPES, Studio, withBrowser } from "../studio.mjs";

function page() {
  withBrowser();
  const studio = new Studio();
  const model = buildModel(studio);
  model.document.take(SCENE, SHAPES, { isWhole: true });
  const lens = new Lens(model);
  const tools = Object.fromEntries(buildTools({ ...model, lens }).map((tool) => [tool.id, tool]));
  const toolbox = new Toolbox(model, Object.values(tools), tools.brush);
  toolbox.add(new Tool({ ...model, lens }, { id: "smart", key: "W", name: "Smart click", hint: "" }));
  const told = [];
  model.bus.on("notice", (text) => told.push(text));
  return { ...model, studio, lens, tools, toolbox, told };
}

const at = (x, y, more = {}) => ({ x, y, sx: x, sy: y, pressure: 1, ...more });

function drag(tool, ...points) {
  tool.down(points[0]);
  for (const point of points.slice(1)) tool.move(point);
  tool.up(points.at(-1));
}

test("a dragged rectangle becomes a region and asks what it is", () => {
  const { bus, document, tools } = page();
  const asked = [];
  bus.on("askCaption", (id) => asked.push(id));
  drag(tools.rectangle, at(5, 5), at(8, 7));
  assert.deepEqual(asked, [document.selected]);
  assert.deepEqual(document.layers.shapes.get(document.selected).box, [5, 5, 8, 7]);
});

test("Shift adds to the selected region, Alt takes away, both intersect", () => {
  const { studio, document, tools } = page();
  document.select(REGION.id);
  drag(tools.rectangle, at(4, 0, { shift: true }), at(6, 4));
  drag(tools.rectangle, at(0, 0, { alt: true }), at(1, 4));
  drag(tools.rectangle, at(0, 0, { shift: true, alt: true }), at(5, 2));
  assert.deepEqual(document.layers.shapes.get(REGION.id).box, [1, 0, 5, 2]);
  assert.equal(studio.times("edit_mask"), 1); // the others wait their turn
});

test("the brush adds to the selected region, the eraser takes from the one under it", () => {
  const { document, tools, view } = page();
  view.options.size = 2;
  document.select(REGION.id);
  drag(tools.brush, at(6, 2), at(6.5, 2));
  assert.equal(document.layers.shapes.get(REGION.id).box[2] > 6, true);
  document.select(null);
  drag(tools.eraser, at(1, 1), at(1, 2));
  assert.equal(document.selected, REGION.id);
  assert.equal(document.layers.at(1, 1), null);
});

test("a stroke that is cancelled changes nothing", () => {
  const { studio, tools } = page();
  tools.brush.down(at(1, 1));
  assert.equal(tools.brush.isBusy, true);
  tools.brush.cancel();
  tools.brush.up(at(4, 4));
  assert.equal(tools.brush.isBusy, false);
  assert.deepEqual(studio.asked, []);
});

test("a polygon closes at its first corner; Escape takes one corner back", () => {
  const { document, tools, lens } = page();
  lens.view = { scale: 10, x: 0, y: 0 };
  const { polygon } = tools;
  for (const point of [at(4, 4), at(8, 4), at(8, 8), at(5, 5)]) polygon.down(point);
  polygon.cancel();
  polygon.down(at(4, 8));
  polygon.down(at(4.2, 4.2));
  assert.equal(polygon.isBusy, false);
  assert.deepEqual(document.layers.shapes.get(document.selected).box, [4, 4, 8, 8]);
});

test("a corner scales, Shift keeps the ratio, and no side gets thinner than two pixels", () => {
  const box = [10, 10, 30, 20];
  const dragged = { id: "a", box, from: [0, 0], even: false };
  assert.deepEqual(target({ ...dragged, corner: null, to: [3, -2] }), [13, 8, 33, 18]);
  assert.deepEqual(target({ ...dragged, corner: 2, to: [10, 5] }), [10, 10, 40, 25]);
  assert.deepEqual(target({ ...dragged, corner: 2, to: [10, 0], even: true }), [10, 10, 40, 25]);
  assert.deepEqual(target({ ...dragged, corner: 1, to: [10, 0], even: true }), [10, 5, 40, 20]);
  assert.deepEqual(target({ ...dragged, corner: 0, to: [50, 50] }), [28, 18, 30, 20]);
});

test("the smart click needs a picture; without one a shape tool comes, and why", () => {
  const { toolbox, told } = page();
  toolbox.setTool("move");
  toolbox.setTool("smart");
  assert.equal(toolbox.tool.id, "lasso");
  toolbox.setTool("rectangle");
  toolbox.setTool("smart");
  assert.equal(toolbox.tool.id, "rectangle");
  assert.equal(told.length, 2);
});

test("a photo without regions is there to be clicked on", () => {
  const { bus, document, photo, toolbox } = page();
  photo.image = {};
  bus.emit("entered", { tool: null });
  assert.equal(toolbox.tool.id, "brush");
  document.take({ ...SCENE, regions: [] }, {}, { isWhole: true });
  bus.emit("entered", { tool: null });
  assert.equal(toolbox.tool.id, "smart");
  photo.image = null;
  bus.emit("entered", { tool: null });
  assert.equal(toolbox.tool.id, "brush");
});

test("the lens stays fitted until it is moved, and forgets a move when it is fitted again", () => {
  const { lens } = page();
  lens.measure = () => ({ width: 132, height: 92 });
  lens.fit();
  assert.deepEqual(lens.view, { scale: 5, x: 46, y: 26 });
  lens.zoom(2, [46, 26]);
  assert.equal(lens.isFitted, false);
  assert.deepEqual(lens.view, { scale: 10, x: 46, y: 26 });
  assert.deepEqual(lens.toScene(...lens.toPane([3, 4])), [3, 4]);
  lens.fit();
  assert.equal(lens.isFitted, true);
});
