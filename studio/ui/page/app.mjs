/** The page's parts: built from the bottom up, each handed those that it needs. */

import { Above } from "./panels/above.mjs";
import { Bubble } from "./canvas/bubble.mjs";
import { ContextBoxes } from "./canvas/context_boxes.mjs";
import { Demo } from "./panels/demo.mjs";
import { Keys } from "./panels/keys.mjs";
import { Lens } from "./canvas/lens.mjs";
import { Menus } from "./panels/menus.mjs";
import { buildModel } from "./model/model.mjs";
import { PaneNotes } from "./canvas/pane_notes.mjs";
import { Scenery } from "./canvas/scenery.mjs";
import { Smart } from "./canvas/smart.mjs";
import { Stage } from "./canvas/stage.mjs";
import { StampPalette } from "./panels/stamp_palette.mjs";
import { StartPage } from "./panels/start.mjs";
import { Toolbox } from "./canvas/toolbox.mjs";
import { buildTools } from "./canvas/tools.mjs";

/** @import { Parts } from "./types.mjs" */
/** @import { Server } from "./model/server.mjs" */

/** The canvas with its tools. @param {ReturnType<typeof buildModel>} model */
function buildCanvas(model) {
  const lens = new Lens(model);
  const tools = buildTools({ ...model, lens });
  const brush = tools.find((tool) => tool.id === "brush") ?? tools[0];
  const toolbox = new Toolbox(model, tools, brush);
  const parts = { ...model, lens, toolbox };
  const stage = new Stage({ ...parts, scenery: new Scenery(parts), notes: new PaneNotes(parts) });
  toolbox.add(new Smart({ ...parts, stage }));
  new ContextBoxes({ ...parts, stage }).update();
  new StampPalette({ ...parts, stage });
  return { ...parts, stage, bubble: new Bubble({ ...parts, stage }) };
}

/** @param {HTMLElement} root @param {Server} server @returns {Parts} */
export function buildParts(root, server) {
  const canvas = buildCanvas(buildModel(server));
  const above = new Above(root);
  /** @type {StartPage} the demo and the menus lead back to it */
  const start = new StartPage({ ...canvas, above }, { toggleDemo: () => demo.toggle(), openLanguages: (anchor) => menus.openLanguages(anchor) });
  const demo = new Demo({ ...canvas, root, above, start });
  const menus = new Menus({ ...canvas, above, start, demo });
  const keys = new Keys({ ...canvas, root, above, start, demo, menus });
  return { ...canvas, root, above, start, demo, menus, keys };
}
