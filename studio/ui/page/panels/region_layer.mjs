/** A region of a photo as a layer: what it became, what is to be done with it, and its menu. */

import { h, patch, toggle } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "../words/words.mjs";

/** @import { MenuItem, Parts, Region } from "../types.mjs" */

/** @typedef {Pick<Parts, "above" | "bus" | "composite" | "document" | "editing" | "edits" | "renders">} LayerParts */
/** @typedef {{ thumb: HTMLElement, picture: HTMLImageElement, note: HTMLElement, dice: HTMLButtonElement, pin: HTMLElement, more: HTMLElement }} LayerRow */

/** @param {string} id @param {LayerParts} parts @returns {LayerRow} */
export function layerRow(id, parts) {
  const { document, editing, edits, renders } = parts;
  /** @param {string} name @param {string} label @param {(anchor: HTMLElement) => unknown} work */
  const button = (name, label, work) => h("button.tiny", { title: label, "aria-label": label, onclick: (event) => work(event.currentTarget) }, icon(name, 14));
  const picture = h("img", { alt: "", draggable: "false" });
  return {
    picture,
    thumb: h("button.thumb", { tabindex: "-1", onclick: () => document.select(id, { reveal: true }) }, picture),
    note: h("span.note"),
    dice: button("dice", t("Roll this region again; the others stay (A)"), () => renders.reroll(id)),
    pin: button("pin", t("Pin: it stays when others are made again"), () => edits.setRegion(id, { pinned: !editing.isPinned(id) })),
    more: button("more", t("More for this region"), (anchor) => openLayerMenu(id, anchor, parts)),
  };
}

/** @param {LayerRow} row @param {Region} region @param {LayerParts} parts */
export function updateLayerRow(row, region, { composite, document, editing }) {
  if (!editing.isOn) return;
  const url = composite.urlOf(region.id);
  patch(row.picture, "hidden", !url);
  if (url && row.picture.getAttribute("src") !== url) row.picture.src = url;
  row.thumb.classList.toggle("made", Boolean(url));
  row.thumb.setAttribute("aria-label", t("Select region {n}", { n: document.numberOf(region.id) }));
  patch(row.note, "textContent", layerNote(region, editing));
  row.note.classList.toggle("todo", region.visible && editing.isToDo(region.id));
  toggle(row.pin, "aria-pressed", editing.isPinned(region.id));
  patch(row.dice, "disabled", !region.visible || editing.settings.subject === region.id);
}

/** What there is to say about its layer, in a few words. @param {Region} region @param {Parts["editing"]} editing */
function layerNote(region, editing) {
  const { id } = region;
  if (editing.settings.subject === id) return t("kept: all else changes");
  const percent = Math.round(100 * editing.opacityOf(id));
  const seed = editing.seedOf(id);
  const words = [
    editing.isToDo(id) ? (editing.isMade(id) || editing.layerOf(id)?.settled ? t("changed, to do") : t("to do")) : "",
    !editing.isToDo(id) && editing.layerOf(id)?.settled ? t("in the picture already") : "",
    percent < 100 ? `${percent} %` : "",
    editing.isMade(id) && seed !== null ? `${t("seed")} ${seed}` : "",
  ];
  return words.filter(Boolean).join(" · ");
}

/** @param {string} id @param {Element} anchor @param {LayerParts} parts */
export function openLayerMenu(id, anchor, { above, bus, document, editing, edits, renders }) {
  document.select(id);
  const isSubject = editing.settings.subject === id;
  const region = document.region(id);
  /** @type {MenuItem[]} */
  const items = [
    { icon: "dice", label: t("Roll it again"), keys: "A", work: () => renders.reroll(id), disabled: isSubject },
    { icon: "brush", label: t("Change the caption"), work: () => bus.emit("askCaption", id) },
    null,
    { icon: "erase", label: t("Remove it from the photo"), work: () => renders.removeThing(id), disabled: isSubject },
    isSubject
      ? { icon: "check", label: t("No longer keep it: change it"), work: () => editing.keepSubject(null) }
      : { icon: "subject", label: t("Keep it, change everything else"), work: () => editing.keepSubject(id) },
    null,
    { icon: "pin", label: editing.isPinned(id) ? t("Unpin") : t("Pin"), work: () => edits.setRegion(id, { pinned: !editing.isPinned(id) }) },
    { icon: region?.locked ? "lock" : "unlock", label: region?.locked ? t("Unlock") : t("Lock"), work: () => edits.setRegion(id, { locked: !region?.locked }) },
    { icon: "copy", label: t("Duplicate"), keys: "Ctrl+D", work: () => edits.duplicate() },
    { icon: "trash", label: t("Delete"), keys: "Del", work: () => edits.remove(), disabled: region?.locked },
  ];
  above.menu(anchor, items);
}
