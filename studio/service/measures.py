"""Jobs that measure how well a render obeys its shapes."""

from __future__ import annotations

import json
import time
from typing import Any

from studio.files.picture_decoder import decode_picture
from studio.jobs.jobs import Job, JobSpec, Priority
from studio.project.fidelity import Fidelity, Measurement, measure_region, owned_in
from studio.project.history import Node
from studio.project.session import Session, parse
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import resized
from studio.scene.run_lengths import pixels_of, shape_of
from studio.scene.scene import Scene
from studio.scene.sentences import say
from studio.service.clicks import embedding_of
from studio.service.judging import with_leaks
from studio.service.likeness import with_likeness
from studio.service.studio import Studio


def submit_measure(studio: Studio, session: Session, node: Node) -> Job:
    """Measure a node's first picture; gives way to whatever a user waits for.

    Of a live render it is called a peek, which the next render makes superfluous.
    """
    done: dict[str, Measurement] = {}  # kept when the job gives way

    def work(job: Job) -> None:
        start = time.perf_counter()
        document = session.document_of(node)
        picture = measure_picture(studio, session, node.images[0], document.scene, job, done)
        shapes = {key: shape_of(each.found) for key, each in picture.items() if each.found}
        put = session.folder.pass_on if node.kind == "live" else session.folder.put
        reference = put(json.dumps(shapes).encode(), "json")
        found = {key: each.fidelity for key, each in picture.items()}
        if node.kind != "live":
            found = with_leaks(studio, session, node.images[0], document.scene, found)
            found = with_likeness(studio, session, node, document.scene, found)
        session.change_node(node.identity, fidelity=found, measured=reference)
        units = max(1, len(document.scene.visible_regions))
        studio.pace.remember(studio.segmenter.digest, "measure", units, time.perf_counter() - start)

    return studio.queue.submit(
        JobSpec(
            session.identity,
            "measure" if node.kind != "live" else "peek",
            Priority.SCORE,
            work,
            f"measure:{node.identity}",
            risk=studio.risk_of("measure", node.identity),
        )
    )


def measure_picture(
    studio: Studio,
    session: Session,
    reference: str,
    scene: Scene,
    job: Job,
    done: dict[str, Measurement] | None = None,
    *,
    gives_way: bool = True,
) -> dict[str, Measurement]:
    """Each visible region, measured at the picture's own size and returned at the scene's."""
    done = {} if done is None else done
    owned = owned_in(scene, decode_picture(session.folder.get(reference)))
    embedding = None
    for place, (identity, pixels) in enumerate(owned.items(), start=1):
        if identity in done:
            continue
        job.check()
        if gives_way:
            job.give_way()
        job.report("measure", place, len(owned))
        if pixels is None:
            done[identity] = Measurement(
                Fidelity(None, say("hidden by the regions above it")), None
            )
            continue
        if embedding is None:
            embedding = embedding_of(studio, session, reference, None)
        measured = measure_region(studio.segmenter, embedding, pixels)
        found = resized(measured.found, scene.extent) if measured.found else None
        done[identity] = Measurement(measured.fidelity, found)
    return done


def found_shapes(session: Session, node: Node) -> dict[str, Mask]:
    """The shapes a node's measurement found, at the size of its scene."""
    if node.measured is None:
        return {}
    extent = Extent(node.width, node.height)
    shapes: dict[str, Any] = parse(session.folder.get(node.measured))
    return {key: Mask(pixels_of(shape, extent)) for key, shape in shapes.items()}


def mean_iou(measured: dict[str, Measurement]) -> float | None:
    known = [each.fidelity.iou for each in measured.values() if each.fidelity.iou is not None]
    return round(sum(known) / len(known), 4) if known else None
