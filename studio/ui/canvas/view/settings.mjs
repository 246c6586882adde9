/** The settings drawer: which model, adapters, segmenter and device; what is found, what is missing. */

import { fill, h } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { t } from "./words.mjs";

export async function openSettings(app) {
  const body = h("div", {}, h("p.dim", {}, t("Looking…")));
  const drawer = h("aside.s2a-layer.drawer", { role: "dialog", "aria-label": t("Settings") });
  const close = app.above.open(drawer);
  drawer.append(h("header", {}, h("h2", {}, t("Settings")), h("button.btn.ghost.icon", { "aria-label": t("Close"), onclick: close }, icon("close", 16))), body);
  drawer.querySelector("button").focus();
  try {
    fill(body, ...content(app, await app.server.ask("settings"), close));
  } catch (error) {
    fill(body, h("p", {}, error.message));
  }
}

function content(app, settings, close) {
  const { current, found, devices } = settings;
  const wanted = {};
  const choice = (name, label, options) => {
    const select = h("select", { "aria-label": label, style: { flex: "1" } }, ...options.map(([value, text, isOff]) => h("option", { value, disabled: Boolean(isOff), selected: value === (current[name] ?? "") }, text)));
    select.value = current[name] ?? "";
    select.addEventListener("change", () => {
      wanted[name] = select.value || null;
      apply.disabled = false;
    });
    return h("div", { style: { display: "flex", gap: "10px", alignItems: "center", margin: "6px 0" } }, h("span", { style: { width: "96px" } }, label), select);
  };
  const list = (items) => items.map((one) => [one.id ?? "", one.ready ? one.name : `${one.name} (${t("missing")})`, !one.ready]);
  const apply = h("button.btn.primary", { disabled: true, style: { marginTop: "10px" }, onclick: () => { close(); use(app, wanted); } }, t("Load; the scene stays"));
  const missing = [...found.bases, ...found.adapters, ...found.segmenters].filter((one) => !one.ready);
  return [
    h("h3", {}, t("Model")),
    choice("base", t("Base"), list(found.bases)),
    choice("adapters", t("Adapters"), [["", t("those beside the base")], ...list(found.adapters).filter(([id]) => id)]),
    choice("segmenter", t("Segmenter"), list(found.segmenters)),
    h("h3", {}, t("Machine")),
    choice("device", t("Device"), (devices ?? []).map((one) => (typeof one === "string" ? [one, one] : [one.id, one.name]))),
    choice("dtype", t("Precision"), [["auto", t("automatic")], ["float32", "float32"], ["bfloat16", "bfloat16"], ["float16", "float16"]]),
    choice("offload", t("Offload"), [["none", t("none")], ["model", t("by model")], ["group", t("by group")], ["sequential", t("sequential")]]),
    choice("quantize", t("Quantize"), [["none", t("none")], ["nf4", "nf4"], ["int8", "int8"]]),
    apply,
    missing.length ? h("h3", {}, t("Not here yet")) : null,
    h("div.found", {}, ...missing.map((one) => h("div", {}, h("b", {}, one.name), one.missing ? h("span.dim", {}, one.missing) : null, one.command ? h("code", {}, one.command) : null))),
    h("h3", {}, t("Help")),
    h("button.btn", { onclick: () => copyDiagnostics(app) }, icon("copy", 14), t("Copy diagnostics")),
  ];
}

async function use(app, wanted) {
  try {
    const { job } = await app.server.ask("use_model", wanted);
    app.jobs = [...app.jobs, job];
    app.emit("job");
    app.wake();
  } catch (error) {
    app.emit("refused", error);
  }
}

async function copyDiagnostics(app) {
  const { text } = await app.server.ask("diagnostics").catch((error) => ({ text: error.message }));
  try {
    await navigator.clipboard.writeText(text);
    app.above.toast(t("Copied."), { kind: "good" });
  } catch {
    app.above.sheet(t("Diagnostics"), h("pre", { style: { userSelect: "text", whiteSpace: "pre-wrap" } }, text));
  }
}
