/** The machine and its model: what it is, what it can do, whether it is well. */

import { heard } from "../words/words.mjs";

/** @import { MachineStatus, ModelFacts, NamedSize, Parts, Size } from "../types.mjs" */

export class Machine {
  /** @type {MachineStatus} */
  status = {};
  /** @type {ModelFacts} */
  model = {};
  /** @type {string | null | undefined} the trouble that the user was told of */
  #told = null;

  /** @param {Pick<Parts, "bus">} parts */
  constructor({ bus }) {
    this.bus = bus;
  }

  /** Until its sizes, limits and advice are known here, a model that the studio has loaded still loads. */
  get isLoading() {
    return this.status.ready === false || this.model.ready === false;
  }

  /** @returns {Record<string, number | null>} by the setting's name */
  get recommended() {
    return this.model.recommended ?? {};
  }

  /** At the opening of a project, which shows trouble by itself. @param {ModelFacts} model @param {MachineStatus} status */
  opened(model, status) {
    this.model = model;
    this.status = status;
    this.#told = status.error;
  }

  /** @param {MachineStatus} status */
  take(status) {
    this.status = status;
    if (status.ready === false) this.model = { ...this.model, ready: false };
    else if (this.model.ready === false) this.bus.emit("modelReady");
    if (status.error && status.error !== this.#told) this.bus.emit("refused", new Error(heard(status.error)));
    this.#told = status.error;
    this.bus.emit("device");
  }

  /**
   * The sizes that this model likes; before one is known, the scene's own.
   * @param {Size} scene @returns {NamedSize[]}
   */
  sizes({ width, height }) {
    const sizes = this.model.sizes?.map(([wide, high, label]) => ({ width: wide, height: high, label }));
    return sizes?.length ? sizes : [{ width, height }];
  }
}
