"""Hints about thin regions say what the model will really do with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.engine.network.caption_reader import CaptionFacts
from studio.engine.sampling.prepare import place_regions
from studio.project.document import Document, document_from_json, document_to_json
from studio.project.hints import apply_fix, hints, survey
from studio.project.model_facts import ModelFacts
from studio.project.model_view import model_view
from studio.scene.coverage import Overlap, ThinRegions
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.request import ResolvedRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask

FACTS = ModelFacts()


def document(overlap: Overlap = "top", thin: ThinRegions = "share") -> Document:
    """Grass, a road of ten tokens' area that no token centre hits, and a speck."""
    regions = [
        Region(Mask(box_mask(256, 256, 0, 0, 256, 256)), "grass"),
        Region(Mask(box_mask(256, 256, 0, 10, 256, 20)), "a road"),
        Region(Mask(box_mask(256, 256, 105, 105, 110, 110)), "a speck"),
    ]
    sampling = Sampling(overlap=overlap, thin_regions=thin)
    return Document(Scene(256, 256, "a field", regions), sampling)


def kinds(asked: Document) -> dict[int, str]:
    found = hints(asked, survey(asked, FACTS), FACTS)
    return {asked.number(hint.region): hint.kind for hint in found if hint.region is not None}


def test_a_road_that_gets_its_share_is_thin_and_does_not_vanish() -> None:
    asked = document()
    assert kinds(asked) == {2: "thin", 3: "vanishing"}
    assert list(survey(asked, FACTS).tokens.values()) == [245, 10, 1]


def test_the_published_way_leaves_it_a_single_patch() -> None:
    asked = document(thin="published")
    assert kinds(asked) == {2: "vanishing", 3: "vanishing"}
    assert list(survey(asked, FACTS).tokens.values()) == [254, 1, 1]


@pytest.mark.parametrize("overlap", ["top", "share"])
@pytest.mark.parametrize("thin", ["share", "published"])
def test_hints_the_models_view_and_the_render_count_the_same_tokens(
    overlap: Overlap, thin: ThinRegions
) -> None:
    asked = document(overlap, thin)
    placed = place_regions(asked.scene, 16, asked.sampling)
    held = [int(np.count_nonzero(placed.words[:, 0] & (1 << place))) for place in range(3)]
    assert list(survey(asked, FACTS).tokens.values()) == held
    resolved = ResolvedRequest(
        asked.scene, asked.sampling, rendered=asked.scene, token_pixels=16, model=""
    )
    view = model_view(resolved)
    assert view.adopted == (2, 3)
    assert [view.labels.count(number) for number in (2, 3)] == held[1:]


def test_where_overlaps_are_shared_nothing_is_hidden() -> None:
    asked = document()
    covered = asked.with_scene(asked.scene.with_regions(asked.scene.regions[::-1]))
    assert set(kinds(covered).values()) == {"hidden"}
    shared = replace(covered, sampling=replace(covered.sampling, overlap="share"))
    assert "hidden" not in kinds(shared).values()


def test_a_project_from_before_thin_regions_keeps_its_pictures() -> None:
    written = document_to_json(document())
    assert document_from_json(written).sampling.thin_regions == "share"
    del written["sampling"]["thin_regions"]
    assert document_from_json(written).sampling.thin_regions == "published"


def reading(caption: str) -> CaptionFacts:
    words = caption.split()
    return CaptionFacts(len(words), tuple(word for word in words if word not in WORDS))


WORDS = ("a", "dog", "grass", "on")
TAUGHT = ModelFacts(vocabulary=WORDS, read_caption=reading)


def test_a_known_word_is_offered_for_an_unknown_one_and_put_in_its_place() -> None:
    mask = Mask(box_mask(64, 64, 0, 0, 64, 64))
    asked = Document(Scene(64, 64, "gras", [Region(mask, "a puppy on zzz")]), Sampling())
    found = {hint.region: hint for hint in hints(asked, survey(asked, TAUGHT), TAUGHT)}
    region = asked.identities[0]
    assert found[region].values == {"words": ["puppy", "zzz"], "meant": {"puppy": "dog"}}
    assert found[region].text.endswith("puppy, zzz. Did you mean: puppy → dog?")
    assert found[None].values["meant"] == {"gras": "grass"}
    assert found[None].fixes == ()
    (fix, _) = found[region].fixes[0]
    known, done = apply_fix(asked, fix, TAUGHT)
    assert known.scene.regions[0].caption == "a dog on zzz"
    assert done == "reword caption 1"


def test_where_nothing_is_near_no_word_is_offered() -> None:
    mask = Mask(box_mask(64, 64, 0, 0, 64, 64))
    asked = Document(Scene(64, 64, None, [Region(mask, "zzz")]), Sampling())
    (found,) = hints(asked, survey(asked, TAUGHT), TAUGHT)
    assert found.values == {"words": ["zzz"], "meant": {}}
    assert found.fixes == ()
    assert found.text.endswith("does not know: zzz.")
