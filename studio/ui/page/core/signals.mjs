/** How one part tells the others, without knowing them, that something is so now. */

/** @template E what comes with each signal, by its name */
export class Signals {
  /** @type {Map<keyof E, Set<(value: any) => void>>} `on` and `emit` tie the values to their names */
  #listeners = new Map();

  /** @template {keyof E} K @param {K} name @param {(value: E[K]) => void} listener */
  on(name, listener) {
    const known = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, known.add(listener));
  }

  /** Any of several signals. @param {(keyof E)[]} names @param {() => void} work */
  onAny(names, work) {
    for (const name of names) this.on(name, () => work());
  }

  /** @template {keyof E} K @param {K} name @param {E[K] extends void ? [] : [E[K]]} values */
  emit(name, ...values) {
    for (const listener of this.#listeners.get(name) ?? []) listener(values[0]);
  }
}
