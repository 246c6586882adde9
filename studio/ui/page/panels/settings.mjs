/** The settings drawer: which model, adapters, segmenter and device; what is found, what is missing. */

import { fill, h } from "./dom.mjs";
import { entriesPart } from "./entries.mjs";
import { Getting } from "./getting.mjs";
import { icon } from "./icons.mjs";
import { asError } from "../model/server.mjs";
import { heard, t } from "../words/words.mjs";

/** @import { Answers, Found, ModelSettings, Parts } from "../types.mjs" */
/** @import { Child } from "./dom.mjs" */

/** @typedef {Pick<Parts, "above" | "bus" | "jobs" | "server">} SettingsParts */
/** @typedef {[value: string, text: string, isOff?: boolean]} Choice */

/** @param {SettingsParts} parts */
export async function openSettings(parts) {
  const body = h("div", {}, h("p.dim.looking", {}, t("Looking…")));
  const drawer = h("div.s2a-layer.drawer", { role: "dialog", "aria-label": t("Settings"), "aria-modal": "true" });
  const close = parts.above.open(drawer);
  const closer = h("button.btn.ghost.icon", { "aria-label": t("Close"), onclick: close }, icon("close", 16));
  drawer.append(h("header", {}, h("h2", {}, t("Settings")), closer), body);
  closer.focus();
  /** @param {Answers["settings"]} settings */
  const show = async (settings) => {
    const getting = new Getting(parts, look);
    const published = new Set((await getting.start())?.models.map((model) => model.name));
    const { scrollTop } = drawer;
    fill(body, ...content(parts, settings, close, show, published), getting.element);
    drawer.scrollTop = scrollTop;
  };
  const look = async () => {
    try {
      await show(await parts.server.ask("settings"));
    } catch (error) {
      fill(body, h("p", {}, asError(error).message));
    }
  };
  await look();
}

/**
 * @param {SettingsParts} parts @param {Answers["settings"]} settings @param {() => void} close
 * @param {(settings: Answers["settings"]) => unknown} show
 * @param {Set<string>} published names that can be fetched with a button @returns {Child[]}
 */
function content(parts, settings, close, show, published) {
  const { found } = settings;
  /** @type {{ label: string, found: Found[] }[]} */
  const kinds = [{ label: t("Base"), found: found.bases }, { label: t("Adapters"), found: found.adapters }, { label: t("Segmenter"), found: found.segmenters }];
  const all = kinds.flatMap((kind) => kind.found.map((one) => ({ ...one, label: kind.label })));
  const missing = all.filter((one) => !one.ready && !published.has(one.name));
  return [
    ...choices(parts, settings, close),
    ...otherTool(parts, settings, show),
    h("h3", {}, settings.current.comfyui ? t("Found") : t("Found in weights/")),
    h("p.ready", {}, ...all.filter((one) => one.ready).map((one) => h("span", {}, icon("check", 13), `${one.label}: ${one.name}`))),
    h("div.found", {}, ...missing.map((one) => lacking(parts, one))),
    entriesPart(parts),
    h("h3", {}, t("Help")),
    h("button.btn", { onclick: () => copyDiagnostics(parts) }, icon("copy", 14), t("Copy diagnostics")),
    published.size ? h("h3", {}, t("Get models")) : null,
  ];
}

/** What can be chosen, and the button that loads it. @param {SettingsParts} parts @param {Answers["settings"]} settings @param {() => void} close */
function choices(parts, { current, found, devices }, close) {
  /** @type {Partial<ModelSettings>} */
  const wanted = {};
  const load = () => {
    close();
    use(parts, wanted);
  };
  const apply = h("button.btn.primary", { disabled: true, style: { marginTop: "10px" }, onclick: load }, t("Load; the scene stays"));
  /** @param {keyof ModelSettings} name @param {string} label @param {Choice[]} options */
  const choice = (name, label, options) => {
    const now = current[name] ?? "";
    const select = h("select", { "aria-label": label }, ...options.map(([value, text, isOff]) => h("option", { value, disabled: Boolean(isOff), selected: value === now }, text)));
    select.value = now;
    select.addEventListener("change", () => {
      wanted[name] = select.value || null;
      apply.disabled = false;
    });
    return h("label.setting", {}, h("span", {}, label), select);
  };
  /** @param {Found[]} items @returns {Choice[]} */
  const list = (items) => items.map((one) => [one.id ?? "", one.ready ? one.name : `${one.name} (${t("missing")})`, !one.ready]);
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
  ];
}

/** Another tool's folder, in which models are found too. @param {SettingsParts} parts @param {Answers["settings"]} settings @param {(settings: Answers["settings"]) => void} show @returns {Child[]} */
function otherTool({ server }, { current, may_look }, show) {
  if (!may_look) return current.comfyui ? [h("p.dim", {}, t("Also found in {folder}", { folder: current.comfyui }))] : [];
  const folder = h("input", { type: "text", value: current.comfyui ?? "", placeholder: "ComfyUI/models", spellcheck: false, "aria-label": t("ComfyUI's folder") });
  const said = h("p.dim", { role: "status" }, t("FLUX files there become bases. To keep it for next time, start with --comfyui FOLDER."));
  const look = async () => {
    try {
      show(await server.ask("look_in", { comfyui: folder.value.trim() || null }));
    } catch (error) {
      said.textContent = asError(error).message;
    }
  };
  folder.addEventListener("keydown", (event) => event.key === "Enter" && look());
  return [
    h("h3", {}, t("Models of another tool")),
    h("label.setting", {}, h("span", {}, t("ComfyUI's folder")), folder, h("button.btn.small", { onclick: look }, t("Look"))),
    said,
  ];
}

/** What is missing, and the exact command that gets it. @param {SettingsParts} parts @param {Found} one */
function lacking(parts, { name, missing, command }) {
  const copy = command ? h("button.btn.small", { onclick: () => copyText(parts, command, name) }, icon("copy", 13), t("Copy")) : null;
  return h(
    "div",
    {},
    h("div.row", {}, h("b", {}, name), h("span.dim", {}, missing ? heard(missing) : ""), h("span.grow"), copy),
    command ? h("code", {}, command) : null,
  );
}

/** @param {SettingsParts} parts @param {Partial<ModelSettings>} wanted */
async function use({ bus, jobs, server }, wanted) {
  try {
    const { job } = await server.ask("use_model", wanted);
    jobs.add(job);
    bus.emit("job");
    bus.emit("wake");
  } catch (error) {
    bus.emit("refused", asError(error));
  }
}

/** @param {SettingsParts} parts */
async function copyDiagnostics(parts) {
  const { text } = await parts.server.ask("diagnostics").catch((error) => ({ text: asError(error).message }));
  await copyText(parts, text, t("Diagnostics"));
}

/** Into the clipboard; where the browser forbids that, shown to be copied by hand. @param {SettingsParts} parts @param {string} text @param {string} title */
async function copyText({ above }, text, title) {
  try {
    await navigator.clipboard.writeText(text);
    above.toast(t("Copied."), { kind: "good" });
  } catch {
    above.sheet(title, h("pre", { style: { userSelect: "text", whiteSpace: "pre-wrap" } }, text));
  }
}
