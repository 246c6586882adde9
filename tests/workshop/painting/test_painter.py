"""Painted scenes: pictures, masks and words that belong together."""

from __future__ import annotations

import numpy as np
import pytest

from studio.scene.colour_names import BASIC, COLOURS, nearest_basic
from studio.scene.geometry import Extent
from studio.workshop.painting.ambience import AMBIENCES
from studio.workshop.painting.colours import named_colour
from studio.workshop.painting.form import Form
from studio.workshop.painting.layouts import Layer
from studio.workshop.painting.materials import BY_NAME, MATERIALS
from studio.workshop.painting.outlines import coverage_of, placed
from studio.workshop.painting.painter import compose, paint_scene
from studio.workshop.painting.subjects import BADGE, Subject, is_unseen
from studio.workshop.painting.surface import Surface
from studio.workshop.painting.things import THINGS


def test_it_knows_what_the_model_promises() -> None:
    assert len(MATERIALS) >= 60
    assert len(THINGS) >= 20
    assert len(COLOURS) == 14
    assert len(AMBIENCES) >= 8


@pytest.mark.parametrize("material", MATERIALS, ids=lambda material: material.name)
def test_a_material_fills_its_rectangle(material) -> None:
    image = material.painted(Surface(np.random.default_rng(0), 24, 40), None)
    assert image.shape == (24, 40, 3)
    assert image.dtype == np.float32
    assert 0 <= image.min() <= image.max() <= 1


@pytest.mark.parametrize(
    "name",
    ["brick wall", "roof tiles", "tiles", "checks", "dots", "scales", "crop rows"],
)
def test_a_pattern_is_laid_out_over_the_whole_picture(name: str) -> None:
    """A region cut out of it shows the piece that lies there, wherever its box begins."""

    def lines(height: int, width: int, origin: tuple[int, int]):
        image = BY_NAME[name].painted(Surface(_Even(), height, width, origin), None)
        return image[..., 1]

    whole = lines(48, 64, (0, 0))
    assert whole.std() > 0.02
    assert np.allclose(lines(32, 40, (11, 5)), whole[5:37, 11:51], atol=1e-5)
    assert np.allclose(lines(48, 64, (32, 64)), whole, atol=1e-3)  # the same on every other token


class _Even(np.random.Generator):
    """Draws only halves, so that nothing but the pattern is seen."""

    def __init__(self) -> None:
        super().__init__(np.random.PCG64(0))

    def random(self, size=None, dtype=np.float64, out=None):
        return 0.5 if size is None else np.full(size, 0.5, dtype)


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.name)
def test_a_thing_fits_any_mask(thing) -> None:
    rng = np.random.default_rng(1)
    cover = coverage_of(placed(thing.outline(rng), 0, 0, 40, 32, 0.0), 32, 40)
    assert cover.max() == pytest.approx(1, abs=0.01)
    for shape in (cover, np.ones((20, 30), np.float32)):
        image = thing.painted(Form(rng, shape), named_colour("blue"))
        assert image.shape == (*shape.shape, 3)
        assert np.isfinite(image).all()


@pytest.mark.parametrize("name", BASIC)
def test_a_named_colour_is_nearest_to_itself(name: str) -> None:
    assert nearest_basic(named_colour(name).rgb) == name


def test_the_same_seed_paints_the_same_scene() -> None:
    one = paint_scene(np.random.default_rng(5), Extent(64, 48))
    two = paint_scene(np.random.default_rng(5), Extent(64, 48))
    assert np.array_equal(one.image, two.image)
    assert one.caption == two.caption
    assert [r.caption for r in one.regions] == [r.caption for r in two.regions]


def test_the_stream_of_random_numbers_is_the_one_that_figures_were_measured_with() -> None:
    """Benchmarks and the click segmenter's tests paint by seed: nothing may draw once more."""
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        scene = paint_scene(rng, Extent(96, 64))
        found.append((int(rng.integers(2**32)), len(scene.regions)))
    assert found == [
        (1566426393, 2),
        (3502994303, 4),
        (3301049771, 2),
        (1657197487, 7),
        (3503897278, 1),
        (4054767290, 5),
        (522589812, 3),
        (484275354, 6),
    ]


def test_regions_do_not_overlap_and_captions_are_words() -> None:
    for seed in range(12):
        scene = paint_scene(np.random.default_rng(seed), Extent(96, 64))
        assert scene.image.shape == (64, 96, 3)
        total = np.zeros((64, 96), int)
        for region in scene.regions:
            assert region.caption.strip()
            total += region.mask
        assert total.max(initial=0) <= 1


def test_training_never_sees_the_pairs_kept_apart() -> None:
    for seed in range(30):
        scene = paint_scene(np.random.default_rng(seed), Extent(64, 64), "seen")
        for region in scene.regions:
            subject = region.subject
            if subject.colour is not None:
                base = subject.material or subject.thing
                assert base is not None
                assert not is_unseen(base.name, subject.colour.name)


def test_the_colour_of_a_region_is_that_of_its_caption() -> None:
    rng = np.random.default_rng(3)
    cover = np.zeros((64, 64), np.float32)
    cover[16:48, 16:48] = 1
    ground = Layer(np.ones((64, 64), np.float32), Subject(material=BY_NAME["wood"]))
    red = Subject(material=BY_NAME["fabric"], colour=named_colour("red"))
    scene = compose(rng, [ground, Layer(cover, red)])
    region = scene.regions[1]
    assert "red" in region.caption
    assert nearest_basic(np.median(scene.image[region.mask], axis=0)) == "red"


def test_a_ground_without_a_region_is_told_in_the_caption() -> None:
    rng = np.random.default_rng(4)
    ground = Layer(np.ones((64, 64), np.float32), Subject(material=BY_NAME["lava"]))
    scene = compose(rng, [ground], names_ground=False)
    assert scene.regions == ()
    assert scene.caption in {"lava", "molten lava", "magma", "glowing lava"}


def test_a_badge_says_what_its_rim_is_made_of() -> None:
    gold = named_colour("yellow")._replace(words="gold")
    words = Subject(BADGE, None, named_colour("blue"), gold).words(np.random.default_rng(0))
    assert "gold rim" in words


@pytest.mark.parametrize("ambience", AMBIENCES, ids=lambda ambience: ambience.name)
def test_an_ambience_changes_the_picture_and_stays_in_range(ambience) -> None:
    scene = paint_scene(np.random.default_rng(8), Extent(48, 48), moods=0.0)
    image = ambience.over(scene.image, np.random.default_rng(0))
    assert 0 <= image.min() <= image.max() <= 1
    assert np.abs(image - scene.image).mean() > 0.005
