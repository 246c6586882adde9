"""Settings, read once from the environment and the command line and then handed on as values."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from studio.scene.checks import check_number
from studio.scene.errors import RequestError
from studio.scene.sentences import say

HOME = Path(__file__).resolve().parent.parent
PREFIX = "STUDIO_"


@dataclass(frozen=True)
class Settings:
    """Where things are and what is loaded; STUDIO_PORT sets `port`, and so on for each."""

    weights: Path = HOME / "weights"  # models, each in a folder: weights/FLUX.1-dev
    assets: Path = HOME / "assets"  # examples that ship with the studio
    projects: Path = Path("projects")  # saved work; by default in the user's data folder
    base: str | None = None  # model folder, file or hub id; None: of comfyui, or weights/mini
    comfyui: Path | None = None  # another tool's folder, whose models are found too
    adapters: str | None = None  # Seg2Any checkpoint folder; None: what lies beside the base
    segmenter: str | None = None  # SAM 2.1 folder, hub id or name, or "click"; None: what is found
    finder: str | None = None  # finds by word: a folder, a name, "measured"; None: what is there
    captioner: str | None = None  # suggests captions, the same way
    features: str | None = None  # compares regions by features, the same way
    agreement: str | None = None  # judges regions against captions, the same way
    device: str = "auto"  # auto, cpu, cuda, cuda:1, mps
    dtype: str = "auto"  # auto, float32, bfloat16, float16
    offload: str = "none"  # none, model, sequential, group
    quantize: str = "none"  # none, nf4, int8, gguf:FILE
    compiles: bool = False  # on CUDA, compile the blocks: slow to start, then faster
    host: str = "127.0.0.1"  # the address to listen on
    port: int = 7860
    login: str | None = None  # USER:PASSWORD, USER for a password made up here, or "none"
    password_file: str | None = None  # holds the password of USER; "-": it is asked for
    path_prefix: str | None = None  # the path that the page lies beneath, behind a proxy
    log_file: Path | None = None  # where the log is kept besides the terminal
    names: str | None = None  # what browsers may call this machine besides its address, by commas
    trusted_proxy: str | None = None  # addresses whose X-Forwarded-For is heard, by commas
    cache_megabytes: int = 1024  # what all sessions together may keep of computed conditions
    device_cache_megabytes: int = 256  # the same on each GPU
    disk_gigabytes: float = 20.0  # what all projects together may take before renders stop

    @property
    def mini(self) -> Path:
        """The model that ships with the studio."""
        return self.weights / "mini"

    @property
    def styles(self) -> Path:
        """Where styles lie: LoRA files, each with a picture beside it if there is one."""
        return self.weights / "styles"

    @property
    def is_mini(self) -> bool:
        """Whether that is what these settings load."""
        return self.base == "mini" or (self.base is None and self.comfyui is None)


def read_settings(environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """Defaults, then STUDIO_* variables, then what is given and not None."""
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {"projects": _data_folder(environment, sys.platform) / "projects"}
    for field in fields(Settings):
        text = environment.get(PREFIX + field.name.upper())
        if text:
            values[field.name] = _parse(field.name, text)
        if given.get(field.name) is not None:
            values[field.name] = given[field.name]
    for name, most in _MOST.items():
        check_number(name, values.get(name), (0, most), RequestError)
    return Settings(**values)


def settings_from(given: argparse.Namespace) -> Settings:
    """Settings with what the command line says instead."""
    names = {field.name for field in fields(Settings)}
    return read_settings(**{name: value for name, value in vars(given).items() if name in names})


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say which model is loaded, and how."""
    group = parser.add_argument_group("model")
    group.add_argument(
        "--base",
        metavar="NAME",
        help="folder, file, name in weights/ or hub id (default: weights/mini)",
    )
    group.add_argument(
        "--comfyui",
        type=Path,
        metavar="FOLDER",
        help="ComfyUI's folder or its models folder: what lies there is found too",
    )
    group.add_argument(
        "--adapters", metavar="NAME", help="Seg2Any checkpoint: folder or name in weights/"
    )
    group.add_argument("--device", help="auto, cpu, cuda, cuda:1 or mps (default: auto)")
    group.add_argument("--dtype", help="auto, float32, bfloat16 or float16 (default: auto)")
    group.add_argument(
        "--offload",
        choices=["none", "model", "sequential", "group"],
        help="keep what is not in use off the GPU: slower, needs less memory (default: none)",
    )
    group.add_argument(
        "--quantize",
        metavar="HOW",
        help="none, nf4, int8 or gguf:FILE, to fit smaller cards (default: none)",
    )
    group.add_argument(
        "--compile",
        dest="compiles",
        action="store_true",
        default=None,
        help="on CUDA, compile the model's blocks: minutes to warm up, then faster steps",
    )


_MOST = {
    "port": 65535,
    "cache_megabytes": 2**30,
    "device_cache_megabytes": 2**30,
    "disk_gigabytes": 2**30,
}


def _parse(name: str, text: str) -> Any:
    if name in ("weights", "assets", "projects", "comfyui", "log_file"):
        return Path(text).expanduser()
    kinds: dict[str, type[int] | type[float]] = {
        "port": int,
        "cache_megabytes": int,
        "device_cache_megabytes": int,
        "disk_gigabytes": float,
    }
    if name in kinds:
        try:
            return kinds[name](text)
        except ValueError:
            what = say("a whole number") if kinds[name] is int else say("a number")
            raise RequestError(
                "{setting} is {text!r}; it must be {what}.",
                setting=f"{PREFIX}{name.upper()}",
                text=text,
                what=what,
            ) from None
    if name == "compiles":
        return text.lower() not in ("0", "no", "false", "off")
    return text


def _data_folder(environment: Mapping[str, str], system: str) -> Path:
    """Where this system keeps a user's data."""
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.home())
    if system == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "Seg2AnyStudio"
    if system == "darwin":
        return home / "Library" / "Application Support" / "Seg2AnyStudio"
    share = environment.get("XDG_DATA_HOME")
    return (Path(share) if share else home / ".local" / "share") / "seg2any-studio"
