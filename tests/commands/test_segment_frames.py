"""`python -m studio segment --frames`: a click on one frame, masks on all."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.commands.cli import main
from tests.recognition.frames.series import write_frames


def test_a_click_becomes_masks_and_the_same_command_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_frames(tmp_path / "in", 3)
    out = tmp_path / "out"
    command = ["segment", "--frames", str(tmp_path / "in"), "--out", str(out)]
    command += ["--segmenter", "click"]
    assert main([*command, "--point", "20,30", "--caption", "a red box"]) == 0
    assert "masks of 3 frames, by click segmenter with optical flow" in capsys.readouterr().out
    assert sorted(path.name for path in (out / "masks").iterdir()) == [
        "shot 1.png",
        "shot 2.png",
        "shot 3.png",
    ]
    (out / "masks" / "shot 3.png").unlink()
    assert main([*command, "--caption", "a red box"]) == 0  # the clicks are remembered
    assert "masks of 3 frames, 2 were finished already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--point", "20,30", "--frame", "9"], "--frame is 9; the folder has frames 1 to 2"),
        ([], "Give --point on the thing"),
        (["--everything"], "--frames goes with --point and --not"),
        (["--point", "500,30"], "outside the frames of 96 x 64"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    write_frames(tmp_path / "in", 2)
    command = ["segment", "--frames", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert main([*command, "--segmenter", "click", *options]) == 2
    assert words in capsys.readouterr().err


def test_a_bad_frame_tells_what_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_frames(tmp_path / "in", 3)
    (tmp_path / "in" / "shot 2.png").write_bytes(b"no picture")
    command = ["segment", "--frames", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert main([*command, "--segmenter", "click", "--point", "20,30"]) == 2
    told = capsys.readouterr().err
    assert "shot 2.png" in told
    assert "1 frames were finished now and are kept; the same command goes on." in told


def test_a_photo_or_frames_but_not_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["segment", "--point", "1,1", "--out", "x.json"]) == 2
    assert "Give PHOTO, or --frames and a folder" in capsys.readouterr().err
    assert main(["segment", "a.png", "--frame", "2", "--point", "1,1", "--out", "x.json"]) == 2
    assert "--frame says which of --frames was clicked" in capsys.readouterr().err
