/** The keyboard. Letters act only while nothing is being typed and nothing lies above the page. */

const TOOLS = { v: "move", w: "smart", s: "smart", b: "brush", e: "eraser", l: "lasso", p: "polygon", r: "rectangle", o: "ellipse", g: "fill", h: "hand", z: "zoom" };
const HOLD = 350; // ms
const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable=true]";

export class Keys {
  hold = HOLD; // a tool's key held longer is a loan

  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.down = (event) => this.#down(event);
    this.up = (event) => this.#up(event);
    document.addEventListener("keydown", this.down);
    document.addEventListener("keyup", this.up);
    window.addEventListener("blur", () => this.#release());
    app.on("released", () => this.#released());
  }

  #gone() {
    if (this.root.isConnected) return false;
    document.removeEventListener("keydown", this.down);
    document.removeEventListener("keyup", this.up);
    return true;
  }

  #down(event) {
    if (this.#gone() || event.isComposing) return;
    const { app } = this;
    const isCommand = event.ctrlKey || event.metaKey;
    if (event.key === "Escape" && this.#escape(event)) return;
    if (isCommand && this.#command(event)) {
      event.preventDefault();
      return;
    }
    if (app.above.isOpen || isCommand || event.target.closest?.(TYPING)) return;
    if (this.#plain(event)) event.preventDefault();
  }

  #escape(event) {
    const { app } = this;
    if (app.above.isOpen) {
      const isHome = app.start && app.above.stack.length === 1;
      const hasWork = app.scene.regions.length > 0 || app.history.length > 0;
      if (isHome && hasWork) app.closeStart();
      else if (!isHome) app.above.close();
    } else if (event.target.closest?.(TYPING)) event.target.blur();
    else if (app.tool.isBusy) app.tool.cancel();
    else if (app.job) app.cancel();
    else if (app.isPlaying) app.stopPlaying();
    else if (app.isDemo) app.toggleDemo();
    else app.select(null);
    app.stage.redrawLive();
    return true;
  }

  /** Ctrl or Cmd with a key; these work while typing too, but for undo. */
  #command(event) {
    const { app } = this;
    if (app.above.isOpen) return false;
    const key = event.key.toLowerCase();
    const isTyping = Boolean(event.target.closest?.(TYPING));
    const work = {
      enter: () => {
        if (isTyping) event.target.blur(); // what was typed counts
        app.render();
      },
      0: () => app.stage.fit(),
      1: () => app.stage.zoomTo(1),
      "=": () => app.stage.zoom(1.25),
      "-": () => app.stage.zoom(0.8),
      s: () => app.saveProject(),
      o: () => app.pickFile("open"),
    };
    const onCanvas = app.isDemo ? {} : {
      z: () => (event.shiftKey ? app.redo() : app.undo()),
      y: () => app.redo(),
      d: () => app.duplicate(),
    };
    const chosen = work[key] ?? (isTyping ? null : onCanvas[key]);
    chosen?.();
    return Boolean(chosen);
  }

  #plain(event) {
    const { app } = this;
    const isButton = event.target.closest?.("button, summary, [role=option], input[type=range]");
    if (isButton && [" ", "Enter", "Tab", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].includes(event.key)) return false;
    if (event.key === " ") return this.#pan(true);
    if (app.isDemo) return false;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (arrows[event.key] && app.selected) {
      const step = event.shiftKey ? 8 : 1;
      app.nudge(arrows[event.key][0] * step, arrows[event.key][1] * step);
      return true;
    }
    if (event.key === "Tab") return Boolean(app.tool.next?.(event.shiftKey ? -1 : 1));
    const tool = !event.altKey && (event.shiftKey && event.key === "L" ? "polygon" : TOOLS[event.key.toLowerCase()]);
    if (tool) return this.#tool(tool, event);
    return this.#other(event);
  }

  #other(event) {
    const { app } = this;
    const work = {
      "[": () => app.setOption("size", Math.max(1, Math.round(app.options.size / 1.2) - 1)),
      "]": () => app.setOption("size", Math.min(1024, Math.round(app.options.size * 1.2) + 1)),
      Enter: () => (app.tool.isBusy ? app.tool.accept?.() : app.selected && app.askCaption(app.selected)),
      Delete: () => app.remove(),
      Backspace: () => app.remove(),
      x: () => app.setTool(app.tool.id === "brush" ? "eraser" : "brush"),
      n: () => app.armNew(),
      "?": () => app.openKeys(),
      f: () => (document.fullscreenElement ? document.exitFullscreen() : app.element.requestFullscreen?.()),
      "\\": () => this.#original(true),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (work) work();
    else if (/^[1-9]$/.test(event.key)) {
      const region = app.scene.regions[Number(event.key) - 1];
      if (region) app.select(region.id, { reveal: true });
    } else return false;
    app.stage.redrawLive();
    return true;
  }

  #tool(id, event) {
    if (event.repeat) return true;
    this.loan = { key: event.key.toLowerCase(), from: this.app.tool.id, at: event.timeStamp }; // when it was pressed, however busy the page is
    this.app.setTool(id);
    return true;
  }

  #up(event) {
    const { app, loan } = this;
    if (event.key === " ") this.#pan(false);
    if (event.key === "\\") this.#original(false);
    if (!loan || event.key.toLowerCase() !== loan.key) return;
    const isHeld = loan.isUsed || event.timeStamp - loan.at > this.hold;
    if (!isHeld || (app.tool.isBusy && !app.stage.pointer)) this.loan = null;
    else if (app.stage.pointer) loan.isOver = true; // the stroke is finished first
    else this.#giveBack();
  }

  /** A stroke has ended: a tool used under its held key was only lent. */
  #released() {
    if (!this.loan) return;
    this.loan.isUsed = true;
    if (this.loan.isOver) this.#giveBack();
  }

  #giveBack() {
    const { from } = this.loan;
    this.loan = null;
    this.app.setTool(from);
  }

  #pan(on) {
    const isNew = this.app.isPanning !== on;
    this.app.isPanning = on;
    if (isNew) this.app.emit("live");
    return true;
  }

  #original(on) {
    if (this.app.holdsOriginal === on) return;
    this.app.holdsOriginal = on;
    this.app.emit("options");
  }

  #release() {
    this.loan = null;
    this.#pan(false);
    this.#original(false);
  }
}
