"""`python -m studio serve`: the studio in the browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from studio.config import add_model_arguments, settings_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="(default: 7860)")
    parser.add_argument(
        "--projects", type=Path, metavar="FOLDER", help="where work is kept (default: user data)"
    )
    parser.add_argument(
        "--weights", type=Path, metavar="FOLDER", help="where models lie (default: weights/)"
    )
    parser.add_argument(
        "--cache-megabytes", type=int, help="memory for computed captions and contours, in all"
    )
    parser.add_argument(
        "--disk-gigabytes",
        type=float,
        help="what all projects may take on disk before no more pictures are made (default: 20)",
    )
    parser.add_argument(
        "--segmenter", metavar="NAME", help="click, sam2.1-hiera-large, a folder or a hub id"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address and open no browser"
    )
    add_model_arguments(parser)


def run(given: argparse.Namespace) -> int:
    from studio.wiring import serve

    def tell(address: str) -> None:
        print(f"Seg2Any Studio is open at {address} (Ctrl-C ends it)", flush=True)

    serve(settings_from(given), opens_browser=not given.no_browser, on_ready=tell)
    return 0
