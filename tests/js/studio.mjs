/** The world outside the page's model: a studio that takes every edit, and a browser without a screen. */

import { Refused } from "../../studio/ui/page/model/server.mjs";

export const REGION = { id: "a".repeat(12), caption: "red ball", name: null, gamma: null, visible: true, locked: false, slot: 0, mask: "m", clicks: [] };
export const SCENE = { revision: 0, width: 8, height: 8, caption: null, photo: null, regions: [REGION], sampling: { gamma: 1, seed: 0, count: 1 }, hints: [], undo: null, redo: null, saved_at: null };
export const SHAPES = { [REGION.id]: { box: [0, 0, 4, 4], counts: [0, 16] } };

/** It keeps what was asked; `refusals` names actions that it does not do, with the kind of refusal. */
export class Studio {
  isConnected = true;
  revision = 0;
  asked = [];
  refusals = {};
  scene = SCENE;
  model = { ready: true };
  url = (reference) => reference;

  /** What an answer waits for before it is given; what it says is settled when it is asked. @type {(action: string) => unknown} */
  delay = () => {};

  async ask(action, payload = {}) {
    const answer = await this.#answer(action, payload);
    await this.delay(action);
    return answer;
  }

  #whole() {
    return { document: { ...this.scene, revision: this.revision }, shapes: SHAPES };
  }

  async #answer(action, payload) {
    this.asked.push({ action, payload });
    if (action in this.refusals) throw new Refused({ kind: this.refusals[action], error: `No ${action}.` });
    if (action === "render") return { ok: true, job: { id: `job ${this.asked.length}`, kind: "live", state: "running", seconds: 0 } };
    if (action === "preflight") return { ok: true, estimate: null, notices: [] };
    if (action === "document") return { ok: true, ...this.#whole() };
    if (action === "open" || action === "new_scene") return { ok: true, session: "s", owner: "o", project: { id: "p", name: "" }, model: this.model, status: { ready: this.model.ready }, ...this.#whole() };
    this.revision++;
    const sampling = { ...this.scene.sampling, ...(action === "set_sampling" ? { gamma: payload.gamma } : {}) };
    return { ok: true, revision: this.revision, document: { ...this.scene, revision: this.revision, sampling }, shapes: {}, notices: [] };
  }

  /** How often something was asked, or what it was asked with. */
  times(action) {
    return this.payloads(action).length;
  }

  payloads(action) {
    return this.asked.filter((one) => one.action === action).map((one) => one.payload);
  }
}

/** What the model asks of a browser: a memory, a taste, and somewhere to put a class. */
export function withBrowser() {
  const kept = new Map();
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  globalThis.localStorage ??= storage;
  globalThis.sessionStorage ??= storage;
  globalThis.matchMedia ??= () => ({ matches: false });
  globalThis.location ??= { hash: "" };
  globalThis.history ??= { replaceState: () => {} };
  globalThis.document ??= { body: { classList: { toggle: () => {} } }, documentElement: {} };
}
