/** Edits on their way to the server: strictly in order, one in flight, merged where that is safe. */

export class Outbox {
  /**
   * @param {(edit: object) => Promise<any>} send
   * @param {(before: object, after: object) => object|null} merge one edit for two, or null
   */
  constructor(send, merge = () => null) {
    this.send = send;
    this.merge = merge;
    this.waiting = [];
    this.inFlight = null;
    this.listeners = new Set();
  }

  get isIdle() {
    return !this.inFlight && this.waiting.length === 0;
  }

  /** Resolves with the server's answer to this edit (or to the edit it was merged into). */
  push(edit) {
    const last = this.waiting[this.waiting.length - 1];
    const merged = last && this.merge(last.edit, edit);
    if (merged) {
      last.edit = merged;
      return last.promise;
    }
    const item = { edit };
    item.promise = new Promise((resolve, reject) => Object.assign(item, { resolve, reject }));
    this.waiting.push(item);
    this.#pump();
    return item.promise;
  }

  /** Resolves when everything pushed so far has arrived. */
  settled() {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.listeners.add(resolve));
  }

  async #pump() {
    if (this.inFlight || !this.waiting.length) return;
    const item = (this.inFlight = this.waiting.shift());
    try {
      item.resolve(await this.send(item.edit));
    } catch (error) {
      item.reject(error);
    }
    this.inFlight = null;
    if (this.waiting.length) this.#pump();
    else {
      const done = [...this.listeners];
      this.listeners.clear();
      done.forEach((resolve) => resolve());
    }
  }
}
