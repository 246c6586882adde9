/** Small dialogs: the keyboard, a region from numbers, another size. */

import { h } from "./dom.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { NamedSize, Parts } from "../types.mjs" */

/** @type {[string, [string, string][]][]} */
const KEYS = [
  ["Tools", [["V", "Move"], ["W|S", "Smart click"], ["B", "Brush"], ["E", "Eraser"], ["X", "Brush or eraser"], ["L", "Lasso"], ["P|Shift+L", "Polygon"], ["R", "Rectangle"], ["O", "Ellipse"], ["T", "Stamp"], ["G", "Fill"], ["H", "Pan"], ["Z", "Zoom"]]],
  ["Shapes", [["Shift", "Add to the region"], ["Alt", "Take away"], ["Right drag", "Take away"], ["[|]", "Brush size"], ["N", "New region"], ["Enter", "Accept"], ["Esc", "Cancel"], ["Tab", "Next candidate"], ["1–9", "Select a region"], ["Ctrl+D", "Duplicate"], ["Del", "Delete"], ["Arrows", "Move by a pixel"]]],
  ["Picture", [["Ctrl+Enter", "Generate"], ["Esc", "Cancel the render"], ["Ctrl+Z", "Undo"], ["Ctrl+Shift+Z", "Redo"], ["Ctrl+0", "Fit"], ["Ctrl+1", "100 %"], ["Space", "Pan while held"], ["\\", "Show the original while held"], ["M", "Show or hide the overlay"], ["A", "Roll the selected region again"], ["←|→", "Previous or next photo"], ["F", "Full screen"], ["Ctrl+S", "Save the project"], ["Ctrl+O", "Open a file"], ["?", "This sheet"]]],
];

/** @param {Pick<Parts, "above">} parts */
export function keySheet({ above }) {
  above.sheet(
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

/** A region from numbers: for work without a mouse. @param {Pick<Parts, "above" | "document" | "edits" | "stage">} parts */
export function numberSheet({ above, document, edits, stage }) {
  const { width, height } = document.scene;
  /** @param {string} label @param {number} value @param {number} max */
  const field = (label, value, max) => h("input", { type: "number", value: String(Math.round(value)), min: "0", max: String(max), "aria-label": label });
  const x = field(t("Left"), width / 4, width);
  const y = field(t("Top"), height / 4, height);
  const w = field(t("Width"), width / 2, width);
  const hgt = field(t("Height"), height / 2, height);
  const shape = h("select", { "aria-label": t("Shape") }, h("option", { value: "rectangle" }, t("Rectangle")), h("option", { value: "ellipse" }, t("Ellipse")));
  const caption = h("input", { type: "text", "aria-label": t("Caption"), placeholder: t("what is it?"), autofocus: true });
  const make = () => {
    const [left, top] = [Number(x.value), Number(y.value)];
    const kind = shape.value === "ellipse" ? "ellipse" : "rectangle";
    const isMade = edits.makeByNumbers(kind, [left, top], [left + Number(w.value), top + Number(hgt.value)], caption.value);
    if (!isMade) return;
    close();
    stage.focus(); // so that the arrows move the new region
  };
  /** @param {string} label @param {HTMLElement[]} inputs */
  const row = (label, ...inputs) => h("div", { style: { display: "flex", gap: "8px", alignItems: "center", margin: "6px 0" } }, h("span", { style: { minWidth: "92px" } }, label), ...inputs);
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); make(); } }, row(t("Caption"), caption), row(t("Shape"), shape), row(`${t("Left")}, ${t("Top")}`, x, y), row(`${t("Width")}, ${t("Height")}`, w, hgt), h("button.btn.primary", { type: "submit", style: { marginTop: "12px" } }, t("Make the region")));
  caption.style.width = "260px";
  const close = above.sheet(t("New region by numbers"), form);
}

/** Another size for the whole scene: every mask is scaled with it. @param {Pick<Parts, "above" | "document" | "machine">} parts */
export function sizeSheet({ above, document, machine }) {
  const { width, height } = document.scene;
  const now = `${width}x${height}`;
  const size = sizeChoice(machine.sizes(document.scene));
  size.toggleAttribute("autofocus", true);
  size.value = now;
  /** @param {Event} event */
  const resize = (event) => {
    event.preventDefault();
    close();
    const [w, hgt] = size.value.split("x").map(Number);
    if (size.value !== now) document.edit("resize_scene", { width: w, height: hgt });
  };
  const form = h("form", { onsubmit: resize }, size, h("p.dim", { style: { margin: "10px 0 14px" } }, t("All regions are scaled with it; a photo is removed. Undo brings everything back.")), h("button.btn.primary", { type: "submit" }, t("Change the size")));
  const close = above.sheet(t("Canvas size"), form);
}

/** A select whose values are like 256x256. @param {NamedSize[]} sizes */
export function sizeChoice(sizes) {
  return h("select", { "aria-label": t("Canvas size") }, ...sizes.map((one) => h("option", { value: `${one.width}x${one.height}` }, sizeName(one))));
}

/** 256 × 256 · the model's own @param {NamedSize} size */
function sizeName({ width, height, label }) {
  return [`${width} × ${height}`, label && heard(label)].filter(Boolean).join(" · ");
}
