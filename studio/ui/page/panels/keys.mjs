/** The keyboard. Letters act only while nothing is being typed and nothing lies above the page. */

/** @import { Parts } from "../types.mjs" */

/**
 * @typedef {Pick<Parts, "root" | "bus" | "above" | "album" | "demo" | "document" | "editing" | "edits" | "files" | "jobs" | "lens" | "menus" | "pictures" | "projects" | "renders" | "stage" | "start" | "strips" | "toolbox" | "view">} KeyParts
 * @typedef {{ key: string, from: string, at: number, isUsed: boolean, isOver: boolean }} Loan a tool while its key is held
 */

/** @type {Record<string, string>} */
const TOOLS = { v: "move", w: "smart", s: "smart", b: "brush", e: "eraser", l: "lasso", p: "polygon", r: "rectangle", o: "ellipse", t: "stamp", g: "fill", h: "hand", z: "zoom" };
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HOLD = 350; // ms
const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true]";
const BUTTON = "button, summary, [role=option], input[type=range]";

/** What surrounds the keyboard's target. @param {KeyboardEvent} event @param {string} selector @returns {HTMLElement | null} */
function around({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

export class Keys {
  hold = HOLD; // a tool's key held longer is a loan
  /** @type {Loan | null} */
  #loan = null;

  /** @param {KeyParts} parts */
  constructor(parts) {
    this.parts = parts;
    const gone = new AbortController(); // a page that was taken out hears no more keys
    /** @param {(event: KeyboardEvent) => void} work @returns {(event: KeyboardEvent) => void} */
    const whileHere = (work) => (event) => (parts.root.isConnected ? work(event) : gone.abort());
    document.addEventListener("keydown", whileHere((event) => this.#down(event)), { signal: gone.signal });
    document.addEventListener("keyup", whileHere((event) => this.#up(event)), { signal: gone.signal });
    window.addEventListener("blur", () => this.#release());
    parts.bus.on("released", () => this.#released());
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      this.#escape(event);
      return;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && this.#command(event)) {
      event.preventDefault();
      return;
    }
    if (this.parts.above.isOpen || isCommand || around(event, TYPING)) return;
    if (this.#plain(event)) event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    const { above, demo, document, jobs, stage, strips, toolbox, view } = this.parts;
    const typing = around(event, TYPING);
    if (above.isOpen) this.#closeTopmost();
    else if (typing) typing.blur();
    else if (toolbox.tool.isBusy) toolbox.tool.cancel();
    else if (jobs.current) jobs.cancel();
    else if (strips.isPlaying) strips.stop();
    else if (view.isDemo) demo.toggle();
    else document.select(null);
    stage.redrawLive();
  }

  /** The start page stays while there is nothing behind it. */
  #closeTopmost() {
    const { above, document, pictures, start } = this.parts;
    const isHome = start.isOpen && above.stack.length === 1;
    const hasWork = document.scene.regions.length > 0 || pictures.history.length > 0;
    if (isHome && hasWork) start.close();
    else if (!isHome) above.close();
  }

  /** Ctrl or Cmd with a key; these work while typing too, but for undo. @param {KeyboardEvent} event */
  #command(event) {
    const { above, editing, files, lens, renders, view } = this.parts;
    if (above.isOpen) return false;
    const typing = around(event, TYPING);
    /** @type {Record<string, () => unknown>} */
    const work = {
      enter: () => {
        typing?.blur(); // what was typed counts
        renders.render();
      },
      0: () => lens.fit(),
      1: () => lens.zoomTo(editing.ratio), // a pixel of the photo
      "=": () => lens.zoom(1.25),
      "-": () => lens.zoom(0.8),
      s: () => files.saveProject(),
      o: () => files.pick("open"),
    };
    /** @type {Record<string, () => unknown>} */
    const onCanvas = view.isDemo ? {} : {
      z: () => (event.shiftKey ? this.parts.edits.redo() : this.#undo()),
      y: () => this.parts.edits.redo(),
      d: () => this.parts.edits.duplicate(),
    };
    const key = event.key.toLowerCase();
    const chosen = work[key] ?? (typing ? null : onCanvas[key]);
    chosen?.();
    return Boolean(chosen);
  }

  /** Where nothing was done yet, what was open before comes back. */
  #undo() {
    const { document, edits, pictures, projects } = this.parts;
    const isFresh = !document.canUndo && !document.scene.regions.length && !pictures.history.length;
    return isFresh && projects.before ? projects.goBack() : edits.undo();
  }

  /** @param {KeyboardEvent} event */
  #plain(event) {
    const { album, document, edits, toolbox, view } = this.parts;
    const arrow = ARROWS[event.key];
    if (around(event, BUTTON) && (arrow || [" ", "Enter", "Tab"].includes(event.key))) return false;
    if (event.key === " ") {
      view.pan(true);
      return true;
    }
    if (view.isDemo) return false;
    if (arrow && document.selected) {
      const step = event.shiftKey ? 8 : 1;
      edits.nudge(arrow[0] * step, arrow[1] * step);
      return true;
    }
    if (arrow?.[0] && album.isHere) {
      album.go(arrow[0]);
      return true;
    }
    if (event.key === "Tab") return toolbox.tool.next(event.shiftKey ? -1 : 1);
    const tool = !event.altKey && (event.shiftKey && event.key === "L" ? "polygon" : TOOLS[event.key.toLowerCase()]);
    if (tool) return this.#tool(tool, event);
    return this.#other(event);
  }

  /** @param {KeyboardEvent} event */
  #other(event) {
    const { bus, document, edits, menus, renders, stage, toolbox, view } = this.parts;
    const { size } = view.options;
    /** @type {Record<string, () => unknown>} */
    const works = {
      "[": () => view.setOption("size", Math.max(1, Math.round(size / 1.2) - 1)),
      "]": () => view.setOption("size", Math.min(1024, Math.round(size * 1.2) + 1)),
      Enter: () => (toolbox.tool.isBusy ? toolbox.tool.accept() : document.selected && bus.emit("askCaption", document.selected)),
      Delete: () => edits.remove(),
      Backspace: () => edits.remove(),
      x: () => toolbox.setTool(toolbox.tool.id === "brush" ? "eraser" : "brush"),
      n: () => edits.armNew(),
      m: () => view.toggleOverlay(),
      a: () => renders.reroll(document.selected),
      "?": () => menus.openKeys(),
      f: () => this.#fullScreen(),
      "\\": () => view.holdOriginal(true),
    };
    const work = works[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (work) work();
    else if (/^[1-9]$/.test(event.key)) {
      const region = document.scene.regions[Number(event.key) - 1];
      if (region) document.select(region.id, { reveal: true });
    } else return false;
    stage.redrawLive();
    return true;
  }

  #fullScreen() {
    return document.fullscreenElement ? document.exitFullscreen() : this.parts.root.requestFullscreen?.();
  }

  /** @param {string} id @param {KeyboardEvent} event */
  #tool(id, event) {
    if (event.repeat) return true;
    const { toolbox } = this.parts;
    // `at`: when it was pressed, however busy the page is
    this.#loan = { key: event.key.toLowerCase(), from: toolbox.tool.id, at: event.timeStamp, isUsed: false, isOver: false };
    toolbox.setTool(id);
    return true;
  }

  /** @param {KeyboardEvent} event */
  #up(event) {
    const { stage, toolbox, view } = this.parts;
    const loan = this.#loan;
    if (event.key === " ") view.pan(false);
    if (event.key === "\\") view.holdOriginal(false);
    if (!loan || event.key.toLowerCase() !== loan.key) return;
    const isHeld = loan.isUsed || event.timeStamp - loan.at > this.hold;
    if (!isHeld || (toolbox.tool.isBusy && !stage.pointer)) this.#loan = null;
    else if (stage.pointer) loan.isOver = true; // the stroke is finished first
    else this.#giveBack(loan);
  }

  /** A stroke has ended: a tool used under its held key was only lent. */
  #released() {
    const loan = this.#loan;
    if (!loan) return;
    loan.isUsed = true;
    if (loan.isOver) this.#giveBack(loan);
  }

  /** @param {Loan} loan */
  #giveBack({ from }) {
    this.#loan = null;
    this.parts.toolbox.setTool(from);
  }

  #release() {
    this.#loan = null;
    this.parts.view.pan(false);
    this.parts.view.holdOriginal(false);
  }
}
