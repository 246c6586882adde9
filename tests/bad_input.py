"""What the cases of bad input are made of; test_bad_input.py runs them."""

from __future__ import annotations

import io
import json
import struct
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from studio.files.picture_decoder import read_picture
from studio.scene.errors import StudioError
from studio.ui.web.gate import Gate
from studio.ui.web.guard import Guard
from studio.ui.web.lanes import Lanes
from studio.ui.web.pages import PageFiles
from studio.ui.web.routes import add_routes
from tests.ui.conftest import Page

NAN, INFINITE = float("nan"), float("inf")
SQUARE = {"box": [4, 4, 24, 24], "counts": [0, 400]}


class Room(NamedTuple):
    """What a case works with."""

    page: Page
    folder: Path


Case = Callable[[Room], None]
CASES: dict[int, list[tuple[str, Case]]] = defaultdict(list)
REFUSED: set[Case] = set()
SLOW = (43, 60, 61, 62, 63)  # a hundred regions; whatever imports torch


def case(number: int, says: Literal["refused", "taken"]) -> Callable[[Case], Case]:
    def note(work: Case) -> Case:
        CASES[number].append((work.__name__, work))
        if says == "refused":
            REFUSED.add(work)
        return work

    return note


# what cases are made of


def refused(room: Room, action: str, says: str, **fields: Any) -> None:
    """One clear sentence of a known kind."""
    answer = room.page.refused(action, **fields)
    assert answer["kind"] != "internal"
    error = answer["error"]
    assert says.lower() in error.lower(), error
    assert len(error) < 300
    assert len(error.splitlines()) == 1
    json.dumps(error).encode()


def no_picture(content: bytes, says: str) -> None:
    with pytest.raises(StudioError) as told:
        read_picture(content)
    assert says.lower() in str(told.value).lower(), str(told.value)
    assert len(str(told.value).splitlines()) == 1


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def corners(width: int = 32, height: int = 24) -> Image.Image:
    """Red on the upper left, blue elsewhere: which way up it is can be seen."""
    pixels = np.full((height, width, 3), (20, 20, 220), np.uint8)
    pixels[: height // 2, : width // 2] = (220, 20, 20)
    return Image.fromarray(pixels)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def hollow(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG that announces a size and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    ends = chunk(b"IDAT", b""), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + b"".join(ends)


def quick(work: Callable[[], object], seconds: float = 1.0) -> None:
    started = time.perf_counter()
    work()
    assert time.perf_counter() - started < seconds


def draw(room: Room, caption: str = "") -> str:
    return room.page.draw(4, 4, 24, 24, caption)


def site(room: Room) -> TestClient:
    """Guard and gate as they stand before the studio's own routes."""
    from fastapi import FastAPI

    app = FastAPI()
    add_routes(app, Lanes(room.page.client), PageFiles({}, "0"))

    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    app.router.routes.append(Route("/gradio_api/run/{action}", echo, methods=["POST"]))
    return TestClient(Guard(Gate(app)), base_url="http://127.0.0.1:7860")
