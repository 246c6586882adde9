"""Files from outside as projects: the size that a picture is given."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from studio.project.incoming import File, fitted, read_files
from studio.project.model_facts import ModelFacts
from studio.project.store.project_folder import ProjectFolder
from studio.scene.errors import SceneError
from studio.scene.geometry import Extent

FACTS = ModelFacts()  # 1024 x 1024 pixels, in steps of 32


def photo(width: int, height: int) -> File:
    content = io.BytesIO()
    Image.new("RGB", (width, height), "green").save(content, "PNG")
    return File("photo.png", content.getvalue())


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((640, 480), (1184, 896)),
        ((6400, 100), (8192, 128)),
        ((8192, 64), (8192, 64)),
        ((64, 8192), (64, 8192)),
    ],
)
def test_a_picture_keeps_its_proportions_also_where_it_is_very_long(
    shape: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert fitted(Extent(*shape), FACTS) == expected


def test_a_picture_far_too_long_is_refused_by_its_own_size(
    tmp_path: Path,
) -> None:
    with pytest.raises(SceneError, match="The picture is 8192 x 12 pixels"):
        fitted(Extent(8192, 12), FACTS)
    incoming = read_files([photo(8192, 20)], FACTS, ProjectFolder(tmp_path))
    assert incoming.document.scene.extent == (8192, 32)
