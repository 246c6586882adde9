/** What travels between the page and the studio about editing a photo. */

import type { Box, Job, History, OpenAnswer, EditAnswer } from "./types.mjs";

/** How much differs outside what was changed: the largest difference of 255, in how many pixels. */
export type Outside = { largest: number; count: number; of: number };
/** What the model sees of the photo: null is automatic, a box was drawn by hand. */
export type ContextChoice = null | "region" | "whole" | Box;

/** What one region became: a picture with its own alpha, and how it lies on the photo. */
export interface EditLayer {
  /** None while it has not been made. */
  ref: string | null;
  /** Where it lies, in pixels of the scene. */
  box: Box | null;
  opacity: number;
  seed: number | null;
  pinned: boolean;
  to_do: boolean;
  /** The photo itself shows it already: a result that is edited. */
  settled?: boolean;
  /** The region's shape is another than when it was made: what lies outside it does not show. */
  clip?: boolean;
  /** It is what lies around the subject. */
  is_around?: boolean;
}

/** A photo that is being edited; null in a sketch. */
export interface PhotoWork {
  name: string;
  width: number;
  height: number;
  original: string;
  strength: number;
  feather: number | null;
  context: ContextChoice;
  match_colours: boolean | number;
  subject: string | null;
  contact_shadow: boolean | number;
  fill: boolean;
  outside: Outside | null;
  to_do: string[];
  layers: Record<string, EditLayer>;
}

/** How good a picture of a search is, 0 to 1; what could not be measured is left out. */
export type Scores = Partial<Record<"fidelity" | "colours" | "growth" | "total", number>>;
/** What can be set for the whole edit. */
export type EditSettings = Pick<PhotoWork, "strength" | "feather" | "context" | "match_colours" | "subject" | "contact_shadow" | "fill">;
export type PhotoFormat = "original" | "png" | "jpeg" | "tiff" | "openraster" | "psd";
/** A part of the photo at its own resolution; the box in pixels of the photo. */
export type Tile = { image: HTMLImageElement; box: Box };

/** What dropped files turned out to be. */
export type Kind = "photo" | "mask" | "scene";
/** Files that came from outside, and what they may be taken for. */
export type Arrival = { files: File[]; kind: Kind };

export interface PhotoAnswers {
  edit_photo: OpenAnswer;
  edit_result: EditAnswer;
  photo_tile: { file: string; box: Box };
  context_boxes: { boxes: Box[] };
  reroll: { job: Job | null; node?: string | null; history?: History };
  remove_thing: EditAnswer & { job: Job | null; node?: string | null; history?: History };
  find_good: { job: Job | null; node?: string | null; history?: History };
  export_photo: { file: string; name: string; outside?: Outside | null; notices?: string[] };
}
