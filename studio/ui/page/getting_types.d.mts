/** What travels between the page and the studio about getting models. */

/** A published model, and how far it is. Bytes are counted over all its files. */
export interface PublishedModel {
  name: string;
  kind: "base" | "adapters" | "segmenter" | "finder" | "captioner" | "features" | "agreement" | "part";
  gigabytes: number;
  licence: string;
  gated: boolean;
  /** Its address on the hub, where its terms are accepted. */
  page: string;
  folder: string;
  ready: boolean;
  state: "waiting" | "running" | "paused" | "done" | "failed" | null;
  phase: "look" | "fetch" | "verify" | null;
  done: number;
  total: number;
  seconds_left: number | null;
  error: string | null;
  wants_token: boolean;
}

export interface ModelsAnswer {
  models: PublishedModel[];
  /** Bytes of the disk that holds the models. */
  free: number;
  active: boolean;
  has_token: boolean;
  tokens_page: string;
}

export interface GettingAnswers {
  models: ModelsAnswer;
  get_model: ModelsAnswer;
  pause_model: ModelsAnswer;
  give_token: ModelsAnswer & { owner: string };
}
