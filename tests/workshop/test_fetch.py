"""The drawings' package: checked before it is unpacked, fetched once."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from studio.scene.errors import DamagedWeights, MissingWeights
from studio.workshop.fetch import FLUENT_EMOJI, Package, fetched_drawings


def packed(path: Path, names: list[str]) -> Package:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 3
            archive.addfile(member, io.BytesIO(b"abc"))
    return Package(path.as_uri(), hashlib.sha512(path.read_bytes()).hexdigest())


def test_drawings_are_unpacked_by_their_bare_names_and_nothing_else(tmp_path: Path) -> None:
    names = ["package/assets/1f436.webp", "package/package.json", "../../outside.webp"]
    package = packed(tmp_path / "p.tgz", names)
    folder = fetched_drawings(tmp_path / "run", lambda line: None, package)
    assert sorted(path.name for path in folder.iterdir()) == ["1f436.webp", "outside.webp"]
    assert folder.parent == tmp_path / "run"
    assert not (tmp_path / "run" / "drawings.tgz").exists()


def test_drawings_that_are_there_are_not_fetched_again(tmp_path: Path) -> None:
    lines: list[str] = []
    package = packed(tmp_path / "p.tgz", ["package/assets/1f436.webp"])
    first = fetched_drawings(tmp_path / "run", lines.append, package)
    (tmp_path / "p.tgz").unlink()
    assert fetched_drawings(tmp_path / "run", lines.append, package) == first
    assert len(lines) == 1


def test_another_package_than_expected_is_refused(tmp_path: Path) -> None:
    package = packed(tmp_path / "p.tgz", ["package/assets/1f436.webp"])
    with pytest.raises(DamagedWeights, match="not the expected package"):
        fetched_drawings(tmp_path / "run", print, Package(package.address, "0" * 128))
    assert not (tmp_path / "run" / "drawings").exists()


def test_what_cannot_be_fetched_says_what_to_do(tmp_path: Path) -> None:
    nowhere = Package((tmp_path / "none.tgz").as_uri(), "0" * 128)
    with pytest.raises(MissingWeights, match="--drawings"):
        fetched_drawings(tmp_path / "run", print, nowhere)


def test_the_package_has_a_whole_digest() -> None:
    assert len(FLUENT_EMOJI.sha512) == 128
