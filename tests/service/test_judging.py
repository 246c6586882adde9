"""A finished picture in which a region shows its neighbour's words is marked, with what helps."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from studio.project.edits import add_region, set_region
from studio.project.history import RenderHistory
from studio.project.session import Session
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.sentences import Sentence
from studio.service.measures import submit_measure
from studio.service.studio import Studio
from studio.ui.api.views import shown_fidelity
from tests.builders import box_mask
from tests.service.conftest import finished, until
from tests.service.test_renders import render

BALL, CUBE = "ba11" * 3, "cabe" * 3
RED, BLUE = (204, 28, 28), (33, 79, 204)


def measured(studio: Studio, session: Session, ball: tuple[int, int, int]) -> str:
    """The node of a picture with a blue cube, and a ball of this colour."""
    width, height = session.document.scene.extent
    cube = Region(Mask(box_mask(width, height, 46, 12, 62, 36)), "a blue cube", identity=CUBE)
    session.edit(lambda document: add_region(document, cube), "draw")
    node = render(studio, session)
    until(lambda: session.history.node(node.identity).measured is not None)
    pixels = np.full((height, width, 3), 128, np.uint8)
    for region, colour in zip(session.document.scene.regions, (ball, BLUE), strict=True):
        pixels[region.mask.pixels] = colour
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    picture = session.folder.put(file.getvalue(), "png")
    session.change_node(node.identity, images=(picture,))
    finished(submit_measure(studio, session, session.history.node(node.identity)))
    return node.identity


def test_a_region_that_looks_like_its_neighbours_words_is_marked(
    studio: Studio, session: Session
) -> None:
    node = session.history.node(measured(studio, session, BLUE))
    assert node.fidelity[BALL].shows == CUBE
    assert node.fidelity[BALL].warning == (
        "Region 1 looks like “a blue cube” (region 2) rather than “a red ball”."
    )
    assert node.fidelity[CUBE].shows is None


def test_a_region_that_shows_its_own_words_is_not_marked(studio: Studio, session: Session) -> None:
    node = session.history.node(measured(studio, session, RED))
    assert {each.shows for each in node.fidelity.values()} == {None}


def test_the_mark_is_kept_with_the_project_as_a_sentence(studio: Studio, session: Session) -> None:
    node = measured(studio, session, BLUE)
    kept = RenderHistory.from_json(session.history.to_json()).node(node)
    assert kept.fidelity == session.history.node(node).fidelity
    assert isinstance(kept.fidelity[BALL].warning, Sentence)
    entry = session.history.to_json()["nodes"][-1]["fidelity"]
    assert set(entry[CUBE]) == {"iou", "reason"}  # as earlier versions wrote it


def test_the_page_hears_of_it_with_what_helps_now(studio: Studio, session: Session) -> None:
    measured(studio, session, BLUE)
    session.edit(lambda document: set_region(document, BALL, gamma=0.3), "gamma")
    view = shown_fidelity(studio, session)[BALL]
    assert view["shows"] == CUBE
    assert [fix["label"] for fix in view["fixes"]] == [
        "redraw it with another seed",
        "raise its gamma to 1",
    ]
    assert shown_fidelity(studio, session)[CUBE]["fixes"] == []
