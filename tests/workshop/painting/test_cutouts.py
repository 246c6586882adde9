"""Things cut out of drawings, on drawings that the test makes itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.scene.colour_names import nearest_basic
from studio.scene.errors import MissingWeights, PictureFileError
from studio.scene.geometry import Extent
from studio.workshop.painting.colours import named_colour
from studio.workshop.painting.cutouts import (
    CutSubject,
    Drawings,
    Placing,
    cut_layer,
    known_cutouts,
    roughly,
    without_holes,
)
from studio.workshop.painting.drawings import read_drawing
from studio.workshop.painting.layouts import Layer, full_cover
from studio.workshop.painting.materials import BY_NAME
from studio.workshop.painting.painter import compose, paint_scene
from studio.workshop.painting.subjects import Subject, is_unseen
from studio.workshop.vocabulary import CAPTION_TOKENS, UNKNOWN, build_tokenizer
from tests.workshop.drawn import GREY_DOG, RED_HEART, draw

EXTENT = Extent(64, 64)
ASKED = """teddy bear, dog, cat, rabbit, lion, elephant, horse, cow, pig, panda, owl, penguin, duck,
bird, fish, whale, turtle, frog, butterfly, bee, dinosaur, tree, fir, palm tree, cactus, flower,
sunflower, mushroom, leaf, apple, banana, strawberry, pizza, burger, cake, ice cream, house, castle,
tent, car, truck, train, bicycle, boat, plane, rocket, balloon, umbrella, chair, sofa, bed, clock,
guitar, cup, bottle, hat, crown, t shirt, dress, shoe, robot, snowman, sun, moon, star, heart, cloud
"""


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Drawings:
    return Drawings(draw(tmp_path_factory.mktemp("drawings")))


def layer_of(drawings: Drawings, name: str, seed: int = 0, **options: float) -> Layer:
    cutout = next(c for c in drawings.cutouts if name in c.phrases)
    placing = Placing((32, 32), 40, **options)
    return cut_layer(np.random.default_rng(seed), EXTENT, drawings, cutout, placing)


def test_the_list_names_what_people_ask_for() -> None:
    phrases = {phrase for cutout in known_cutouts() for phrase in cutout.phrases}
    assert {name.strip() for name in ASKED.split(",")} <= phrases
    codes = [cutout.code for cutout in known_cutouts()]
    assert len(codes) == len(set(codes))


def test_a_folder_offers_the_drawings_that_lie_in_it(drawings: Drawings) -> None:
    assert sorted(cutout.name for cutout in drawings.cutouts) == ["bee", "dog face", "heart"]
    assert [cutout.name for cutout in drawings.flying] == ["bee"]


def test_a_folder_without_drawings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingWeights, match="holds none of the drawings"):
        Drawings(tmp_path)


def test_a_picture_without_transparency_is_no_drawing(tmp_path: Path) -> None:
    (tmp_path / "1f436.webp").write_bytes(b"nothing")
    with pytest.raises(PictureFileError, match="no drawing"):
        read_drawing(tmp_path / "1f436.webp")


def test_a_drawing_is_cropped_and_loses_its_crumbs(tmp_path: Path) -> None:
    heart = read_drawing(draw(tmp_path) / f"{RED_HEART}.webp")
    assert heart.alpha.shape == (37, 37)  # a disc of radius 18, without the crumb beside it


def test_the_paint_goes_on_beyond_the_outline(tmp_path: Path) -> None:
    heart = read_drawing(draw(tmp_path) / f"{RED_HEART}.webp")
    assert heart.alpha[0, 0] == 0
    assert nearest_basic(heart.paint[0, 0]) == "red"


def test_the_main_colour_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    draw(tmp_path)
    heart, dog = (read_drawing(tmp_path / f"{name}.webp") for name in (RED_HEART, GREY_DOG))
    blue = named_colour("blue").rgb
    assert heart.main_share == pytest.approx(1)
    assert nearest_basic(heart.painted(blue)[18, 18]) == "blue"
    nose = dog.paint.shape[0] - 5, dog.paint.shape[1] // 2
    assert dog.main_share > 0.8
    assert nearest_basic(dog.painted(blue)[4, dog.paint.shape[1] // 2]) == "blue"
    assert np.allclose(dog.painted(blue)[nose], dog.paint[nose], atol=0.02)


def test_a_region_has_no_holes_where_its_drawing_has(drawings: Drawings) -> None:
    layer = layer_of(drawings, "dog", rough=0.0, stretch=0.0)
    assert layer.cover[32, 32] < 0.1  # the ring's inside shows what lies behind it
    assert layer.region[32, 32] == 1
    outside = without_holes(np.pad(layer.cover, 4))
    assert outside[0, 0] == 0


def test_a_cut_out_is_painted_where_its_cover_is(drawings: Drawings) -> None:
    layer = layer_of(drawings, "heart", seed=2)
    ground = Layer(full_cover(EXTENT), Subject(material=BY_NAME["grass"]))
    scene = compose(np.random.default_rng(0), [ground, layer])
    region = scene.regions[1]
    assert isinstance(region.subject, CutSubject)
    wanted = region.subject.colour
    shown = nearest_basic(np.median(scene.image[region.mask], axis=0))
    assert shown == ("red" if wanted is None else wanted.name)
    assert "heart" in region.caption


def test_things_of_their_own_colours_are_never_given_another(drawings: Drawings) -> None:
    bees = [layer_of(drawings, "bee", seed) for seed in range(20)]
    hearts = [layer_of(drawings, "heart", seed) for seed in range(40)]
    assert all(bee.subject.colour is None for bee in bees)
    colours = [heart.subject.colour for heart in hearts if heart.subject.colour is not None]
    assert 4 <= len(colours) <= 25
    assert not any(is_unseen("heart", colour.name) for colour in colours)


def test_a_rough_outline_stays_near_the_drawn_one(drawings: Drawings) -> None:
    cover = layer_of(drawings, "heart", rough=0.0).cover
    for seed in range(12):
        rough = roughly(np.random.default_rng(seed), cover, 40) > 0.5
        drawn = cover > 0.5
        assert (rough & drawn).sum() > 0.7 * (rough | drawn).sum()


def test_the_same_seed_paints_the_same_scene_with_drawings(drawings: Drawings) -> None:
    one, two = (paint_scene(np.random.default_rng(3), EXTENT, drawings=drawings) for _ in range(2))
    assert np.array_equal(one.image, two.image)
    assert [r.caption for r in one.regions] == [r.caption for r in two.regions]


def test_scenes_with_drawings_are_whole_and_every_word_is_taught(drawings: Drawings) -> None:
    tokenizer = build_tokenizer(CAPTION_TOKENS, has_start=False, cutouts=known_cutouts())
    seen: set[str] = set()
    for seed in range(120):
        scene = paint_scene(np.random.default_rng(seed), EXTENT, drawings=drawings)
        assert np.isfinite(scene.image).all()
        total = np.zeros(EXTENT.shape, int)
        for region in scene.regions:
            total += region.mask
            seen.add(region.subject.name)
            read = tokenizer.convert_ids_to_tokens(tokenizer(region.caption).input_ids)
            assert UNKNOWN not in read, region.caption
        assert total.max(initial=0) <= 1
    assert {"heart", "bee", "dog face", "pole", "wire"} <= seen
