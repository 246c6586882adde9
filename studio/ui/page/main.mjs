/** Builds the page inside the component's element; called once, the element is never re-mounted. */

import { App } from "./app.mjs";
import { Bubble } from "./canvas/bubble.mjs";
import { OptionsBar, StatusBar, ToolStrip, TopBar } from "./panels/top_bar.mjs";
import { Demo } from "./panels/demo.mjs";
import { GammaDock } from "./panels/dock.mjs";
import { h } from "./panels/dom.mjs";
import { HistoryStrip } from "./panels/history.mjs";
import { Inspector } from "./panels/inspector.mjs";
import { Keys } from "./panels/keys.mjs";
import { MakePanel } from "./panels/make.mjs";
import { RegionList } from "./panels/regions.mjs";
import { Server } from "./model/server.mjs";
import { Above } from "./panels/above.mjs";
import { Smart } from "./canvas/smart.mjs";
import { Stage } from "./canvas/stage.mjs";
import { buildTools } from "./canvas/tools.mjs";
import { t } from "./words/words.mjs";

/** @param {(request: object) => Promise<object>} call @param {string} base where our routes begin */
export async function mount(root, call, base) {
  const app = new App(new Server(call, base));
  app.element = root;
  app.above = new Above(root);
  app.bubble = new Bubble(app);
  app.demo = new Demo(app);
  for (const tool of [...buildTools(app), new Smart(app)]) app.tools.set(tool.id, tool);
  app.tool = app.tools.get("brush");
  app.stage = new Stage(app);
  root.prepend(
    new TopBar(app).element,
    new ToolStrip(app).element,
    new OptionsBar(app).element,
    app.demo.element,
    app.stage.element,
    h("aside.side", { "aria-label": t("Regions and rendering") }, new RegionList(app).element, new Inspector(app).element, new MakePanel(app).element),
    new GammaDock(app).element,
    new HistoryStrip(app).element,
    new StatusBar(app).element,
  );
  listen(app, root);
  app.keys = new Keys(app, root);
  window.seg2any = app; // for tests and for the console
  const wantsExample = location.hash === "#example";
  const { is_new: isNew } = await opened(app);
  if (isNew && wantsExample && app.examples.length) await app.startExample(app.examples[0].id);
  else if (isNew) await app.openStart();
  app.startPolling();
  root.dataset.ready = "true";
  return app;
}

/** Open, and try again until the studio answers. */
async function opened(app) {
  for (;;) {
    try {
      return await app.open();
    } catch (error) {
      if (error.kind !== "offline") app.above.toast(error.message, { kind: "bad" });
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

function listen(app, root) {
  app.on("notice", (text) => app.above.toast(text));
  app.on("refused", (error) => app.above.toast(error.message, { kind: "bad" }));
  app.on("undoable", ({ text, work, label = t("Undo"), kind = "" }) => app.above.toast(text, { action: { label, work }, seconds: 8, kind }));
  app.on("proposals", (proposals) => offerProposals(app, proposals));
  const spoken = h("div.sr", { "aria-live": "polite" });
  root.append(spoken);
  app.on("selection", () => {
    const region = app.region(app.selected);
    const text = region ? `${t("Region {n}", { n: app.numberOf(region.id) })}: ${region.caption}` : "";
    if (spoken.textContent !== text) spoken.textContent = text;
  });
  let depth = 0;
  const sign = h("div.drop", {}, t("Drop a photo, a project, a label map or a PNG made here"));
  root.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth++;
    app.stage.element.append(sign);
  });
  root.addEventListener("dragover", (event) => event.preventDefault());
  root.addEventListener("dragleave", () => (depth = Math.max(0, depth - 1)) || sign.remove());
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    sign.remove();
    app.openFiles([...(event.dataTransfer?.files ?? [])]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (root.isConnected && files.length) app.openFiles(files);
  });
  window.addEventListener("pagehide", () => app.outbox.isIdle || app.settleCaption());
}

/** What was found is shown as outlines before it becomes regions. */
function offerProposals(app, proposals) {
  if (!proposals.length) {
    app.above.toast(t("Nothing new was found: everything is a region already."));
    return;
  }
  app.showProposals(proposals);
  const make = () => proposals.forEach((one) => app.acceptShape(one.shape, [], { ask: false }));
  app.above.toast(t("{n} areas found", { n: proposals.length }), {
    action: { label: t("Make them regions"), work: make },
    seconds: 20,
    onclose: () => app.showProposals([]),
  });
}
