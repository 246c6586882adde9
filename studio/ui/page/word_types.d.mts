/** What finding by word and by likeness and what suggestions bring. */

import type { Job, Loops, Shape } from "./types.mjs";

export type WireFinding = { shape: Shape; score: number; caption: string };
/** What was found, its outline, and whether it is to become a region. */
export type Finding = WireFinding & { isChosen: boolean; loops: Loops };
export type Layout = { regions: { shape: Shape; caption: string; gamma: number | null }[]; caption: string };

/** What a job that recognises ends with; `by`: who found or said it. */
export interface Recognised {
  found?: WireFinding[];
  captions?: { picture: string; regions: Record<string, string> };
  worlds?: string[];
  layout?: Layout;
  by?: string;
}

export interface WordAnswers {
  find: { job: Job };
  similar: { job: Job };
  suggest_captions: { job: Job };
  suggest_worlds: { job: Job };
  suggest_layout: { job: Job };
}
