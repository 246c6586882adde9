/** The region list: numbers, captions in place, eye, lock, order by dragging, measured fidelity. */

import { fill, h, patch, toggle } from "./dom.mjs";
import { Ghost } from "./ghost.mjs";
import { icon } from "./icons.mjs";
import { layerRow, openLayerMenu, updateLayerRow } from "./region_layer.mjs";
import { numberSheet } from "./sheets.mjs";
import { WordBar } from "./word_bar.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts, Region } from "../types.mjs" */

/** @import { LayerRow } from "./region_layer.mjs" */

/** @typedef {Pick<Parts, "bus" | "above" | "composite" | "document" | "editing" | "edits" | "fidelity" | "findings" | "menus" | "proposals" | "renders" | "stage" | "suggestions" | "typing">} RegionParts */
/** @typedef {LayerRow & { element: HTMLElement, caption: HTMLInputElement, ghost: Ghost } & Record<"drag" | "chip" | "warn" | "gamma" | "badge" | "eye" | "lock", HTMLElement>} Row */

/** The colours of an overlap measure. @param {number | null} iou */
function grade(iou) {
  if (iou === null) return "";
  return iou >= 0.75 ? "good" : iou >= 0.5 ? "fair" : "poor";
}

export class RegionList {
  /** @type {Map<string, Row>} */
  #rows = new Map();

  /** @param {RegionParts} parts */
  constructor(parts) {
    this.parts = parts;
    this.list = h("div.regions", { role: "list", "aria-label": t("Regions, the top one first") });
    this.count = h("span.count");
    this.background = h("div.background-row", { role: "listitem" }, h("span"), h("span.chip", {}, "0"), h("span", {}, t("Background: the scene caption")));
    this.none = h("div.none", { role: "listitem" }, t("No regions yet. Take the brush, the lasso or the rectangle and draw where something should be, then say what it is."));
    this.element = h("section.panel", { style: { display: "contents" } }, this.#head(), new WordBar(parts).element, this.list);
    parts.bus.onAny(["scene", "selection", "hover", "scores", "hints", "editing", "result", "suggested", "typing"], () => this.update());
    parts.bus.on("reveal", (id) => this.#rows.get(id)?.element.scrollIntoView({ block: "nearest" }));
    this.update();
  }

  #head() {
    const { edits, proposals } = this.parts;
    return h(
      "div.panel-head",
      {},
      h("h2", {}, t("Regions")),
      this.count,
      h("span.grow"),
      h("button.btn.ghost.icon.small", { title: t("New region by numbers"), "aria-label": t("New region by numbers"), onclick: () => numberSheet(this.parts) }, icon("grid")),
      h("button.btn.ghost.icon.small", { title: t("Find everything in the picture"), "aria-label": t("Find everything in the picture"), onclick: () => proposals.find() }, icon("smart")),
      h("button.btn.ghost.icon.small", { title: `${t("New region")} (N)`, "aria-label": t("New region"), onclick: () => edits.armNew() }, icon("plus")),
    );
  }

  update() {
    const regions = [...this.parts.document.scene.regions].reverse();
    const wanted = new Set(regions.map((region) => region.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    regions.forEach((region, index) => {
      const row = this.#rows.get(region.id) ?? this.#row(region.id);
      this.#update(row, region);
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
    });
    if (!regions.length && !this.none.isConnected) this.list.prepend(this.none);
    if (regions.length) this.none.remove();
    if (this.list.lastChild !== this.background) this.list.append(this.background);
    patch(this.count, "textContent", regions.length ? String(regions.length) : "");
    const { isOn } = this.parts.editing;
    this.list.classList.toggle("layers", isOn);
    patch(this.background.lastElementChild ?? this.background, "textContent", isOn ? t("The photo: kept as it is") : t("Background: the scene caption"));
    patch(this.none, "textContent", isOn ? t("Click what should change, or draw around it, then say what it should be.") : t("No regions yet. Take the brush, the lasso or the rectangle and draw where something should be, then say what it is."));
  }

  /** @param {string} id @returns {Row} */
  #row(id) {
    const { document, edits, menus } = this.parts;
    /** Turn one of its switches. @param {"visible" | "locked"} name */
    const turn = (name) => edits.setRegion(id, { [name]: !document.region(id)?.[name] });
    const parts = {
      drag: h("span.drag", { title: t("Drag to change the order"), "aria-hidden": "true" }, icon("drag", 14)),
      chip: h("button.chip", { tabindex: "-1", onclick: () => document.select(id, { reveal: true }) }),
      caption: h("input.caption", { type: "text", spellcheck: "false", placeholder: t("what is it?"), maxlength: "2000" }),
      warn: h("button.warn", { onclick: (event) => menus.openWarnings(id, event.currentTarget) }, icon("warn", 14)),
      gamma: h("button.own", { tabindex: "-1", onclick: () => this.#editGamma(id) }),
      badge: h("button.badge", { onclick: (event) => menus.openFidelity(id, event.currentTarget) }),
      eye: h("button.tiny.eye", { onclick: () => turn("visible") }, icon("eye", 14)),
      lock: h("button.tiny.lock", { onclick: () => turn("locked") }, icon("unlock", 14)),
      ...layerRow(id, this.parts),
    };
    const acts = h("span.acts", {}, parts.dice, parts.pin, parts.more);
    const element = h("div.region", { role: "listitem", "data-id": id }, parts.drag, parts.thumb, parts.chip, parts.caption, parts.warn, parts.gamma, parts.badge, parts.eye, parts.lock, parts.note, acts);
    const row = { ...parts, element, ghost: new Ghost(parts.caption, this.parts.suggestions, () => id) };
    this.#listen(row, id);
    this.#rows.set(id, row);
    return row;
  }

  /** To the typed gamma of one region. @param {string} id */
  #editGamma(id) {
    this.parts.document.select(id);
    this.parts.bus.emit("editGamma");
  }

  /** @param {Row} row @param {string} id */
  #listen({ element, caption, drag }, id) {
    const { document, typing } = this.parts;
    element.addEventListener("pointerenter", () => document.hover(id));
    element.addEventListener("pointerleave", () => document.hover(null));
    element.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Element && !target.closest("button, .drag")) document.select(id);
    });
    element.addEventListener("contextmenu", (event) => {
      if (!this.parts.editing.isOn || event.target === caption) return;
      event.preventDefault();
      openLayerMenu(id, element, this.parts);
    });
    caption.addEventListener("focus", () => document.select(id));
    caption.addEventListener("input", () => typing.typeCaption(id, caption.value));
    caption.addEventListener("change", () => typing.settleCaption());
    caption.addEventListener("keydown", (event) => this.#key(event, id));
    drag.addEventListener("pointerdown", (event) => this.#startDrag(event, id, element, drag));
  }

  /** @param {KeyboardEvent} event @param {string} id */
  #key(event, id) {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step) {
      event.preventDefault();
      if (event.altKey) this.parts.edits.moveInOrder(id, -step);
      else this.#focusNext(id, step);
    }
    if (event.key === "Enter") {
      this.parts.typing.settleCaption();
      this.#focusNext(id, 1);
    }
    if (event.key === "Escape") this.parts.stage.focus();
  }

  /** @param {string} id @param {number} step down the list */
  #focusNext(id, step) {
    const ids = this.parts.document.scene.regions.map((region) => region.id).reverse();
    this.#rows.get(ids[ids.indexOf(id) + step])?.caption.focus();
  }

  /** @param {Row} row @param {Region} region */
  #update(row, region) {
    const scene = this.parts.document;
    const n = scene.numberOf(region.id);
    toggle(row.element, "aria-current", region.id === scene.selected);
    row.element.classList.toggle("hover", region.id === scene.hovered);
    row.element.classList.toggle("off", !region.visible);
    patch(row.chip, "textContent", String(n));
    row.chip.style.background = scene.lookOf(region.id).colour;
    row.chip.setAttribute("aria-label", t("Select region {n}", { n }));
    row.caption.setAttribute("aria-label", t("Caption of region {n}", { n }));
    const { editing } = this.parts;
    const placeholder = !editing.isOn ? t("what is it?") : editing.isMade(region.id) ? t("removed") : t("what should it be?");
    if (document.activeElement !== row.caption) patch(row.caption, "value", region.caption);
    row.ghost.update(placeholder);
    this.#toggle(row.eye, region.visible ? "eye" : "eyeOff", !region.visible, region.visible ? t("Hide") : t("Show"));
    this.#toggle(row.lock, region.locked ? "lock" : "unlock", region.locked, region.locked ? t("Unlock") : t("Lock"));
    this.#badge(row.badge, region.id);
    const isOwn = region.gamma !== null && region.gamma !== undefined;
    patch(row.gamma, "hidden", !isOwn);
    if (isOwn) patch(row.gamma, "textContent", `γ ${region.gamma?.toFixed(2)}`);
    row.gamma.title = t("This region's own gamma");
    const leak = this.parts.fidelity.leakOf(region.id);
    const hints = [...(leak ? [leak] : []), ...scene.hintsOf(region.id).filter((hint) => hint.level !== "note")];
    patch(row.warn, "hidden", !hints.length);
    row.warn.classList.toggle("leak", Boolean(leak));
    row.warn.title = hints.map((hint) => scene.hintText(hint)).join("\n");
    row.warn.setAttribute("aria-label", row.warn.title);
    updateLayerRow(row, region, this.parts);
  }

  /** @param {HTMLElement} button @param {string} name @param {boolean} isOn @param {string} label */
  #toggle(button, name, isOn, label) {
    if (button.dataset.icon !== name) {
      fill(button, icon(name, 14));
      button.dataset.icon = name;
    }
    toggle(button, "aria-pressed", isOn);
    button.title = label;
    button.setAttribute("aria-label", label);
  }

  /** @param {HTMLElement} badge @param {string} id */
  #badge(badge, id) {
    const { fidelity } = this.parts;
    const score = fidelity.scoreOf(id);
    patch(badge, "hidden", !score);
    if (!score) return;
    const number = score.iou?.toFixed(2);
    patch(badge, "className", `badge ${grade(score.iou)}`);
    patch(badge, "textContent", number ?? "–");
    const overlap = score.note ?? t("Overlap {n}: {how}", { n: number ?? "", how: fidelity.howMeasured });
    badge.title = [overlap, fidelity.likenessOf(id)].filter(Boolean).join("\n");
  }

  /** @param {PointerEvent} event @param {string} id @param {HTMLElement} element @param {HTMLElement} drag */
  #startDrag(event, id, element, drag) {
    event.preventDefault();
    drag.setPointerCapture(event.pointerId);
    element.classList.add("dragging");
    /** @type {ReturnType<RegionList["placeAt"]>} */
    let target = null;
    /** @param {PointerEvent} at */
    const move = ({ clientY }) => {
      target = this.placeAt(clientY, id);
      this.#mark(target);
    };
    const done = () => {
      drag.removeEventListener("pointermove", move);
      element.classList.remove("dragging");
      this.#mark(null);
      if (target) this.parts.edits.dropRegion(id, target.other, target.isAfter);
    };
    drag.addEventListener("pointermove", move);
    drag.addEventListener("pointerup", done, { once: true });
    drag.addEventListener("pointercancel", done, { once: true });
  }

  /** Where a dragged region would go; null over itself and outside. @param {number} clientY @param {string} id */
  placeAt(clientY, id) {
    for (const [other, { element: row }] of this.#rows) {
      const { top, bottom, height } = row.getBoundingClientRect();
      if (clientY >= top && clientY < bottom && other !== id) return { other, row, isAfter: clientY > top + height / 2 };
    }
    return null;
  }

  /** @param {ReturnType<RegionList["placeAt"]>} place */
  #mark(place) {
    for (const { element } of this.#rows.values()) element.classList.remove("before", "after");
    place?.row.classList.add(place.isAfter ? "after" : "before");
  }
}
