"""Undo outlives the studio; damage to it costs steps of undo and never the scene."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.project import edits
from studio.project.document import Document
from studio.project.session import Session
from studio.project.store.undo_folder import GENERATIONS
from studio.scene.geometry import Extent
from studio.scene.mask import Mask
from studio.scene.mask_edits import grow, moved
from studio.scene.region import Click, Region
from studio.service.studio import Studio
from tests.builders import box_mask
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio

Edit = Callable[[Document], Document]


def region(number: int) -> Region:
    left = 3 * number
    return Region(
        Mask(box_mask(64, 48, left, 4, left + 12, 30)),
        f"thing {number}",
        clicks=(Click(left + 1.5, 6, 1),),
        identity=f"{number:012x}",
    )


def thirty_edits() -> list[Edit]:
    """Shapes, captions, gamma, order, clicks, visibility, settings, size: all that undo covers."""
    one, two, three = (region(number).identity for number in (1, 2, 3))
    found: list[Edit] = [
        lambda d: edits.add_region(d, region(1)),
        lambda d: edits.add_region(d, region(2)),
        lambda d: edits.add_region(d, region(3), below=two),
        lambda d: edits.set_caption(d, "a lawn"),
        lambda d: edits.set_region(d, one, caption="a red ball", name="ball"),
        lambda d: edits.set_region(d, one, gamma=0.4),
        lambda d: edits.edit_mask(d, two, lambda mask: grow(mask, 2)),
        lambda d: edits.edit_mask(d, two, lambda mask: moved(mask, 3, 1), (Click(1, 2, 0),)),
        lambda d: edits.reorder(d, [three, two, one]),
        lambda d: edits.set_region(d, three, is_visible=False),
        lambda d: edits.set_region(d, three, is_locked=True),
        lambda d: edits.set_sampling(d, gamma=0.3, seed=9),
        lambda d: edits.set_sampling(d, isolation_blocks=(1, 2), sigmas=(1.0, 0.5)),
        lambda d: edits.set_sampling(d, negative_caption="blur", true_cfg=2.0),
        lambda d: edits.duplicate_region(d, one, "d" * 12, 4, 4),
        lambda d: edits.merge_regions(d, [one, "d" * 12]),
        lambda d: edits.delete_regions(d, [two]),
        lambda d: replace(d, photo=None),
        lambda d: edits.resize_scene(d, Extent(96, 32))[0],
        lambda d: edits.set_caption(d, None),
    ]
    steps = [lambda d, n=n: edits.set_sampling(d, seed=100 + n) for n in range(11)]
    return [*found, *steps]


def drawn_in_thirty_edits(studio: Studio) -> tuple[Session, list[Document]]:
    session = studio.store.create("a" * 32)
    photo = session.folder.put(b"a photo", "png")
    session.begin_with(replace(session.document, photo=photo))
    documents = [session.document]
    for number, change in enumerate(thirty_edits()):
        session.edit(change, f"edit {number}")
        documents.append(session.document)
    assert len(documents) == 32
    assert all(not a.is_same_as(b) for a, b in itertools.pairwise(documents))
    return session, documents


def restarted(tmp_path: Path, studio: Studio, session: Session) -> Session:
    studio.close()
    return open_studio(tmp_path / "projects", ScriptedEngine()).store.open_project(
        session.identity
    )[0]


def test_thirty_mixed_edits_are_undone_and_done_again_after_a_restart(
    tmp_path: Path, studio: Studio
) -> None:
    session, documents = drawn_in_thirty_edits(studio)
    later = restarted(tmp_path, studio, session)
    assert later.document.is_same_as(documents[-1])
    assert later.timeline.undo_label == "edit 30"
    for document in reversed(documents[:-1]):
        later.step(-1)
        assert later.document.is_same_as(document)
        assert dict(later.document.slots) == dict(document.slots)
    assert later.timeline.undo_label is None
    assert later.folder.get(later.document.photo or "") == b"a photo"
    for document in documents[1:]:
        later.step(1)
        assert later.document.is_same_as(document)
    clicks = later.timeline.moments[8].document.scene.region(f"{2:012x}").clicks
    assert clicks == (Click(1, 2, 0),)


def test_what_was_undone_can_be_done_again_after_a_restart(tmp_path: Path, studio: Studio) -> None:
    session, documents = drawn_in_thirty_edits(studio)
    session.step(-7)
    later = restarted(tmp_path, studio, session)
    assert later.document.is_same_as(documents[-8])
    later.step(7)
    assert later.document.is_same_as(documents[-1])


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "gone", "nonsense"])
def test_a_damaged_undo_never_costs_the_scene(tmp_path: Path, studio: Studio, damage: str) -> None:
    session, documents = drawn_in_thirty_edits(studio)
    studio.store.save_all()
    for file in session.undo_folder.path.glob("undo-*.json"):
        content = file.read_bytes()
        if damage == "gone":
            file.unlink()
        elif damage == "cut":
            file.write_bytes(content[: len(content) // 2])
        elif damage == "flip":
            file.write_bytes(content[:-9] + b"#" + content[-8:])
        else:
            file.write_bytes(b"" if damage == "empty" else b"{}")
    later = restarted(tmp_path, studio, session)
    assert later.document.is_same_as(documents[-1])
    assert later.timeline.undo_label is None
    later.edit(lambda d: edits.set_caption(d, "on we go"), "caption")
    assert later.save()


def test_a_damaged_newest_undo_falls_back_to_the_one_before(tmp_path: Path, studio: Studio) -> None:
    session, documents = drawn_in_thirty_edits(studio)
    session.save()
    session.edit(lambda d: edits.set_caption(d, "newest"), "caption")
    session.save()
    max(session.undo_folder.path.glob("undo-*.json")).write_bytes(b"")
    later = restarted(tmp_path, studio, session)
    assert later.document.scene.caption == "newest"
    later.step(-1)
    assert later.document.is_same_as(documents[-1])


def test_a_damaged_mask_costs_the_steps_before_it_alone(tmp_path: Path, studio: Studio) -> None:
    session, documents = drawn_in_thirty_edits(studio)
    studio.store.save_all()
    grown = documents[7].scene.region(f"{2:012x}").mask
    file = session.undo_folder.path / f"{grown.digest}.mask"
    file.write_bytes(zlib.compress(bytes(64 * 48 // 8)))
    later = restarted(tmp_path, studio, session)
    assert later.document.is_same_as(documents[-1])
    later.step(-1000)
    assert later.document.is_same_as(documents[8])


def test_a_damaged_mask_of_the_scene_itself_is_written_again(
    tmp_path: Path, studio: Studio
) -> None:
    session, documents = drawn_in_thirty_edits(studio)
    studio.store.save_all()
    for each in session.document.scene.regions:
        (session.undo_folder.path / f"{each.mask.digest}.mask").write_bytes(b"")
    studio.close()
    studio = open_studio(tmp_path / "projects", ScriptedEngine())
    later = studio.store.open_project(session.identity)[0]
    assert later.document.is_same_as(documents[-1])
    later.edit(lambda d: edits.set_caption(d, "on we go"), "caption")
    again = restarted(tmp_path, studio, later)
    again.step(-1)
    assert again.document.is_same_as(documents[-1])


def test_each_mask_is_kept_once_and_goes_with_its_last_step(studio: Studio) -> None:
    session, _ = drawn_in_thirty_edits(studio)
    session.save()
    masks = {
        each.mask.digest
        for moment in session.timeline.moments
        for each in moment.document.scene.regions
    }
    assert {file.stem for file in session.undo_folder.path.glob("*.mask")} == masks
    session.begin_with(Document(session.document.scene.with_regions(())))
    for caption in "abc":
        session.edit(lambda d, text=caption: edits.set_caption(d, text), "caption")
        session.save()
    assert not list(session.undo_folder.path.glob("*.mask"))
    assert len(list(session.undo_folder.path.glob("undo-*.json"))) == GENERATIONS


def test_what_is_not_an_edit_does_not_write_the_undo_again(studio: Studio) -> None:
    session, _ = drawn_in_thirty_edits(studio)
    session.save()
    before = sorted(session.undo_folder.path.iterdir())
    session.rename("another name")
    session.save()
    assert sorted(session.undo_folder.path.iterdir()) == before


def test_a_mask_of_1024_pixels_takes_little_room(tmp_path: Path) -> None:
    from studio.project.store.undo_folder import UndoFolder
    from studio.project.timeline import Moment

    rows, columns = np.mgrid[:1024, :1024]
    disc = Mask((columns - 500) ** 2 + (rows - 500) ** 2 < 300**2)
    scene = Document(edits.Scene(1024, 1024, regions=[Region(disc, "a disc")]))
    folder = UndoFolder(tmp_path)
    folder.save([Moment(scene, "start")], 0)
    assert (tmp_path / f"{disc.digest}.mask").stat().st_size < 16_000
    assert folder.load() is not None
