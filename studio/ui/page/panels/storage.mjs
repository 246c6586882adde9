/** What fills the disk, and what may be deleted. Starred pictures and the scene are never part of it. */

import { fill, h } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Parts, StorageAnswer } from "../types.mjs" */

/** @typedef {Pick<Parts, "above" | "pictures" | "strips">} StorageParts */

/** @param {StorageParts} parts */
export async function openStorage(parts) {
  const body = h("div", {}, h("p.dim", {}, t("Looking…")));
  parts.above.sheet(t("Storage"), body);
  show(parts, body, await parts.pictures.asked("storage", {}));
}

/** @param {StorageParts} parts @param {HTMLElement} body @param {StorageAnswer | null} answer */
function show(parts, body, answer) {
  if (!answer) return;
  if (answer.strips) parts.strips.take(answer.strips);
  const { project, disk, bin } = answer;
  /** @param {string} name @param {string} label @param {number} bytes */
  const line = (name, label, bytes = 0, canFree = true) =>
    h(
      "tr",
      {},
      h("td", {}, label),
      h("td.number", {}, megabytes(bytes)),
      h("td", {}, canFree && bytes ? letGo(parts, body, name) : null),
    );
  fill(
    body,
    disk?.trouble ? h("p.trouble", {}, heard(disk.trouble)) : null,
    h(
      "table.storage",
      {},
      h(
        "tbody",
        {},
        line("pictures", t("Pictures of this project"), project.pictures, false),
        line("drafts", t("Drafts without a star"), project.drafts),
        line("strips", t("Gamma strips"), project.strips),
        line("deleted", t("Deleted pictures"), project.deleted),
        line("bin", t("Deleted projects"), bin),
      ),
    ),
    disk ? h("p.dim", {}, t("{a} used, {b} free on the disk", { a: megabytes(disk.used), b: megabytes(disk.free) })) : null,
  );
}

/** It asks once more before it does. @param {StorageParts} parts @param {HTMLElement} body @param {string} what */
function letGo(parts, body, what) {
  const words = h("span", {}, t("Delete permanently"));
  const button = h("button.btn.small", {}, icon("trash", 13), words);
  button.addEventListener("click", async () => {
    if (!button.classList.contains("danger")) {
      button.classList.add("danger");
      words.textContent = t("Yes, delete");
    } else show(parts, body, await parts.pictures.asked("free_space", { what }));
  });
  return button;
}

/** @param {number} bytes */
function megabytes(bytes) {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(1)} GB`;
  return `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)} MB`;
}
