"""`python -m studio shortcut`: starters for Windows, macOS and Linux."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from studio.commands.cli import main
from studio.commands.shortcut import (
    ICON,
    WINDOWS_ICON,
    batch_file,
    command_file,
    desktop_entry,
    link_script,
    put,
    start_command,
)
from studio.config import HOME
from studio.scene.errors import RequestError

ODD = ["/opt/my python/bin/python3", '/home/ada/50 % "off" $HOME/launch.py', "serve", "--window"]


def test_the_launchers_own_environment_is_started_by_the_launcher() -> None:
    """Which can make it anew: its starter must not run out of it."""
    command = start_command(HOME / ".venv", HOME)
    assert command[1:] == [str(HOME / "launch.py"), "serve", "--window"]
    assert Path(command[0]).resolve().parent != (HOME / ".venv" / "bin")


def test_an_environment_of_ones_own_is_used_as_it_is(tmp_path: Path) -> None:
    command = start_command(tmp_path, HOME)
    assert command == [
        sys.executable,
        str(HOME / "launch.py"),
        "--no-venv",
        "serve",
        "--window",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="the menu of Linux")
def test_on_linux_it_goes_into_the_menu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["shortcut"]) == 0
    path = tmp_path / ".local" / "share" / "applications" / "seg2any-studio.desktop"
    assert str(path) in capsys.readouterr().out
    entry = ConfigParser(interpolation=None)
    entry.read_string(path.read_text(encoding="utf-8"))
    values = entry["Desktop Entry"]
    assert values["name"] == "Seg2Any Studio"
    assert "serve" in values["exec"]
    assert "--window" in values["exec"]
    assert Path(values["icon"]) == ICON
    assert ICON.is_file()
    validator = shutil.which("desktop-file-validate")
    if validator:
        told = subprocess.run([validator, str(path)], capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout) == (0, "")


def test_a_menu_entry_quotes_what_the_specification_reserves() -> None:
    line = next(
        line for line in desktop_entry(ODD, Path("/home"), ICON).splitlines() if "Exec" in line
    )
    assert line == (
        'Exec="/opt/my python/bin/python3" '
        '"/home/ada/50 %% \\\\"off\\\\" \\\\$HOME/launch.py" "serve" "--window"'
    )


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_on_a_mac_it_is_a_program_in_a_terminal(tmp_path: Path) -> None:
    said = tmp_path / "a script's name"
    said.write_text("#!/bin/sh\nprintf '%s|' \"$@\"; pwd\n")
    said.chmod(0o755)
    path = put("Darwin", [str(said), *ODD[1:]], tmp_path / "Desktop")
    assert path.name == "Seg2Any Studio.command"
    assert path.stat().st_mode & stat.S_IXUSR
    answer = subprocess.run([str(path)], capture_output=True, text=True, check=False)
    assert answer.stdout == f"{'|'.join(ODD[1:])}|{HOME}\n"
    assert shlex.split(command_file(ODD, HOME).splitlines()[-1])[1:] == ODD


def test_on_windows_it_is_a_link_with_an_icon() -> None:
    command = [r"C:\Program Files\Python\python.exe", r"C:\Ada's\launch.py", "serve", "--window"]
    script = link_script(command, Path(r"C:\Ada's"), WINDOWS_ICON, None)
    assert "[Environment]::GetFolderPath('Desktop')" in script
    assert r"$link.TargetPath = 'C:\Program Files\Python\python.exe'" in script
    assert r"$link.Arguments = 'C:\Ada''s\launch.py serve --window'" in script
    assert r"$link.WorkingDirectory = 'C:\Ada''s'" in script
    assert WINDOWS_ICON.read_bytes()[:4] == b"\x00\x00\x01\x00", "no icon file"
    elsewhere = link_script(command, Path("C:\\"), WINDOWS_ICON, r"D:\Programs")
    assert r"Join-Path 'D:\Programs' 'Seg2Any Studio.lnk'" in elsewhere


def test_on_a_windows_without_powershell_it_is_a_batch_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    command = [r"C:\Program Files\Python\python.exe", r"C:\100%\launch.py", "serve", "--window"]
    path = put("Windows", command, tmp_path)
    assert path == tmp_path / "Seg2Any Studio.cmd"
    written = path.read_bytes().decode()
    assert written == batch_file(command, HOME)
    assert (
        '"C:\\Program Files\\Python\\python.exe" C:\\100%%\\launch.py serve --window\r\n' in written
    )


def test_another_system_is_refused_by_name() -> None:
    with pytest.raises(RequestError, match="this is Haiku"):
        put("Haiku", ["python"])


def test_a_place_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["shortcut", "--folder", str(tmp_path / "file" / "below")]) == 1
    assert "Choose another place with --folder" in capsys.readouterr().err
