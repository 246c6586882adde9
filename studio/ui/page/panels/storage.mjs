/** What fills the disk, and what may be deleted. Starred pictures and the scene are never part of it. */

import { fill, h } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { heard, t } from "../words/words.mjs";

export async function openStorage(app) {
  const body = h("div", {}, h("p.dim", {}, t("Looking…")));
  app.above.sheet(t("Storage"), body);
  show(app, body, await app.asked("storage", {}));
}

function show(app, body, answer) {
  if (!answer) return;
  if (answer.strips) app.takeStrips(answer.strips);
  const { project, disk, bin } = answer;
  const line = (name, label, bytes, canFree = true) =>
    h(
      "tr",
      {},
      h("td", {}, label),
      h("td.number", {}, megabytes(bytes ?? 0)),
      h("td", {}, canFree && bytes ? letGo(name) : null),
    );
  const letGo = (what) => {
    const words = h("span", {}, t("Delete permanently"));
    const button = h("button.btn.small", {}, icon("trash", 13), words);
    button.addEventListener("click", async () => {
      if (!button.classList.contains("danger")) {
        button.classList.add("danger");
        words.textContent = t("Yes, delete");
      } else show(app, body, await app.asked("free_space", { what }));
    });
    return button;
  };
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

function megabytes(bytes) {
  if (bytes >= 2 ** 30) return `${(bytes / 2 ** 30).toFixed(1)} GB`;
  return `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)} MB`;
}
