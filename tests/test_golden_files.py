"""What earlier versions wrote still opens and says the same.

The files in `data/golden` were written when version 1 of recipes and projects was new. They change
only with a reason, in a commit of its own that gives it; a test here that fails means that people's
old work no longer opens.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.files.openraster import openraster_file
from studio.files.picture_file import read_recipe
from studio.files.scene_file import list_scenes, write_scene
from studio.project.document import Document
from studio.project.session import Session
from studio.project.store.project_file import unpack_project
from studio.project.store.project_folder import ProjectFolder
from studio.project.store.store import SessionStore, session_from_state
from studio.scene.mask import Mask
from studio.scene.region import Region
from studio.scene.request import RenderRequest, Sampling
from studio.scene.scene import Scene
from tests.builders import box_mask

GOLDEN = Path(__file__).parent / "data" / "golden"
KEY = "7a92c6037502e948517d42204fa2543d"
PICTURE = "3b210f79804f840b7fe0b0867bbc7edd.png"

GRASS, BALL = box_mask(128, 96, 0, 48, 128, 96), box_mask(128, 96, 32, 16, 96, 80)
SCENE = Scene(
    128,
    96,
    "a sunny day",
    [Region(GRASS, "green grass"), Region(BALL, "a red ball", name="ball", gamma=0.4)],
)
WITHOUT_OVERLAP = SCENE.with_regions([Region(GRASS & ~BALL, "green grass"), SCENE.regions[1]])
# files from before the setting was there are rendered as they were then
SAMPLING = Sampling(steps=4, gamma=0.8, seed=7, thin_regions="published")


@pytest.fixture
def session(tmp_path: Path) -> Session:
    shutil.copytree(GOLDEN / "projects", tmp_path / "projects")
    store = SessionStore(tmp_path / "projects", lambda: Document(Scene(64, 48)))
    session, notices = store.open_project(KEY)
    assert notices == ()
    store.close()
    return session


def test_a_picture_gives_the_request_that_made_it() -> None:
    resolved = Sampling(
        steps=4,
        guidance=0.0,
        gamma=0.8,
        seed=7,
        isolation_blocks=(3, 5),
        contour_scale=1,
        negative_caption="",
        true_cfg=2.0,
        caption_tokens=40,
        region_tokens=16,
        thin_regions="published",
    )
    loaded = list_scenes(GOLDEN / "recipe.png")[0].load()
    assert loaded.request == RenderRequest(SCENE, resolved)
    recipe = read_recipe(GOLDEN / "recipe.png")
    assert (recipe["version"], recipe["index"], recipe["made_with"]["model"]) == (1, 0, "mini")


def test_a_project_has_its_scene_settings_and_history(session: Session) -> None:
    assert session.document.scene == SCENE
    assert session.document.sampling == SAMPLING
    assert session.document.identities == ("a" * 12, "b" * 12)
    (node,) = session.history
    assert (node.kind, node.seed, node.gamma, node.model) == ("final", 7, 0.8, "mini")
    assert session.folder.get(node.images[0]) == (GOLDEN / "recipe.png").read_bytes()
    assert session.document_of(node).scene == SCENE


def test_a_project_has_its_undo_and_what_was_undone(session: Session) -> None:
    assert [moment.label for moment in session.timeline.moments] == [
        "start",
        "draw a region",
        "draw a region",
        "name, gamma of region 2",
        "steps, gamma, seed",
        "shape of region 2",
    ]
    assert session.timeline.position == 4
    session.step(1)
    wider = BALL | box_mask(128, 96, 96, 40, 104, 56)
    assert session.document.scene.regions[1].mask == Mask(wider)
    session.step(-3)
    assert session.document.scene.regions[1].gamma is None
    assert session.document.sampling == Sampling(thin_regions="published")
    session.step(-100)
    assert session.document.scene.regions == ()


def test_a_project_file_opens(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "opened")
    state = unpack_project((GOLDEN / "project.s2a").read_bytes(), folder)
    session = session_from_state(KEY, folder, state)
    assert (session.document.scene, session.document.sampling) == (SCENE, SAMPLING)
    assert [node.images for node in session.history] == [(PICTURE,)]
    assert folder.get(PICTURE) == (GOLDEN / "recipe.png").read_bytes()


@pytest.mark.parametrize(
    ("name", "scene", "seed"),
    [
        ("label_map.json", WITHOUT_OVERLAP, 7),
        ("masks", SCENE, 7),
        ("scene.coco.json", SCENE, 0),  # COCO has no place for a seed
    ],
)
def test_a_scene_file_gives_the_scene_and_is_written_as_it_was(
    tmp_path: Path, name: str, scene: Scene, seed: int
) -> None:
    (entry,) = list_scenes(GOLDEN / name)
    loaded = entry.load()
    assert loaded.request.scene == scene
    assert loaded.request.sampling.seed == seed
    assert loaded.notices == ()
    write_scene(SCENE, tmp_path / name, seed=7)
    for file in tmp_path.rglob("*.json"):
        assert file.read_bytes() == (GOLDEN / file.relative_to(tmp_path)).read_bytes()
    for file in tmp_path.rglob("*.png"):
        expected = pixels((GOLDEN / file.relative_to(tmp_path)).read_bytes())
        assert np.array_equal(pixels(file.read_bytes()), expected)


def test_layers_are_written_as_they_were() -> None:
    with Image.open(GOLDEN / "recipe.png") as picture:
        written = zipfile.ZipFile(io.BytesIO(openraster_file(SCENE, picture)))
    with written, zipfile.ZipFile(GOLDEN / "layers.ora") as golden:
        assert written.namelist() == golden.namelist()
        assert written.read("stack.xml") == golden.read("stack.xml")
        for name in golden.namelist():
            if name.startswith("data/"):
                assert np.array_equal(pixels(written.read(name)), pixels(golden.read(name)))


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.array(image)
