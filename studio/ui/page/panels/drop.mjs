/** Files that are dropped onto the page or pasted into it, whole folders too. */

import { h } from "./dom.mjs";
import { t } from "../words/words.mjs";

/** @import { Kind } from "../photo_types.mjs" */
/** @import { Parts } from "../types.mjs" */

/** @param {Pick<Parts, "root" | "above" | "arrivals" | "bus" | "files" | "stage">} parts */
export function listenForFiles({ root, above, arrivals, bus, files, stage }) {
  let depth = 0; // how many elements of the page the files are over
  const sign = h("div.drop", {}, t("Drop photos, a mask, a project, a label map or a PNG made here"));
  root.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth++;
    stage.element.append(sign);
  });
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) sign.remove();
  });
  root.addEventListener("drop", async (event) => {
    event.preventDefault();
    depth = 0;
    sign.remove();
    if (event.dataTransfer) arrivals.receive(await filesIn(event.dataTransfer));
  });
  document.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (root.isConnected && pasted.length) arrivals.receive(pasted);
  });
  bus.on("arrival", ({ files: arrived, kind }) => ask(arrived, kind, { above, arrivals, files }));
}

/** What is dropped, folders by what lies in them. @param {DataTransfer} transfer @returns {Promise<File[]>} */
async function filesIn(transfer) {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []); // all at once: they are gone after the first wait
  const loose = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return loose;
  const found = await Promise.all(entries.map(inside));
  return found.flat().sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function inside(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) return [await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject))];
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length) break;
    all.push(...some);
  }
  return (await Promise.all(all.map(inside))).flat();
}

/** What it is for can only be known by asking. @param {File[]} arrived @param {Kind} kind @param {Pick<Parts, "above" | "arrivals" | "files">} parts */
function ask(arrived, kind, { above, arrivals, files }) {
  /** @param {string} label @param {string} text @param {() => unknown} work @param {boolean} isFirst */
  const way = (label, text, work, isFirst = false) =>
    h("button.way", { autofocus: isFirst, onclick: () => { close(); work(); } }, h("b", {}, label), h("span", {}, text));
  /** @param {"edit" | "layout" | "open"} how */
  const open = (how) => () => files.open(arrived, how, { isOffered: true });
  const edit = way(t("Edit this photo"), t("Change parts of it; everything else stays exactly as it is."), open("edit"), kind === "photo");
  const layout = way(t("New picture in its layout"), t("Its objects become regions; a new picture is made from them."), open("layout"));
  const asMask = way(t("Make it a region"), t("What is white becomes a region of this picture."), () => arrivals.addMask(arrived[0]), true);
  const asScene = way(t("Open it"), t("As a label map or a project of its own."), open("open"));
  const ways = kind === "mask" ? [asMask, asScene, edit] : [edit, layout];
  const picture = h("img", { alt: "", src: URL.createObjectURL(arrived[0]), onload: () => URL.revokeObjectURL(picture.src), onerror: () => picture.remove() });
  const close = above.sheet(t("What shall be done with {name}?", { name: arrived[0].name }), h("div.ways", {}, picture, h("div", {}, ...ways)), h("p.dim", {}, t("Your present project is kept; undo leads back to it.")));
}
