/** What travels between the page and the studio, and the parts that the page is built of. */

import type { Above } from "./panels/above.mjs";
import type { Album } from "./model/album.mjs";
import type { Arrivals } from "./model/arrivals.mjs";
import type { Bubble } from "./canvas/bubble.mjs";
import type { Comparison } from "./model/comparison.mjs";
import type { Composite } from "./model/composite.mjs";
import type { Context } from "./model/context.mjs";
import type { Demo } from "./panels/demo.mjs";
import type { Editing } from "./model/editing.mjs";
import type { Edits } from "./model/edits.mjs";
import type { Estimate } from "./model/estimate.mjs";
import type { Fidelity } from "./model/fidelity.mjs";
import type { Files } from "./model/files.mjs";
import type { Findings } from "./model/findings.mjs";
import type { Jobs } from "./model/jobs.mjs";
import type { Keys } from "./panels/keys.mjs";
import type { Lens } from "./canvas/lens.mjs";
import type { Live } from "./model/live.mjs";
import type { Machine } from "./model/machine.mjs";
import type { Menus } from "./panels/menus.mjs";
import type { ModelSees } from "./model/model_sees.mjs";
import type { News } from "./model/news.mjs";
import type { Photo } from "./model/photo.mjs";
import type { Pictures } from "./model/pictures.mjs";
import type { Polling } from "./model/polling.mjs";
import type { Projects } from "./model/projects.mjs";
import type { Proposals } from "./model/proposals.mjs";
import type { Renders } from "./model/renders.mjs";
import type { Saving } from "./model/saving.mjs";
import type { SceneDocument } from "./model/document.mjs";
import type { Server } from "./model/server.mjs";
import type { Sharp } from "./model/sharp.mjs";
import type { Signals } from "./core/signals.mjs";
import type { Stage } from "./canvas/stage.mjs";
import type { StartPage } from "./panels/start.mjs";
import type { Status } from "./model/status.mjs";
import type { Stamps } from "./model/stamps.mjs";
import type { Strips } from "./model/strips.mjs";
import type { Styles } from "./model/styles.mjs";
import type { Suggestions } from "./model/suggestions.mjs";
import type { Toolbox } from "./canvas/toolbox.mjs";
import type { Typing } from "./model/typing.mjs";
import type { View } from "./model/view.mjs";

import type { Recognised, WordAnswers } from "./word_types.mjs";
import type { GettingAnswers } from "./getting_types.mjs";
import type { Arrival, Outside, PhotoAnswers, PhotoWork, Scores } from "./photo_types.mjs";

// The door

/** A browser that was let in; times are seconds since 1970. */
export type Entry = { id: string; made: number; seen: number; address: string; browser: string; own: boolean };
export type DoorAnswer =
  | { ok: true; lock: "token" | "login" | "none"; entries: Entry[] }
  | { ok: false; error: string };

// Geometry and masks

/** [left, top, right, bottom) in scene pixels. */
export type Box = [number, number, number, number];
export type Loops = number[][];
/** A shape of the palette; the loops are in its own size. */
export type Stamp = { caption: string; names: string[]; chinese: string[]; size: [number, number]; loops: Loops };
export type Size = { width: number; height: number };
export type Placing = { scale: number; x: number; y: number };
/** A mask's box, and its run lengths within. */
export type Shape = { box: Box | null; counts: number[] };
/** x, y, and 1 for "this" or 0 for "not this". */
export type Click = [number, number, number];
export type Mode = "new" | "add" | "subtract" | "intersect" | "replace";
export type Pattern = "slash" | "dots" | "backslash" | "plain" | "rows" | "cross" | "columns";
export type Look = { colour: string; pattern: Pattern };
export type Anchor = { x: number; y: number; run: number; score: number };
export type Outline = { box: Box; loops: Loops; anchor: Anchor | null };
/** A mask in the making, and the box that was drawn on. */
export type Plane = { mask: Uint8Array; box: Box | null };

// The document

export type Score = { iou: number | null; measurable?: boolean; reason?: string | null; node?: string | null; shows?: string | null; warning?: string; fixes?: Fix[]; likeness?: number | null };

export interface Region {
  id: string;
  caption: string;
  name: string | null;
  gamma: number | null;
  /** Of this region alone. */
  style?: StyleChoice | null;
  visible: boolean;
  locked: boolean;
  slot: number;
  clicks: Click[];
  fidelity?: Score | null;
  /** Of an edit of a photo; null is the edit's, or chosen by itself. */
  seed?: number | null;
  strength?: number | null;
  feather?: number | null;
  pinned?: boolean;
  /** Of its layer; here only while it is being changed. */
  opacity?: number;
  /** From here on only as the server knows it. */
  mask?: string;
  tokens?: number;
  caption_tokens?: number;
  caption_limit?: number;
  unknown_words?: string[];
}

export type ShownRegion = Region & Look & { number: number; outline: Outline };

export interface Sampling {
  gamma: number;
  seed: number;
  count: number;
  steps?: number | null;
  guidance?: number | null;
  true_cfg?: number | null;
  negative_caption?: string | null;
  styles?: StyleChoice[];
}

/** A style that is put on: the digest of its file. The server tells its name. */
export type StyleChoice = { digest: string; name?: string; strength: number };
/** A style that lies in the studio's folder. */
export interface WireStyle {
  digest: string;
  name: string;
  title: string;
  words: string[];
  licence: string | null;
  megabytes: number;
  picture: string | null;
  fault: string | null;
}

export type Fix = { id: string; label: string };

export interface Hint {
  id?: string;
  kind: string;
  level: "warning" | "note";
  region: string | null;
  text: string;
  fixes?: Fix[];
}

export interface WireDocument extends Size {
  revision: number;
  caption: string | null;
  photo: string | null;
  /** Digests of styles whose file is not there. */
  missing_styles?: string[];
  regions: Region[];
  sampling: Sampling;
  effective?: Partial<Sampling>;
  hints: Hint[];
  undo: string | null;
  redo: string | null;
  saved_at?: number | null;
  /** Only in a studio that edits photos. */
  edit?: PhotoWork | null;
}

/** The scene as the page shows it. */
export type PageScene = Size & { caption: string; regions: Region[] };
export type Shapes = Record<string, Shape>;

/** One edit on its way; edits of one gesture are merged while they wait. */
export interface Edit {
  action: string;
  payload: Record<string, unknown>;
  region?: string | null;
  gesture?: string | null;
}

// Jobs and pictures

export type Quality = "final" | "draft" | "live";
export type JobState = "waiting" | "running" | "done" | "failed" | "cancelled";
export type Proposal = { shape: Shape };

export interface Job extends Recognised {
  /** None before the studio has answered. */
  id?: string;
  kind: string;
  state: JobState;
  position?: number | null;
  phase?: string;
  step?: number;
  steps?: number;
  seconds?: number;
  seconds_left?: number | null;
  suspicious?: string | null;
  error?: string | null;
  summary?: string | null;
  proposals?: Proposal[];
}

export type Frame = { job: string; number: number; image: string };

export interface WireNode {
  id: string;
  parent: string | null;
  kind: Quality;
  at: number;
  images: string[];
  thumbnail: string;
  seed: number;
  gamma: number;
  seconds: number;
  changes: string | null;
  summary: string | null;
  score: number | null;
  star: boolean;
  outside?: Outside | null;
  scores?: Scores;
}

/** A picture of the history with what the page writes under it. */
export interface PictureNode extends WireNode {
  time: number;
  what: string;
  title: string;
  iou: number | null;
  starred: boolean;
  draft: boolean;
}

export type History = { nodes: WireNode[]; shown: string | null };
export type WireStrip = { id: string; done: boolean; stale: boolean; items: { gamma: number; image: string | null; iou: number | null }[]; found?: number | null; note?: string };
export type Shot = { gamma: number; url: string | null; picture: HTMLImageElement | null; iou: number | null };
export type Strip = { id: string; done: boolean; shots: Shot[]; isStale: boolean; found?: number | null; note?: string };
export type Costs = { seconds?: number | null; image_tokens: number; contour_tokens: number; text_tokens: number };
export type Difference = { a: string; b: string; image: HTMLImageElement; changes: string; mean: number; largest: number };

/** The label map on the token grid, and the contour tokens that are kept. */
export interface ModelGrid {
  columns: number;
  rows: number;
  labels: number[];
  contour: number[];
  contour_columns: number;
  contour_rows: number;
  uncovered: number;
  token_pixels: number;
}

export interface Candidate {
  shape: Shape;
  name: "part" | "object" | "group";
  score: number;
}

// The machine and the projects

export type Disk = { used: number; limit: number; free: number; trouble?: string | null };

export interface MachineStatus {
  device?: string | null;
  model?: string | null;
  segmenter?: string | null;
  ready?: boolean;
  error?: string | null;
  cache?: { hits: number; misses: number; seconds_saved: number };
  save_error?: string | null;
  unused_card?: { name: string; torch: string; text: string; command: string | null } | null;
  disk?: Disk;
}

export interface ModelFacts {
  /** False when the sizes, limits and advice are not those of a loaded model. */
  ready?: boolean;
  sizes?: [number, number, string][];
  recommended?: Record<string, number | null>;
  exports?: string[];
}

export type NamedSize = Size & { label?: string };
export type Project = { id: string | null; name: string };
export interface ProjectSummary extends Project {
  id: string;
  thumbnail: string | null;
  regions: number;
  renders: number;
}
export interface Example {
  id: string;
  title: string;
  text: string;
  thumbnail: string | null;
}
export type Queue = { length: number };

/** What a poll tells; only what is new since `seen`. */
export interface NewsAnswer {
  seen?: unknown;
  revision?: number;
  queue?: Queue | null;
  status?: MachineStatus;
  saved_at?: number | null;
  demo?: { resets: number };
  jobs?: Job[];
  frame?: Frame | null;
  strips?: WireStrip[];
  history?: History;
  fidelity?: Record<string, Score>;
}

export type Found = { id: string | null; name: string; ready: boolean; missing?: string | null; command?: string | null };
export interface SettingsAnswer {
  current: Partial<ModelSettings> & { comfyui?: string | null };
  found: Record<"bases" | "adapters" | "segmenters", Found[]>;
  devices?: (string | { id: string; name: string })[];
  may_look: boolean; // name another tool's folder
}

export type ModelSettings = Record<"base" | "adapters" | "segmenter" | "device" | "dtype" | "offload" | "quantize", string | null>;

// Answers, by action

export type DocumentAnswer = { document: WireDocument; shapes: Shapes };
export type EditAnswer = DocumentAnswer & { revision: number; notices?: string[] };

export interface OpenAnswer extends DocumentAnswer {
  session: string;
  owner: string;
  project: Project & { id: string };
  model: ModelFacts;
  status?: MachineStatus;
  seen?: unknown;
  jobs?: Job[];
  strips?: WireStrip[];
  history?: History;
  notices?: string[];
  is_new?: boolean;
}

export type JobAnswer = { job: Job | null; node?: string | null; history?: History };
export type FileAnswer = { file: string; name: string };
export type StorageAnswer = {
  history?: History;
  strips?: WireStrip[];
  project: { pictures?: number; drafts?: number; strips?: number; deleted?: number };
  disk?: Disk;
  bin?: number;
};

/** Every edit answers alike; these are the other actions. */
export interface Answers extends PhotoAnswers, WordAnswers, GettingAnswers {
  open: OpenAnswer;
  new_scene: OpenAnswer;
  open_example: OpenAnswer;
  open_project: OpenAnswer;
  duplicate_project: OpenAnswer;
  open_files: OpenAnswer;
  set_photo: OpenAnswer;
  document: DocumentAnswer;
  examples: { examples: Example[] };
  stamps: { stamps: Stamp[] };
  projects: { projects: ProjectSummary[]; history?: History };
  rename_project: { project?: Project };
  poll: NewsAnswer;
  render: JobAnswer;
  strip: JobAnswer;
  auto_gamma: JobAnswer;
  cancel: object;
  preflight: { estimate: Costs | null; notices?: string[] };
  proposals: { job: Job };
  use_model: { job: Job };
  show: { history?: History };
  star: { history?: History };
  delete_node: { history?: History };
  undelete_node: { history?: History };
  compare: { difference: string; changes: string; mean: number; largest: number; history?: History };
  contours: { regions: { id: string; got: number[][][] | null }[] };
  model_view: ModelGrid;
  embed: { segmenter: string; seconds: number };
  segment: { candidates: (Candidate | null)[]; best: number };
  styles: { styles: WireStyle[] };
  add_style: { styles: WireStyle[]; added: string };
  demo: { demo?: { resets: number }; history?: History };
  storage: StorageAnswer;
  free_space: StorageAnswer;
  settings: SettingsAnswer;
  look_in: SettingsAnswer;
  diagnostics: { text: string };
  save_picture: FileAnswer;
  save_pictures: FileAnswer;
  save_project: FileAnswer;
  export_scene: FileAnswer;
  export_strip: FileAnswer;
}

/** How the studio made a sentence: its code, and the values in it, which may be sentences too. */
export type Made = [code: string, values: { [name: string]: string | number | Made }];
export type Action = keyof Answers;
export type AnswerTo<A extends string> = A extends Action ? Answers[A] : EditAnswer;
export type Refusal = { ok?: false; kind: string; error: string; said?: Record<string, Made> } & Partial<EditAnswer>;
/** The component's server function; nothing comes back when the studio does not answer. */
export type Call = (request: object) => Promise<object | undefined>;

// On the canvas and round it

export interface Pane {
  kind: "layout" | "result" | "wipe" | "over" | "diff";
  base: HTMLCanvasElement;
  live: HTMLCanvasElement;
  tag: HTMLElement;
  otherTag: HTMLElement | null;
  element: HTMLElement;
}

/** Where the pointer is: in the scene, in its pane, and what is held with it. */
export interface Point {
  x: number;
  y: number;
  sx: number;
  sy: number;
  pane: Pane;
  pressure: number;
  shift: boolean;
  alt: boolean;
  control: boolean;
  secondary: boolean;
  touch: boolean;
}

export type ViewMode = "split" | "layout" | "result" | "wipe" | "over" | "diff";
export type Options = { size: number; mode: Mode; opacity: number; labels: boolean; overlay: boolean };
export type Language = "en" | "zh";

/** null is a line between groups. */
export type MenuItem = { icon?: string | null; label: string; keys?: string; work: () => unknown; disabled?: boolean } | null;
/** A message with something to do about it. */
export type Offer = { text: string; work: () => unknown; label?: string; kind?: string };

/** What a part tells the others: the signal's name, and what comes with it. */
export interface Events {
  album: void;
  arrival: Arrival;
  askCaption: string;
  committed: Edit;
  context: void;
  contours: void;
  demoNews: { resets: number };
  device: void;
  editGamma: void;
  edited: number;
  editing: void;
  ended: Job;
  entered: { tool: string | null };
  entering: void;
  failed: Job;
  found: void;
  hints: void;
  history: void;
  hover: void;
  job: void;
  layers: void;
  live: void;
  liveMode: void;
  model: void;
  modelReady: void;
  moved: void;
  noPicture: void;
  notice: string;
  options: void;
  otherProject: void;
  pause: void;
  pending: void;
  photo: void;
  pointer: Point | null;
  project: void;
  proposals: Proposal[];
  refused: Error;
  released: void;
  result: void;
  reveal: string;
  sampling: void;
  scene: void;
  scores: void;
  selection: void;
  shown: void;
  size: void;
  status: void;
  stamp: void;
  strip: void;
  styles: void;
  suggested: void;
  theme: void;
  tool: void;
  typing: void;
  undoable: Offer;
  view: void;
  wake: void;
}

/** The page's parts by name; each is handed those it needs. */
export interface Parts {
  root: HTMLElement;
  bus: Signals<Events>;
  server: Server;
  status: Status;
  view: View;
  machine: Machine;
  document: SceneDocument;
  saving: Saving;
  typing: Typing;
  edits: Edits;
  photo: Photo;
  jobs: Jobs;
  pictures: Pictures;
  editing: Editing;
  composite: Composite;
  context: Context;
  sharp: Sharp;
  album: Album;
  arrivals: Arrivals;
  comparison: Comparison;
  fidelity: Fidelity;
  modelSees: ModelSees;
  renders: Renders;
  live: Live;
  estimate: Estimate;
  stamps: Stamps;
  strips: Strips;
  styles: Styles;
  findings: Findings;
  suggestions: Suggestions;
  proposals: Proposals;
  news: News;
  projects: Projects;
  polling: Polling;
  files: Files;
  lens: Lens;
  toolbox: Toolbox;
  stage: Stage;
  bubble: Bubble;
  above: Above;
  menus: Menus;
  start: StartPage;
  demo: Demo;
  keys: Keys;
}
