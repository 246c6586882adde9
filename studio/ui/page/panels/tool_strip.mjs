/** The strip of tools on the left. */

import { h, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */
/** @import { Tool } from "../canvas/tool.mjs" */

const GROUPS = [["move", "smart"], ["brush", "eraser"], ["lasso", "polygon", "rectangle", "ellipse", "stamp", "fill"], ["hand", "zoom"]];

export class ToolStrip {
  /** @type {Map<string, HTMLElement>} */
  #buttons = new Map();

  /** @param {Pick<Parts, "bus" | "toolbox">} parts */
  constructor({ bus, toolbox }) {
    this.toolbox = toolbox;
    this.element = h("div.tools", { role: "toolbar", "aria-label": t("Tools"), "aria-orientation": "vertical" });
    GROUPS.forEach((group, index) => {
      if (index) this.element.append(h("hr"));
      this.element.append(...group.flatMap((id) => toolbox.tools.get(id) ?? []).map((tool) => this.#button(tool)));
    });
    bus.on("tool", () => this.update());
    this.update();
  }

  /** @param {Tool} tool */
  #button(tool) {
    const label = `${tool.name} (${tool.key})`;
    const button = h("button.btn", { title: label, "aria-label": label, onclick: () => this.toolbox.setTool(tool.id) }, icon(tool.id, 18), h("small", { "aria-hidden": "true" }, tool.key));
    this.#buttons.set(tool.id, button);
    return button;
  }

  update() {
    for (const [id, button] of this.#buttons) toggle(button, "aria-pressed", id === this.toolbox.tool.id);
  }
}
