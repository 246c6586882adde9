"""The command line: `python -m studio COMMAND`. Each command is imported when it is asked for."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib import import_module

from studio.commands.log_lines import write_lines
from studio.scene.errors import BadInput, Cancelled, StudioError, WeightsError

log = logging.getLogger(__name__)

# command -> what it does, and the module with add_arguments(parser), run(arguments) -> int | None
COMMANDS = {
    "serve": ("open the studio in the browser", "studio.commands.serve"),
    "shortcut": (
        "put a starter for the studio on the desktop or into the menu",
        "studio.commands.shortcut",
    ),
    "render": ("render scenes to pictures", "studio.commands.render"),
    "act": ("do what the page can do, from a file of JSON lines", "studio.commands.act"),
    "segment": ("make a scene from a photo by clicks, or all of it", "studio.commands.segment"),
    "caption": ("say what a picture and its regions show", "studio.commands.caption"),
    "layout": ("make a first scene of a sentence", "studio.commands.layout"),
    "get": ("get published weights from the hub", "studio.commands.get"),
    "convert": (
        "make a folder of Meta's SAM 2.1 checkpoint, for clicks",
        "studio.commands.convert",
    ),
    "train": ("train the embedded model or Seg2Any adapters", "studio.commands.train"),
    "evaluate": ("measure a model on held-out scenes", "studio.commands.evaluate"),
    "doctor": (
        "what is installed, which weights are found, what is missing",
        "studio.commands.doctor",
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. 0: done; 1: it failed; 2: the input was wrong; 130: the user stopped it."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = build_parser(arguments[0] if arguments else None)
    given = parser.parse_args(arguments)
    write_lines(logging.DEBUG if given.debug else logging.WARNING)
    if not given.debug:
        _quieten()
    try:
        return import_module(COMMANDS[given.command][1]).run(given) or 0
    except (KeyboardInterrupt, Cancelled):
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return 0
    except StudioError as problem:
        log.debug("refused", exc_info=problem)
        print(problem, file=sys.stderr)
        return 2 if isinstance(problem, (BadInput, WeightsError)) else 1
    except Exception as fault:  # the last line of defence
        log.debug("failed", exc_info=fault)
        print(
            f"Something went wrong inside the studio ({type(fault).__name__}: {fault}). "
            "Add --debug to see where.",
            file=sys.stderr,
        )
        return 1


def build_parser(chosen: str | None) -> argparse.ArgumentParser:
    """The whole command line; only the chosen command's own module is imported."""
    parser = argparse.ArgumentParser(
        prog="python -m studio", description="Say where and what: pictures from regions with words."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (summary, module) in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + "."
        )
        if name == chosen:
            import_module(module).add_arguments(command)
        command.add_argument(
            "--debug", action="store_true", help="log every step, and show where an error arose"
        )
    return parser


def _quieten() -> None:
    """Libraries report to themselves; the user sees ours."""
    for name in ("diffusers", "transformers", "httpx", "huggingface_hub", "PIL"):
        logging.getLogger(name).setLevel(logging.ERROR)
