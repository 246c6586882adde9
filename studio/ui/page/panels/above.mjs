/** What lies above the page: menus, toasts, the start cards, the keyboard sheet, small dialogs. */

import { fill, h } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { heard, t } from "../words/words.mjs";

/** Layers above the page; Escape and a click outside close the topmost one. */
export class Above {
  constructor(root) {
    this.root = root;
    this.toasts = h("div.s2a-layer.toasts", { role: "status", "aria-live": "polite" });
    root.append(this.toasts);
    this.stack = [];
  }

  get isOpen() {
    return this.stack.length > 0;
  }

  open(element, { onclose = null, outside = true } = {}) {
    const layer = { element, onclose, returnTo: document.activeElement };
    if (outside) {
      layer.watch = (event) => {
        if (element.classList.contains("cover") ? event.target === element : !element.contains(event.target)) this.close(layer);
      };
      setTimeout(() => this.root.addEventListener("pointerdown", layer.watch, true));
    }
    this.stack.push(layer);
    this.root.append(element);
    (element.querySelector("[autofocus]") ?? element.querySelector("input, button, select"))?.focus();
    return () => this.close(layer);
  }

  close(layer = this.stack.at(-1)) {
    const at = this.stack.indexOf(layer);
    if (at < 0) return false;
    this.stack.splice(at, 1);
    this.root.removeEventListener("pointerdown", layer.watch, true);
    layer.element.remove();
    layer.onclose?.();
    if (layer.returnTo?.isConnected) layer.returnTo.focus?.({ preventScroll: true });
    return true;
  }

  closeAll() {
    while (this.stack.length) this.close();
  }

  menu(anchor, items, { note = "" } = {}) {
    const list = h("div", { role: "menu" });
    const menu = h("div.s2a-layer.menu", {}, note ? h("p.note", {}, note) : null, list);
    const close = this.open(menu);
    fill(
      list,
      ...items.map((item) =>
        item === null
          ? h("hr")
          : h("button", { role: "menuitem", disabled: Boolean(item.disabled), onclick: () => { close(); item.work(); } }, item.icon ? icon(item.icon, 15) : null, item.label, item.keys ? h("kbd", {}, item.keys) : null),
      ),
    );
    const rect = anchor.getBoundingClientRect();
    menu.style.left = `${Math.min(rect.left, innerWidth - menu.offsetWidth - 8)}px`;
    const below = rect.bottom + 5;
    menu.style.top = `${below + menu.offsetHeight > innerHeight ? Math.max(8, rect.top - menu.offsetHeight - 5) : below}px`;
    menu.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = [...menu.querySelectorAll("button:not(:disabled)")];
      buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length]?.focus();
    });
    menu.querySelector("button")?.focus();
  }

  sheet(title, ...content) {
    const cover = h("div.s2a-layer.cover", { role: "dialog", "aria-modal": "true", "aria-label": title });
    const close = this.open(cover);
    cover.append(
      h("div.sheet", {}, h("header", {}, h("h2", {}, title), h("button.btn.ghost.icon", { "aria-label": t("Close"), onclick: close }, icon("close", 16))), ...content),
    );
    (cover.querySelector("[autofocus]") ?? cover.querySelector("button")).focus();
    return close;
  }

  toast(text, { kind = "", action = null, seconds = 5, onclose = null } = {}) {
    const toast = h("div.toast", { class: `toast ${kind}${action ? " offer" : ""}` }, h("span", {}, text));
    const close = () => {
      if (!toast.isConnected) return;
      toast.remove();
      onclose?.();
    };
    toast.close = close;
    if (action) toast.append(h("button.btn.small", { onclick: () => { close(); action.work(); } }, action.label));
    if (kind === "bad") toast.append(h("button.btn.small.icon.ghost", { "aria-label": t("Close"), onclick: close }, icon("close", 13)));
    for (const same of [...this.toasts.children]) if (same.textContent === toast.textContent) same.close();
    while (this.toasts.children.length > 3) this.toasts.firstChild.close();
    this.toasts.append(toast);
    setTimeout(close, seconds * 1000 * (kind === "bad" ? 2 : 1));
  }

  /** Offers belong to the scene they were made for. */
  dropOffers() {
    for (const toast of [...this.toasts.querySelectorAll(".offer")]) toast.close();
  }
}

const KEYS = [
  ["Tools", [["V", "Move"], ["W|S", "Smart click"], ["B", "Brush"], ["E", "Eraser"], ["X", "Brush or eraser"], ["L", "Lasso"], ["P|Shift+L", "Polygon"], ["R", "Rectangle"], ["O", "Ellipse"], ["G", "Fill"], ["H", "Pan"], ["Z", "Zoom"]]],
  ["Shapes", [["Shift", "Add to the region"], ["Alt", "Take away"], ["Right drag", "Take away"], ["[|]", "Brush size"], ["N", "New region"], ["Enter", "Accept"], ["Esc", "Cancel"], ["Tab", "Next candidate"], ["1–9", "Select a region"], ["Ctrl+D", "Duplicate"], ["Del", "Delete"], ["Arrows", "Move by a pixel"]]],
  ["Picture", [["Ctrl+Enter", "Generate"], ["Esc", "Cancel the render"], ["Ctrl+Z", "Undo"], ["Ctrl+Shift+Z", "Redo"], ["Ctrl+0", "Fit"], ["Ctrl+1", "100 %"], ["Space", "Pan while held"], ["\\", "Show the original while held"], ["F", "Full screen"], ["Ctrl+S", "Save the project"], ["Ctrl+O", "Open a file"], ["?", "This sheet"]]],
];

export function keySheet(app) {
  app.above.sheet(
    t("Keyboard shortcuts"),
    h(
      "div.keys",
      {},
      ...KEYS.map(([title, rows]) =>
        h("section", {}, h("h3", {}, t(title)), ...rows.map(([keys, what]) => h("div", {}, h("span", {}, t(what)), h("span", {}, ...keys.split("|").map((key) => h("kbd", {}, t(key))))))),
      ),
    ),
    h("p.dim", { style: { marginTop: "14px" } }, t("Letters work while the canvas has the focus, never while you type. Hold a tool's key to use it for a moment.")),
  );
}

/** A region from numbers: for work without a mouse. */
export function numberSheet(app) {
  const { width, height } = app.scene;
  const field = (label, value, max) => h("input", { type: "number", value: String(Math.round(value)), min: "0", max: String(max), "aria-label": label });
  const x = field(t("Left"), width / 4, width);
  const y = field(t("Top"), height / 4, height);
  const w = field(t("Width"), width / 2, width);
  const hgt = field(t("Height"), height / 2, height);
  const shape = h("select", { "aria-label": t("Shape") }, h("option", { value: "rectangle" }, t("Rectangle")), h("option", { value: "ellipse" }, t("Ellipse")));
  const caption = h("input", { type: "text", "aria-label": t("Caption"), placeholder: t("what is it?"), autofocus: true });
  const make = () => {
    const [left, top] = [Number(x.value), Number(y.value)];
    const isMade = app.makeByNumbers(shape.value, [left, top], [left + Number(w.value), top + Number(hgt.value)], caption.value);
    if (!isMade) return;
    close();
    app.stage.panes[0].live.focus(); // so that the arrows move the new region
  };
  const row = (label, ...inputs) => h("div", { style: { display: "flex", gap: "8px", alignItems: "center", margin: "6px 0" } }, h("span", { style: { minWidth: "92px" } }, label), ...inputs);
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); make(); } }, row(t("Caption"), caption), row(t("Shape"), shape), row(`${t("Left")}, ${t("Top")}`, x, y), row(`${t("Width")}, ${t("Height")}`, w, hgt), h("button.btn.primary", { type: "submit", style: { marginTop: "12px" } }, t("Make the region")));
  caption.style.width = "260px";
  const close = app.above.sheet(t("New region by numbers"), form);
}

/** Another size for the whole scene: every mask is scaled with it. */
export function sizeSheet(app) {
  const { width, height } = app.scene;
  const now = `${width}x${height}`;
  const size = h("select", { "aria-label": t("Canvas size"), autofocus: true }, ...app.sizes().map((one) => h("option", { value: `${one.width}x${one.height}` }, sizeName(one))));
  size.value = now;
  const resize = (event) => {
    event.preventDefault();
    close();
    const [w, hgt] = size.value.split("x").map(Number);
    if (size.value !== now) app.edit("resize_scene", { width: w, height: hgt });
  };
  const form = h("form", { onsubmit: resize }, size, h("p.dim", { style: { margin: "10px 0 14px" } }, t("All regions are scaled with it; a photo is removed. Undo brings everything back.")), h("button.btn.primary", { type: "submit" }, t("Change the size")));
  const close = app.above.sheet(t("Canvas size"), form);
}

/** 256 × 256 · the model's own */
export function sizeName({ width, height, label }) {
  return [`${width} × ${height}`, label && heard(label)].filter(Boolean).join(" · ");
}
