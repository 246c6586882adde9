import assert from "node:assert/strict";
import test from "node:test";

import { buildModel } from "../../../studio/ui/page/model/model.mjs";
import { REGION, SCENE, Studio, withBrowser } from "../studio.mjs";

withBrowser();
const INK = { digest: "1".repeat(32), name: "ink", strength: 0.8 };
const OIL = { digest: "2".repeat(32), name: "oil", strength: -1 };

/** A page whose server has the given styles. */
async function page({ whole = [], own = null, missing = [] } = {}) {
  const studio = new Studio();
  studio.scene = { ...SCENE, regions: [{ ...REGION, style: own }], sampling: { ...SCENE.sampling, styles: whole }, missing_styles: missing };
  const model = buildModel(studio);
  await model.document.refresh();
  return { studio, ...model };
}

test("a style is put on the picture beside the others, changed and taken off", async () => {
  const { studio, styles } = await page({ whole: [INK] });
  await styles.put(null, OIL);
  await styles.put(null, { ...INK, strength: 0.1 });
  await styles.drop(null, INK);
  const sent = studio.payloads("set_sampling").map(({ styles: each }) => each.map((one) => [one.name, one.strength]));
  assert.deepEqual(sent, [[["ink", 0.8], ["oil", -1]], [["ink", 0.1]], []]);
});

test("a region has one style of its own", async () => {
  const { studio, styles, document } = await page({ own: INK });
  assert.deepEqual([styles.hasRoom(null), styles.hasRoom(REGION.id)], [true, false]);
  styles.put(REGION.id, OIL);
  assert.equal(document.region(REGION.id)?.style?.name, "oil");
  await styles.drop(REGION.id, OIL);
  assert.deepEqual(studio.payloads("set_region").map(({ style }) => style?.name ?? null), ["oil", null]);
});

test("a missing file is known, and a trigger word is said once", async () => {
  const { studio, styles } = await page({ own: INK, missing: [INK.digest] });
  assert.deepEqual([styles.isMissing(INK), styles.isMissing(OIL)], [true, false]);
  styles.sayWord(REGION.id, "ink wash");
  styles.sayWord(REGION.id, "Ink Wash");
  await new Promise((done) => setTimeout(done, 0));
  assert.deepEqual(studio.payloads("set_region").map(({ caption }) => caption), ["red ball, ink wash"]);
});
