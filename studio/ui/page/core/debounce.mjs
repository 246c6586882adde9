/** Work that waits until nothing more comes. */

/**
 * Run `work` after `pause` ms of silence; `.now()` runs it at once when it is waiting, `.drop()`
 * forgets it.
 * @param {() => void} work @param {number} pause
 */
export function debounce(work, pause) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  const drop = () => {
    if (timer) clearTimeout(timer);
    timer = null;
  };
  const run = () => {
    timer = null;
    work();
  };
  const waiting = () => {
    drop();
    timer = setTimeout(run, pause);
  };
  const now = () => {
    if (!timer) return;
    drop();
    work();
  };
  return Object.assign(waiting, { now, drop });
}
