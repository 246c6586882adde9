/** The model's parts, from the bottom up, each handed those that it needs. */

import { Album } from "./album.mjs";
import { Arrivals } from "./arrivals.mjs";
import { Comparison } from "./comparison.mjs";
import { Composite } from "./composite.mjs";
import { Context } from "./context.mjs";
import { Editing } from "./editing.mjs";
import { Edits } from "./edits.mjs";
import { Estimate } from "./estimate.mjs";
import { Fidelity } from "./fidelity.mjs";
import { Files } from "./files.mjs";
import { Findings } from "./findings.mjs";
import { Jobs } from "./jobs.mjs";
import { Live } from "./live.mjs";
import { Machine } from "./machine.mjs";
import { ModelSees } from "./model_sees.mjs";
import { News } from "./news.mjs";
import { Photo } from "./photo.mjs";
import { Pictures } from "./pictures.mjs";
import { Polling } from "./polling.mjs";
import { Projects } from "./projects.mjs";
import { Proposals } from "./proposals.mjs";
import { Renders } from "./renders.mjs";
import { Saving } from "./saving.mjs";
import { SceneDocument } from "./document.mjs";
import { Sharp } from "./sharp.mjs";
import { Signals } from "../core/signals.mjs";
import { Stamps } from "./stamps.mjs";
import { Status } from "./status.mjs";
import { Strips } from "./strips.mjs";
import { Styles } from "./styles.mjs";
import { Suggestions } from "./suggestions.mjs";
import { Typing } from "./typing.mjs";
import { View } from "./view.mjs";

/** @import { Events } from "../types.mjs" */
/** @import { Server } from "./server.mjs" */

/** All that knows no element of the page. @param {Server} server */
export function buildModel(server) {
  /** @type {Signals<Events>} */
  const bus = new Signals();
  const base = { bus, server, status: new Status({ bus }), view: new View({ bus }), machine: new Machine({ bus }) };
  const document = new SceneDocument(base);
  const saving = new Saving({ ...base, document });
  const typing = new Typing({ ...base, document });
  const edits = new Edits({ ...base, document, typing });
  const editing = new Editing({ ...base, document, typing });
  const photo = new Photo({ ...base, document });
  const composite = new Composite({ ...base, document, photo, editing });
  const scene = { ...base, document, saving, typing, edits, editing, photo, composite, jobs: new Jobs(base) };
  const pictures = new Pictures(scene);
  const findings = new Findings({ ...scene, pictures });
  const shown = {
    ...scene,
    pictures,
    findings,
    suggestions: new Suggestions({ ...scene, findings }),
    comparison: new Comparison({ ...scene, pictures }),
    fidelity: new Fidelity({ ...scene, pictures }),
    modelSees: new ModelSees(scene),
    proposals: new Proposals({ ...scene, pictures }),
    styles: new Styles(scene),
  };
  const renders = new Renders(shown);
  const strips = new Strips({ ...shown, renders });
  const news = new News({ ...shown, strips });
  const projects = new Projects({ ...shown, news });
  const album = new Album({ ...shown, projects });
  const files = new Files({ ...shown, projects, album });
  return {
    ...shown,
    context: new Context(shown),
    sharp: new Sharp(shown),
    stamps: new Stamps(shown),
    album,
    files,
    arrivals: new Arrivals({ ...shown, files }),
    renders,
    live: new Live({ ...shown, renders }),
    estimate: new Estimate({ ...shown, renders }),
    strips,
    news,
    projects,
    polling: new Polling({ ...shown, news, projects }),
  };
}
