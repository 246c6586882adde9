/** Builds the page inside the component's element; called once, the element is never re-mounted. */

import { buildParts } from "./app.mjs";
import { listenForFiles } from "./panels/drop.mjs";
import { GammaDock } from "./panels/dock.mjs";
import { h } from "./panels/dom.mjs";
import { HistoryStrip } from "./panels/history.mjs";
import { Inspector } from "./panels/inspector.mjs";
import { MakePanel } from "./panels/make.mjs";
import { OptionsBar } from "./panels/options_bar.mjs";
import { RegionList } from "./panels/regions.mjs";
import { asError, isRefusal, Server } from "./model/server.mjs";
import { StatusBar } from "./panels/status_bar.mjs";
import { ToolStrip } from "./panels/tool_strip.mjs";
import { TopBar } from "./panels/top_bar.mjs";
import { t } from "./words/words.mjs";

/** @import { Call, Parts, Proposal } from "./types.mjs" */

/** @param {HTMLElement} root @param {Call} call @param {string} base where our routes begin */
export async function mount(root, call, base) {
  const parts = buildParts(root, new Server(call, base));
  root.prepend(...panels(parts));
  tell(parts);
  speak(parts);
  listenForFiles(parts);
  parts.bus.on("editing", () => root.classList.toggle("editing", parts.editing.isOn));
  window.addEventListener("pagehide", () => parts.document.outbox.isIdle || parts.typing.settleCaption());
  Object.assign(window, { seg2any: parts }); // for tests and for the console
  await begin(parts);
  parts.polling.start();
  root.dataset.ready = "true";
  return parts;
}

/** @param {Parts} parts */
function panels(parts) {
  return [
    new TopBar(parts).element,
    new ToolStrip(parts).element,
    new OptionsBar(parts).element,
    parts.demo.element,
    parts.stage.element,
    h("aside.side", { "aria-label": t("Regions and rendering") }, new RegionList(parts).element, new Inspector(parts).element, new MakePanel(parts).element),
    new GammaDock(parts).element,
    new HistoryStrip(parts).element,
    new StatusBar(parts).element,
  ];
}

/** What this tab had open; for a new person the start page. @param {Parts} parts */
async function begin(parts) {
  const { projects, start } = parts;
  const wantsExample = location.hash === "#example";
  const { is_new: isNew } = await opened(parts);
  if (isNew && wantsExample && projects.examples.length) await projects.startExample(projects.examples[0].id);
  else if (isNew) await start.open();
}

/** Open, and try again until the studio answers. @param {Parts} parts */
async function opened({ above, projects }) {
  for (;;) {
    try {
      return await projects.open();
    } catch (error) {
      if (!isRefusal(error, "offline")) above.toast(asError(error).message, { kind: "bad" });
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

/** What the parts have to say to the user. @param {Parts} parts */
function tell({ above, bus, lens, proposals, server }) {
  bus.on("notice", (text) => above.toast(text));
  bus.on("refused", (error) => above.toast(error.message, { kind: "bad" }));
  bus.on("undoable", ({ text, work, label = t("Undo"), kind = "" }) => above.toast(text, { action: { label, work }, seconds: 8, kind }));
  bus.on("proposals", (found) => offer(found, { above, proposals }));
  bus.on("otherProject", () => above.dropOffers());
  bus.on("entering", () => {
    above.closeAll();
    lens.fit();
  });
  server.onconnection = (isConnected) => {
    above.toast(isConnected ? t("Connected again.") : t("The studio does not answer. Your work is kept; trying again…"), { kind: isConnected ? "good" : "bad" });
    bus.emit("device");
  };
}

/** What was found is shown as outlines before it becomes regions. @param {Proposal[]} found @param {Pick<Parts, "above" | "proposals">} parts */
function offer(found, { above, proposals }) {
  if (!found.length) {
    above.toast(t("Nothing new was found: everything is a region already."));
    return;
  }
  proposals.show(found);
  above.toast(t("{n} areas found", { n: found.length }), {
    action: { label: t("Make them regions"), work: () => proposals.make(found) },
    seconds: 20,
    onclose: () => proposals.show([]),
  });
}

/** The selection is said aloud. @param {Parts} parts */
function speak({ bus, document, root }) {
  const spoken = h("div.sr", { "aria-live": "polite" });
  root.append(spoken);
  bus.on("selection", () => {
    const region = document.region(document.selected);
    const text = region ? `${t("Region {n}", { n: document.numberOf(region.id) })}: ${region.caption}` : "";
    if (spoken.textContent !== text) spoken.textContent = text;
  });
}
