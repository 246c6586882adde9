/** The settings drawer: which model, adapters, segmenter and device; what is found, what is missing. */

import { fill, h } from "./dom.mjs";
import { icon } from "./icons.mjs";
import { heard, t } from "../words/words.mjs";

export async function openSettings(app) {
  const body = h("div", {}, h("p.dim", {}, t("Looking…")));
  const drawer = h("div.s2a-layer.drawer", { role: "dialog", "aria-label": t("Settings"), "aria-modal": "true" });
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
    const select = h("select", { "aria-label": label }, ...options.map(([value, text, isOff]) => h("option", { value, disabled: Boolean(isOff), selected: value === (current[name] ?? "") }, text)));
    select.value = current[name] ?? "";
    select.addEventListener("change", () => {
      wanted[name] = select.value || null;
      apply.disabled = false;
    });
    return h("label.setting", {}, h("span", {}, label), select);
  };
  const list = (items) => items.map((one) => [one.id ?? "", one.ready ? one.name : `${one.name} (${t("missing")})`, !one.ready]);
  const apply = h("button.btn.primary", { disabled: true, style: { marginTop: "10px" }, onclick: () => { close(); use(app, wanted); } }, t("Load; the scene stays"));
  const kinds = { bases: t("Base"), adapters: t("Adapters"), segmenters: t("Segmenter") };
  const all = Object.entries(kinds).flatMap(([kind, label]) => found[kind].map((one) => ({ ...one, label })));
  const ready = all.filter((one) => one.ready);
  const missing = all.filter((one) => !one.ready);
  return [
    h("h3", {}, t("Model")),
    choice("base", t("Base"), list(found.bases)),
    choice("adapters", t("Adapters"), [["", t("the ones beside the base")], ...list(found.adapters).filter(([id]) => id)]),
    choice("segmenter", t("Segmenter"), list(found.segmenters)),
    h("h3", {}, t("Machine")),
    choice("device", t("Device"), (devices ?? []).map((one) => (typeof one === "string" ? [one, one] : [one.id, one.name]))),
    choice("dtype", t("Precision"), [["auto", t("automatic")], ["float32", "float32"], ["bfloat16", "bfloat16"], ["float16", "float16"]]),
    choice("offload", t("Offload"), [["none", t("none")], ["model", t("by model")], ["group", t("by group")], ["sequential", t("sequential")]]),
    choice("quantize", t("Quantize"), [["none", t("none")], ["nf4", "nf4"], ["int8", "int8"]]),
    apply,
    h("h3", {}, t("Found in weights/")),
    h("p.ready", {}, ...ready.map((one) => h("span", {}, icon("check", 13), `${one.label}: ${one.name}`))),
    missing.length ? h("h3", {}, t("Not downloaded yet")) : null,
    h("div.found", {}, ...missing.map((one) => lacking(app, one))),
    h("h3", {}, t("Help")),
    h("button.btn", { onclick: () => copyDiagnostics(app) }, icon("copy", 14), t("Copy diagnostics")),
  ];
}

/** What is missing, and the exact command that gets it. */
function lacking(app, one) {
  const copy = h("button.btn.small", { onclick: () => copyText(app, one.command, one.name) }, icon("copy", 13), t("Copy"));
  return h(
    "div",
    {},
    h("div.row", {}, h("b", {}, one.name), h("span.dim", {}, one.missing ? heard(one.missing) : ""), h("span.grow"), one.command ? copy : null),
    one.command ? h("code", {}, one.command) : null,
  );
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
  await copyText(app, text, t("Diagnostics"));
}

/** Into the clipboard; where the browser forbids that, shown to be copied by hand. */
async function copyText(app, text, title) {
  try {
    await navigator.clipboard.writeText(text);
    app.above.toast(t("Copied."), { kind: "good" });
  } catch {
    app.above.sheet(title, h("pre", { style: { userSelect: "text", whiteSpace: "pre-wrap" } }, text));
  }
}
