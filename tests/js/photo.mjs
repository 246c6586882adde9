/** A photo of 32 x 32 whose working scene is 8 x 8, with one region to do. */

import { REGION, SCENE, SHAPES } from "./studio.mjs";

export const LAYER = { ref: "layer.png", box: [0, 0, 4, 4], opacity: 1, seed: 7, pinned: false, to_do: false };
export const WORK = {
  name: "kitchen.jpg", width: 32, height: 32, original: "kitchen", strength: 1, feather: null, context: null, match_colours: true,
  subject: null, contact_shadow: 0, fill: false, outside: { largest: 0, count: 0, of: 1024 }, to_do: [REGION.id], layers: {},
};

/** The document of an edit with these values. */
export const photo = (values = {}, regions = [REGION], revision = 0) => ({ ...SCENE, revision, photo: "proxy.png", regions, edit: { ...WORK, ...values } });
export const SECOND = { ...REGION, id: "b".repeat(12), caption: "blue cup", slot: 1 };
export const BOTH = { ...SHAPES, [SECOND.id]: { box: [4, 4, 8, 8], counts: [0, 16] } };
