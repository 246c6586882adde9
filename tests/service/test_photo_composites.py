"""Whatever is done to the layers of a photo: outside its visible regions it is the file's own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.project import edits
from studio.project.incoming import File
from studio.project.photo_changes import set_layer, with_made
from studio.project.photo_incoming import edited_photo
from studio.project.session import Session
from studio.scene.geometry import Bounds, Extent
from studio.scene.mask import Mask
from studio.scene.photo_layer import PhotoLayer, outside
from studio.scene.region import Region
from studio.service.photo_composites import Composite, at_photo_size
from studio.service.photo_layers import kept_layers
from studio.service.studio import Studio
from tests.builders import box_mask
from tests.photo_builders import deep, noise, saved
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio

EXTENT = (90, 60)
BOXES = st.tuples(
    st.integers(0, 60), st.integers(0, 40), st.integers(2, 30), st.integers(2, 20)
).map(lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3]))
OPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["draw", "make", "opacity", "eye", "shape", "delete", "reorder", "undo", "redo"]
        ),
        BOXES,
        st.integers(0, 2**16),
    ),
    min_size=3,
    max_size=25,
)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    studio = open_studio(tmp_path_factory.mktemp("one") / "projects", ScriptedEngine())
    yield studio
    studio.close()


PHOTOS = {
    "RGB": saved(Image.fromarray(noise("RGB", size=(60, 90))), "PNG"),
    "grey": saved(Image.fromarray(noise("L", size=(60, 90))), "PNG"),
    "16 bits with opacity": deep(noise("RGBA", np.uint16, (60, 90)), ".png"),
}


def do(studio: Studio, session: Session, op: tuple[str, tuple[int, ...], int]) -> None:
    (name, box, number), document = op, session.document
    regions = document.scene.regions
    shape = Mask(box_mask(*EXTENT, *box))
    if name in ("undo", "redo"):
        session.step(-1 if name == "undo" else 1)
    elif name == "draw" or not regions:
        session.edit(lambda d: edits.add_region(d, Region(shape, "a")), "draw")
    else:
        region = regions[number % len(regions)]
        key, seen, share = region.identity, not region.is_visible, number % 5 / 4
        order = list(reversed(document.identities))
        made = kept_layers(
            [layer_of(studio, session, region, number)],
            document,
            session.folder.put,
            is_draft=False,
        )
        change = {
            "make": lambda d: with_made(d, document, made, None),
            "opacity": lambda d: set_layer(d, key, opacity=share),
            "eye": lambda d: edits.set_region(d, key, is_visible=seen),
            "shape": lambda d: edits.edit_mask(d, key, lambda _: shape),
            "delete": lambda d: edits.delete_regions(d, [key]),
            "reorder": lambda d: edits.reorder(d, order),
        }[name]
        session.edit(change, name)


def layer_of(studio: Studio, session: Session, region: Region, seed: int) -> PhotoLayer:
    """Noise of any opacity inside the region."""
    photo = Composite(studio, session, session.document).photo_file.photo.pixels
    box, random = region.mask.bounds, np.random.default_rng(seed)
    assert box is not None
    channels = 1 if photo.ndim == 2 else 3
    most = np.iinfo(photo.dtype).max
    colours = random.integers(0, most, (*box.extent.shape, channels), photo.dtype)
    inside = region.mask.pixels[box.top : box.bottom, box.left : box.right]
    alpha = random.random(inside.shape, np.float32) * inside
    return PhotoLayer(box, colours, alpha, region.identity)


@pytest.mark.parametrize("name", PHOTOS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ops=OPS, part=BOXES)
@pytest.mark.slow
def test_outside_the_visible_regions_nothing_ever_moves(
    studio: Studio, name: str, ops: list, part: tuple[int, int, int, int]
) -> None:
    session = studio.store.create("a" * 32)
    session.begin_with(edited_photo(File("a.png", PHOTOS[name]), session.folder).document)
    made = Composite(studio, session, session.document)
    photo = made.photo_file.photo.pixels
    for op in ops:
        do(studio, session, op)
        made = Composite(studio, session, session.document)
        pixels = made.pixels()
        shown = [r.mask.pixels for r in session.document.scene.visible_regions]
        mask = np.any([np.zeros(EXTENT[::-1], np.bool_), *shown], axis=0)
        assert outside(photo, pixels, mask) == (0, 0)
        left, top, right, bottom = part
        assert np.array_equal(made.pixels(Bounds(*part)), pixels[top:bottom, left:right])
    session.step(-1000)
    assert np.array_equal(Composite(studio, session, session.document).pixels(), photo)


@given(
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.tuples(st.integers(0, 90), st.integers(0, 90)),
    st.integers(0, 99),
)
def test_a_part_of_a_scaled_mask_is_that_part_of_the_whole(
    size: tuple[int, int], more: tuple[int, int], seed: int
) -> None:
    mask = np.random.default_rng(seed).random(size) < 0.5
    extent = Extent(size[1] + more[1], size[0] + more[0])
    whole = at_photo_size(mask, extent)
    box = Bounds(extent.width // 3, extent.height // 4, extent.width, extent.height)
    part = at_photo_size(mask, extent, box)
    assert np.array_equal(part, whole[box.top : box.bottom, box.left : box.right])
    if not any(more):
        assert np.array_equal(whole, mask)
