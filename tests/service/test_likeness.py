"""With features, a region is compared with the project's other pictures of its caption."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.config import Settings
from studio.project.edits import set_region, set_sampling
from studio.recognition.recognisers import Recognisers
from studio.service.studio import Builders, Studio
from tests.scripted_engine import FlatSegmenter, ScriptedEngine
from tests.service.conftest import drawn, finished, until
from tests.service.test_renders import render

BALL = "ba11" * 3


class Colours:
    """Features that are the colours themselves, less grey."""

    name = digest = "colours"
    needs_device = False

    def read(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        return image[2::4, 2::4].astype(np.float32) - 128


def test_a_second_picture_of_a_caption_is_like_the_first_and_a_new_caption_is_unknown(
    tmp_path: Path,
) -> None:
    engine = ScriptedEngine()
    builders = Builders(
        lambda _: engine, lambda _: FlatSegmenter(), Recognisers(features=lambda _: Colours())
    )
    studio = Studio(Settings(projects=tmp_path), builders)
    finished(studio.start())
    session = drawn(studio.store.create("a" * 32))
    likeness: list[float | None] = []
    for change in ({}, {"seed": 5}, {"caption": "a cube"}):
        if "caption" in change:
            session.edit(lambda document: set_region(document, BALL, caption="a cube"), "caption")
        elif change:
            session.edit(lambda document: set_sampling(document, seed=5), "seed")
        node = render(studio, session)
        until(lambda node=node: session.history.node(node.identity).measured is not None)
        likeness.append(session.history.node(node.identity).fidelity[BALL].likeness)
    studio.close()
    assert likeness[0] is None
    assert likeness[1] is not None
    assert likeness[1] > 0.99
    assert likeness[2] is None
