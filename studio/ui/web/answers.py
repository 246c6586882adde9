"""Answers in JSON that keep their connection alive however long they take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from typing import Any

from fastapi import Response
from fastapi.responses import StreamingResponse

from studio.ui.api.registry import Answer
from studio.ui.web.lanes import Lanes

BEAT_SECONDS = 5.0  # proxies give up on an answer after 60 s without a byte
_JSON = "application/json"


async def in_time(
    answering: Awaitable[Answer], lanes: Lanes, beat: float = BEAT_SECONDS
) -> Response:
    """The answer; if it takes long, spaces first, which JSON allows before its object."""
    task = asyncio.ensure_future(answering)
    done, _ = await asyncio.wait([task], timeout=beat)
    if done:
        return Response(await lanes.run(lambda: written(task.result())), media_type=_JSON)

    async def beats() -> AsyncIterator[bytes]:
        while not task.done():
            yield b" "
            await asyncio.wait([task], timeout=beat)
        yield await lanes.run(lambda: written(task.result()))

    return StreamingResponse(beats(), media_type=_JSON, headers={"x-accel-buffering": "no"})


def written(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )
