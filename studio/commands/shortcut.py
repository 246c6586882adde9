"""`python -m studio shortcut`: a starter on the desktop or in the menu."""

from __future__ import annotations

import argparse
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path

from studio.config import HOME
from studio.scene.errors import RequestError, StorageError

TITLE = "Seg2Any Studio"
COMMENT = "Say where and what: pictures from regions with words"
ICON = HOME / "studio" / "ui" / "page" / "icon.svg"
WINDOWS_ICON = ICON.with_suffix(".ico")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="FOLDER",
        help="where it goes (default: the menu on Linux, the desktop elsewhere)",
    )


def run(given: argparse.Namespace) -> int:
    system = platform.system()
    command = start_command(Path(sys.prefix), HOME)
    try:
        path = put(system, command, given.folder)
    except OSError as fault:
        raise StorageError(
            f"The starter cannot be written ({fault.strerror or fault}). Choose another place with "
            "--folder."
        ) from fault
    print(f"The studio starts from {path}")
    return 0


def start_command(environment: Path, home: Path) -> list[str]:
    """What opens the studio in a window: by the launcher, which repairs its own environment."""
    launcher = str(home / "launch.py")
    if environment.resolve() == (home / ".venv").resolve():
        python = getattr(sys, "_base_executable", None) or sys.executable
        return [python, launcher, "serve", "--window"]
    return [sys.executable, launcher, "--no-venv", "serve", "--window"]


def put(system: str, command: list[str], folder: Path | None = None) -> Path:
    """Write the starter as this system likes it; returns where it lies."""
    if system == "Windows":
        return _put_on_windows(command, folder)
    if system == "Darwin":
        path = (folder or Path.home() / "Desktop") / f"{TITLE}.command"
        return _write(path, command_file(command, HOME), is_program=True)
    if system == "Linux":
        path = (folder or menu_folder()) / "seg2any-studio.desktop"
        return _write(path, desktop_entry(command, HOME, ICON), is_program=folder is not None)
    raise RequestError(f"shortcut knows Windows, macOS and Linux; this is {system}.")


def menu_folder() -> Path:
    share = os.environ.get("XDG_DATA_HOME")
    return (Path(share) if share else Path.home() / ".local" / "share") / "applications"


def desktop_entry(command: list[str], home: Path, icon: Path) -> str:
    """For the menus of Linux. A terminal shows what it does, and Ctrl-C there ends it."""
    return "\n".join(
        [
            "[Desktop Entry]",
            "Type=Application",
            f"Name={TITLE}",
            "Name[zh_CN]=Seg2Any 工作室",
            f"Comment={COMMENT}",
            f"Exec={' '.join(map(_exec_argument, command))}",
            f"Path={_value(str(home))}",
            f"Icon={_value(str(icon))}",
            "Terminal=true",
            "Categories=Graphics;",
            "",
        ]
    )


def command_file(command: list[str], home: Path) -> str:
    """For macOS: a double click runs it in a terminal, where Ctrl-C ends the studio."""
    return f"#!/bin/sh\ncd {shlex.quote(str(home))} || exit 1\nexec {shlex.join(command)}\n"


def link_script(command: list[str], home: Path, icon: Path, folder: str | None) -> str:
    """PowerShell that makes a link, on the desktop (wherever that is) without a folder."""
    place = _quoted(folder) if folder else "[Environment]::GetFolderPath('Desktop')"
    arguments = subprocess.list2cmdline(command[1:])
    return "\n".join(
        [
            "$ErrorActionPreference = 'Stop'",
            f"$path = Join-Path {place} {_quoted(TITLE + '.lnk')}",
            "$link = (New-Object -ComObject WScript.Shell).CreateShortcut($path)",
            f"$link.TargetPath = {_quoted(command[0])}",
            f"$link.Arguments = {_quoted(arguments)}",
            f"$link.WorkingDirectory = {_quoted(str(home))}",
            f"$link.IconLocation = {_quoted(str(icon))}",
            f"$link.Description = {_quoted(COMMENT)}",
            "$link.Save()",
            "[Console]::OutputEncoding = [Text.Encoding]::UTF8",
            "Write-Output $path",
        ]
    )


def batch_file(command: list[str], home: Path) -> str:
    """For a Windows that runs no PowerShell."""
    lines = ["@echo off", "chcp 65001 >nul", f'cd /d "{_batch(str(home))}"']
    return "\r\n".join([*lines, _batch(subprocess.list2cmdline(command)), ""])


def _put_on_windows(command: list[str], folder: Path | None) -> Path:
    script = link_script(command, HOME, WINDOWS_ICON, str(folder) if folder else None)
    shell = ["powershell", "-NoProfile", "-NonInteractive", "-Command", script]
    try:
        answer = subprocess.run(shell, capture_output=True, encoding="utf-8", timeout=60)
        if answer.returncode == 0 and answer.stdout.strip():
            return Path(answer.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.TimeoutExpired):
        pass
    path = (folder or Path.home() / "Desktop") / f"{TITLE}.cmd"
    return _write(path, batch_file(command, HOME), is_program=False)


def _write(path: Path, content: str, *, is_program: bool) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8"))
    if is_program:
        path.chmod(0o755)
    return path


def _exec_argument(argument: str) -> str:
    """Quoted as the Desktop Entry Specification wants it: first for Exec, then as any value."""
    for mark in ("\\", '"', "`", "$"):
        argument = argument.replace(mark, f"\\{mark}")
    return _value(f'"{argument}"').replace("%", "%%")


def _value(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    """A PowerShell string in which nothing is special."""
    return "'" + text.replace("'", "''") + "'"


def _batch(text: str) -> str:
    return text.replace("%", "%%")
