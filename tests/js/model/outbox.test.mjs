/** Edits on their way: in order, merged, and not held up by a refused one. */

import assert from "node:assert/strict";
import test from "node:test";
import { Outbox } from "../../../studio/ui/page/model/outbox.mjs";

test("the outbox sends in order, one at a time", async () => {
  const sent = [];
  let running = 0;
  const outbox = new Outbox(async (edit) => {
    assert.equal(++running, 1);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running--;
    sent.push(edit.n);
    return edit.n;
  });
  const answers = await Promise.all([1, 2, 3].map((n) => outbox.push({ n })));
  await outbox.settled();
  assert.deepEqual([sent, answers], [[1, 2, 3], [1, 2, 3]]);
});

test("waiting edits of one field become the last of them", async () => {
  const sent = [];
  const send = async (edit) => sent.push(edit.gamma);
  const outbox = new Outbox(send, (before, after) => (before.gamma && after.gamma ? after : null));
  for (const gamma of [0.1, 0.2, 0.3, 0.4]) outbox.push({ gamma });
  await outbox.settled();
  assert.deepEqual(sent, [0.1, 0.4]);
});

test("a failed edit does not stop the ones behind it", async () => {
  const outbox = new Outbox(async (edit) => {
    if (edit.bad) throw new Error("refused");
    return "ok";
  });
  const bad = outbox.push({ bad: true });
  const good = outbox.push({});
  await assert.rejects(bad, /refused/);
  assert.equal(await good, "ok");
});
