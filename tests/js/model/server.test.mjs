/** Losing the studio and finding it again. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Server } from "../../../studio/ui/page/model/server.mjs";

test("a studio that does not know us any more is not connected again before it has let us in", async () => {
  const answers = [new Error("gone"), { ok: false, kind: "expired", error: "ended" }, { ok: true }];
  const call = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  globalThis.document = { baseURI: "http://127.0.0.1/" };
  const fetched = globalThis.fetch;
  globalThis.fetch = async () => null;
  try {
    const told = [];
    const server = new Server(call, "studio/");
    server.onconnection = (isConnected) => told.push(isConnected);
    await assert.rejects(server.ask("poll"));
    await assert.rejects(server.ask("poll"));
    assert.deepEqual(told, [false]);
    await server.ask("open");
    assert.deepEqual(told, [false, true]);
  } finally {
    globalThis.fetch = fetched;
    delete globalThis.document;
  }
});
