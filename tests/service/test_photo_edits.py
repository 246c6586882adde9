"""Edits of a photo on a real engine: layers over the untouched file, made, left out, undone."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.config import Settings
from studio.engine.engine import Engine
from studio.files.photo_file import read_photo
from studio.jobs.jobs import Job
from studio.project import edits
from studio.project.document import Document
from studio.project.incoming import File
from studio.project.photo_changes import set_layer, set_work
from studio.project.photo_incoming import edited_photo
from studio.project.session import Session
from studio.scene.geometry import Bounds
from studio.scene.mask import Mask
from studio.scene.photo import Photo
from studio.scene.photo_layer import outside
from studio.scene.region import Region
from studio.service.housekeeping import give_up
from studio.service.photo_composites import Composite
from studio.service.photo_edits import submit_edit
from studio.service.photo_exports import exported
from studio.service.photo_plan import plan_edit, refined
from studio.service.photo_shelf import PhotoShelf
from studio.service.photo_tiles import context_boxes_of, tile
from studio.service.studio import Builders, Studio
from tests.builders import box_mask
from tests.scripted_engine import FlatSegmenter
from tests.service.conftest import finished, until

PHOTOS = Path(__file__).parents[1] / "data" / "segment" / "photos"
WIDTH, HEIGHT = 150, 110


@pytest.fixture
def studio(tmp_path: Path, tiny: Engine) -> Iterator[Studio]:
    studio = opened(tmp_path / "projects", tiny)
    yield studio
    studio.close()


def opened(projects: Path, engine: Engine) -> Studio:
    builders = Builders(lambda _: engine, lambda _: FlatSegmenter())
    studio = Studio(Settings(projects=projects), builders)
    finished(studio.start(), 60)
    return studio


def photograph(width: int = WIDTH, height: int = HEIGHT, kind: str = "JPEG") -> bytes:
    path = sorted(PHOTOS.glob("*.jpg"))[0]
    file = io.BytesIO()
    with Image.open(path) as image:
        image.convert("RGB").resize((width, height)).save(file, kind, quality=92)
    return file.getvalue()


def editing(studio: Studio, content: bytes | None = None) -> Session:
    session = studio.store.create("a" * 32)
    incoming = edited_photo(File("a.jpg", content or photograph()), session.folder)
    session.begin_with(incoming.document)
    session.edit(lambda d: edits.set_sampling(d, steps=2, gamma=0.6), "settings")
    return session


def draw(session: Session, left: int, top: int, right: int, bottom: int, caption: str) -> str:
    width, height = session.document.scene.extent
    region = Region(Mask(box_mask(width, height, left, top, right, bottom)), caption)
    session.edit(lambda document: edits.add_region(document, region), "draw")
    return region.identity


def edit(studio: Studio, session: Session, *args: Any, **more: Any) -> Any:
    started = submit_edit(studio, session, plan_edit(session.document, "final", *args, **more))
    if not isinstance(started, Job):
        return started
    job = finished(started, 120)
    assert job.state == "done", job.error
    return session.history.node(job.result.node)


def composite(studio: Studio, session: Session) -> np.ndarray:
    return Composite(studio, session, session.document).pixels()


def original(session: Session) -> np.ndarray:
    work = session.document.edit
    assert work is not None
    return read_photo(session.folder.get(work.original)).photo.pixels


def layers(session: Session) -> dict[str, bytes]:
    work = session.document.edit
    assert work is not None
    return {name: session.folder.get(made.layer) for name, made in work.made.items()}


def test_an_edit_changes_its_regions_and_nothing_else(studio: Studio) -> None:
    session = editing(studio)
    first, second = draw(session, 10, 10, 60, 60, "a"), draw(session, 80, 30, 150, 100, "b c")
    node = edit(studio, session)
    work = session.document.edit
    assert work is not None
    assert set(work.made) == {first, second}
    assert work.to_do(session.document.scene) == ()
    before, after = original(session), composite(studio, session)
    mask = np.any([r.mask.pixels for r in session.document.scene.regions], axis=0)
    assert outside(before, after, mask) == (0, 0)
    assert node.outside == (0, 0)
    assert node.outside.of == int((~mask).sum())
    assert (before != after).any(axis=2)[mask].mean() > 0.5
    assert session.timeline.undo_label == "edit 2 regions"
    shown = np.asarray(Image.open(io.BytesIO(session.folder.get(node.images[0]))))
    assert np.array_equal(shown, after)


def test_one_region_is_made_again_and_all_other_layers_stay_byte_for_byte(studio: Studio) -> None:
    session = editing(studio)
    first, second = draw(session, 10, 10, 60, 60, "a"), draw(session, 70, 30, 150, 100, "b c")
    edit(studio, session)
    before, picture = layers(session), composite(studio, session)
    edit(studio, session, [first], makes_new=True)
    after = layers(session)
    assert after[second] == before[second]
    assert after[first] != before[first]
    region = session.document.scene.region(first)
    assert region.seed is not None
    assert session.document.edit.made[first].seed == region.seed
    elsewhere = ~region.mask.pixels
    assert np.array_equal(composite(studio, session)[elsewhere], picture[elsewhere])
    session.step(-1)
    assert layers(session) == before
    assert np.array_equal(composite(studio, session), picture)


def test_the_same_edit_gives_the_same_layer(studio: Studio, tiny: Engine, tmp_path: Path) -> None:
    found: list[dict[str, bytes]] = []
    for name in ("one", "two"):
        other = opened(tmp_path / name, tiny)
        session = editing(other)
        draw(session, 10, 10, 60, 60, "a")
        edit(other, session)
        found.append(layers(session))
        other.close()
    assert [*found[0].values()] == [*found[1].values()]


def test_ten_edits_elsewhere_leave_a_pixel_exactly_as_it_was(studio: Studio) -> None:
    session = editing(studio)
    kept = draw(session, 5, 5, 45, 45, "a")
    edit(studio, session)
    inside = session.document.scene.region(kept).mask.pixels
    before, layer = composite(studio, session)[inside], layers(session)[kept]
    other = draw(session, 60, 20, 140, 100, "b")
    for number in range(10):
        session.edit(lambda d, n=number: edits.set_region(d, other, caption=f"b {n}"), "caption")
        edit(studio, session)
    assert layers(session)[kept] == layer
    assert np.array_equal(composite(studio, session)[inside], before)


def test_a_hidden_faint_or_deleted_layer_shows_the_photo_again(studio: Studio) -> None:
    session = editing(studio)
    first = draw(session, 10, 10, 60, 60, "a")
    edit(studio, session)
    made, photo = composite(studio, session), original(session)
    session.edit(lambda d: set_layer(d, first, opacity=0.5), "opacity")
    half = composite(studio, session)
    assert not np.array_equal(half, made)
    assert np.abs(half - (made.astype(float) + photo) / 2).max() <= 1
    session.edit(lambda d: edits.set_region(d, first, is_visible=False), "eye")
    assert np.array_equal(composite(studio, session), photo)
    session.step(-2)
    assert np.array_equal(composite(studio, session), made)
    session.edit(lambda d: edits.delete_regions(d, [first]), "delete")
    assert np.array_equal(composite(studio, session), photo)


def test_a_layer_shows_only_inside_a_shape_that_was_changed(studio: Studio) -> None:
    session = editing(studio)
    first = draw(session, 10, 10, 60, 60, "a")
    edit(studio, session)
    made, photo = composite(studio, session), original(session)
    smaller = Mask(box_mask(WIDTH, HEIGHT, 30, 10, 90, 60))
    session.edit(lambda d: edits.edit_mask(d, first, lambda _: smaller), "shape")
    now = composite(studio, session)
    both = smaller.pixels & box_mask(WIDTH, HEIGHT, 10, 10, 60, 60)
    assert np.array_equal(now[both], made[both])
    assert np.array_equal(now[~both], photo[~both])
    assert session.document.edit.to_do(session.document.scene) == (first,)


def test_pinned_regions_are_not_made_again(studio: Studio) -> None:
    session = editing(studio)
    first, second = draw(session, 10, 10, 60, 60, "a"), draw(session, 70, 30, 150, 100, "b c")
    edit(studio, session)
    before = layers(session)
    session.edit(lambda d: set_layer(d, first, pinned=True), "pin")
    edit(studio, session)
    after = layers(session)
    assert after[first] == before[first]
    assert after[second] != before[second]


def test_a_draft_is_only_looked_at_until_it_is_put_on(studio: Studio) -> None:
    session = editing(studio)
    first = draw(session, 10, 10, 60, 60, "a")
    document = session.document
    job = finished(submit_edit(studio, session, plan_edit(document, "draft")), 60)
    node = session.history.node(job.result.node)
    assert session.document is document
    assert node.kind == "draft"
    assert set(node.layers[0]) == {first}
    shown = np.asarray(Image.open(io.BytesIO(session.folder.get(node.images[0]))))
    assert not np.array_equal(shown, original(session))


def test_what_was_deleted_or_redrawn_meanwhile_stays_as_it_is(studio: Studio) -> None:
    session = editing(studio)
    first, second = draw(session, 10, 10, 60, 60, "a"), draw(session, 70, 30, 150, 100, "b c")
    third = draw(session, 60, 0, 80, 30, "d")
    job = submit_edit(studio, session, plan_edit(session.document, "final"))
    session.edit(lambda d: edits.delete_regions(d, [first]), "delete")
    moved = Mask(box_mask(WIDTH, HEIGHT, 70, 30, 140, 100))
    session.edit(lambda d: edits.edit_mask(d, second, lambda _: moved), "shape")
    finished(job, 60)
    assert job.state == "done", job.error
    work = session.document.edit
    assert work is not None
    assert set(work.made) == {third}
    node = session.history.node(job.result.node)
    assert set(node.layers[0]) == {first, second, third}


def test_the_same_edit_again_is_found_and_put_on_without_a_render(studio: Studio) -> None:
    session = editing(studio)
    draw(session, 10, 10, 60, 60, "a")
    node = edit(studio, session)
    made = composite(studio, session)
    session.step(-1)
    assert session.document.edit.made == {}
    assert edit(studio, session).identity == node.identity
    assert np.array_equal(composite(studio, session), made)


def test_edits_outlive_the_studio_with_all_that_can_be_undone(tiny: Engine, tmp_path: Path) -> None:
    studio = opened(tmp_path / "projects", tiny)
    session = editing(studio)
    first = draw(session, 10, 10, 60, 60, "a")
    edit(studio, session)
    edit(studio, session, [first], makes_new=True)
    session.edit(lambda d: edits.delete_regions(d, [first]), "delete")
    session.step(-1)
    known, made = layers(session), composite(studio, session)
    studio.close()
    again = opened(tmp_path / "projects", tiny)
    session = again.store.open_project(session.identity)[0]
    assert layers(session) == known
    assert np.array_equal(composite(again, session), made)
    session.step(1)
    assert np.array_equal(composite(again, session), original(session))
    session.step(-2)
    assert layers(session)[first] != known[first]
    again.close()


@pytest.mark.parametrize("kind", ["RGBA", "L", "LA", "I;16", "RGB;16", "RGBA;16"])
def test_photos_of_every_kind_keep_their_depth_and_what_lies_outside(
    studio: Studio, kind: str
) -> None:
    session = editing(studio, png(kind))
    draw(session, 10, 10, 60, 60, "a")
    edit(studio, session)
    before, after = original(session), composite(studio, session)
    assert (after.dtype, after.shape) == (before.dtype, before.shape)
    mask = session.document.scene.regions[0].mask.pixels
    assert outside(before, after, mask) == (0, 0)
    assert not np.array_equal(before, after)
    if before.ndim == 3 and before.shape[2] in (2, 4):
        assert np.array_equal(before[..., -1], after[..., -1])


def png(kind: str) -> bytes:
    import cv2

    pixels = np.asarray(Image.open(io.BytesIO(photograph())))
    grey = pixels[..., :1]
    alpha = np.full_like(grey, 200)
    chosen = {"L": grey, "I;16": grey, "LA": np.dstack([grey, alpha]), "RGB;16": pixels}.get(kind)
    if chosen is None:
        chosen = np.dstack([pixels, alpha])
    if kind == "LA":
        file = io.BytesIO()
        Image.fromarray(chosen).save(file, "PNG")
        return file.getvalue()
    if kind.endswith("16"):
        chosen = chosen.astype(np.uint16) * 257 + RNG.integers(0, 3, chosen.shape, np.uint16)
    colours = chosen[..., [2, 1, 0, 3][: chosen.shape[2]]] if chosen.shape[2] > 1 else chosen
    return cv2.imencode(".png", colours)[1].tobytes()


RNG = np.random.default_rng(8)


def test_a_large_photo_is_edited_at_its_own_size(studio: Studio) -> None:
    session = editing(studio, photograph(3000, 400))
    assert session.document.scene.extent == (2048, 273)
    draw(session, 1000, 50, 1100, 150, "a")
    edit(studio, session)
    before, after = original(session), composite(studio, session)
    changed = np.argwhere((before != after).any(axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert left >= 1464
    assert right <= 1612
    assert top >= 73
    assert bottom <= 220
    assert right - left > 120
    work = session.document.edit
    made = next(iter(work.made.values()))
    assert made.shown != made.layer
    page = Image.open(io.BytesIO(session.folder.get(made.shown)))
    assert page.size == (made.shown_box.right - made.shown_box.left,) * 1 + (
        made.shown_box.bottom - made.shown_box.top,
    )


def test_a_subject_is_kept_and_the_world_round_it_is_its_layer(studio: Studio) -> None:
    session = editing(studio)
    subject = draw(session, 50, 30, 100, 90, "a")
    other = draw(session, 0, 0, 40, 40, "b")
    session.edit(lambda d: set_work(d, subject=subject), "subject")
    session.edit(lambda d: edits.set_caption(d, "a b c"), "caption")
    edit(studio, session)
    work = session.document.edit
    assert work.made[subject].is_around
    kept = session.document.scene.region(subject).mask.pixels
    before, after = original(session), composite(studio, session)
    assert np.array_equal(before[kept], after[kept])
    assert (before != after).any(axis=2)[~kept].mean() > 0.5
    world = layers(session)[subject]
    session.edit(lambda d: edits.set_region(d, other, caption="c"), "caption")
    assert session.document.edit.to_do(session.document.scene) == (other,)
    edit(studio, session)
    assert layers(session)[subject] == world
    assert np.array_equal(before[kept], composite(studio, session)[kept])


def test_old_documents_are_written_as_they_were() -> None:
    from studio.project.document import document_to_json
    from studio.scene.scene import Scene

    assert set(document_to_json(Document(Scene(32, 32)))) == {
        "scene",
        "sampling",
        "photo",
        "slots",
    }


def test_a_stopped_edit_changes_nothing(studio: Studio) -> None:
    session = editing(studio)
    draw(session, 10, 10, 60, 60, "a")
    session.edit(lambda d: edits.set_sampling(d, steps=200), "settings")
    document = session.document
    job = submit_edit(studio, session, plan_edit(document, "final"))
    until(lambda: job.progress.step >= 1, 60)
    studio.queue.cancel(session.identity, job.identity)
    assert finished(job, 60).state == "cancelled"
    assert session.document is document
    assert len(session.history) == 0


def test_what_a_deleted_picture_shares_with_the_photo_stays(studio: Studio) -> None:
    session = editing(studio)
    first = draw(session, 10, 10, 60, 60, "a")
    node = edit(studio, session)
    again = edit(studio, session, [first], makes_new=True)
    known = layers(session)
    until(lambda: not session.is_busy, 60)
    for each in (node, again):
        session.change_node(each.identity, is_deleted=True)
    assert give_up(session, "deleted") > 0
    assert layers(session) == known
    assert session.folder.get(session.document.edit.original)
    session.step(-1)
    assert layers(session) != known


def test_a_picture_is_restored_with_its_layers(studio: Studio) -> None:
    session = editing(studio)
    first = draw(session, 10, 10, 60, 60, "a")
    node = edit(studio, session)
    known = layers(session)
    edit(studio, session, [first], makes_new=True)
    before = session.document_of(node)
    session.edit(lambda _: before, "restore")
    assert layers(session) == known


def test_an_edit_is_measured_in_the_whole_photo(studio: Studio) -> None:
    session = editing(studio)
    first = draw(session, 10, 10, 60, 60, "a")
    node = edit(studio, session)
    until(lambda: bool(session.history.node(node.identity).fidelity), 30)
    assert set(session.history.node(node.identity).fidelity) == {first}


def test_tiles_exports_and_boxes_wait_for_no_edit_that_is_under_way(studio: Studio) -> None:
    session = editing(studio, photograph(2500, 60))
    draw(session, 10, 10, 60, 40, "a")
    done: list[Any] = []

    def look() -> None:
        made = Composite(studio, session, session.document)
        done.append(tile(made, Bounds(0, 0, 500, 60), 500, is_original=False))
        done.append(exported(made, "original"))
        done.append(context_boxes_of(studio, session.document))

    with session.lock:
        looking = threading.Thread(target=look)
        looking.start()
        looking.join(60)
    assert len(done) == 3
    assert done[1].content == session.folder.get(session.document.edit.original)


def test_a_slow_photo_holds_up_no_other(studio: Studio) -> None:
    session, other = editing(studio), editing(studio, photograph(170, 90))
    shelf = studio.photos
    slow = shelf.being_made(session.document.edit.original)
    with slow:
        waiting = threading.Thread(
            target=lambda: Composite(studio, session, session.document).pixels()
        )
        waiting.start()
        assert composite(studio, other).shape == (90, 170, 3)
        draw(session, 10, 10, 60, 60, "a")
        assert waiting.is_alive()
    waiting.join(30)
    assert not waiting.is_alive()


def test_the_shelf_lets_the_longest_unused_photo_go(studio: Studio) -> None:
    sessions = [editing(studio, photograph(width, 100)) for width in (101, 102, 103)]
    each = sessions[0].document.edit.extent
    shelf = PhotoShelf(2 * 3 * each.width * each.height + 900)
    photos = [shelf.photo(one.folder, one.document.edit) for one in sessions]
    assert shelf.bytes_used <= 2 * 3 * 103 * 100
    assert shelf.photo(sessions[2].folder, sessions[2].document.edit) is photos[2]
    assert shelf.photo(sessions[0].folder, sessions[0].document.edit) is not photos[0]


def test_a_photo_longer_than_any_scene_that_is_drawn_is_edited(studio: Studio) -> None:
    session = editing(studio, photograph(9300, 40))
    draw(session, 100, 1, 140, 8, "a")
    edit(studio, session)
    before, after = original(session), composite(studio, session)
    changed = np.argwhere((before != after).any(axis=2))[:, 1]
    assert 450 <= changed.min() < changed.max() <= 640


def test_a_shape_is_drawn_in_to_the_photos_edges_and_never_out() -> None:
    pixels = np.full((400, 600, 3), 40, np.uint8)
    pixels[100:301, 150:451] = 220
    drawn = np.zeros((40, 60), np.bool_)
    drawn[9:31, 14:46] = True  # a pixel of ten too far out on every side
    found = refined(drawn, Photo.of(pixels))
    whole = np.kron(drawn, np.ones((10, 10), np.bool_))
    assert not (found & ~whole).any()
    thing = pixels[..., 0] > 100
    assert found[thing].mean() > 0.99
    assert (found & ~thing).sum() < 0.35 * (whole & ~thing).sum()
