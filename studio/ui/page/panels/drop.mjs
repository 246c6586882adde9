/** Files that are dropped onto the page or pasted into it. */

import { h } from "./dom.mjs";
import { t } from "../words/words.mjs";

/** @import { Parts } from "../types.mjs" */

/** @param {Pick<Parts, "root" | "files" | "stage">} parts */
export function listenForFiles({ root, files, stage }) {
  let depth = 0; // how many elements of the page the files are over
  const sign = h("div.drop", {}, t("Drop a photo, a project, a label map or a PNG made here"));
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
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    sign.remove();
    files.open([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (root.isConnected && pasted.length) files.open(pasted);
  });
}
