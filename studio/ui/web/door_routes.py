"""Who is in: a list of the entries, ending them, and leaving."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from studio.scene.errors import BadInput
from studio.ui.web.bodies import read_object, refusal
from studio.ui.web.door import cookie_header, entry_of
from studio.ui.web.entries import Entries


def add_door_routes(app: FastAPI, entries: Entries | None) -> None:
    """entries: None where everybody may enter; then there is nobody to list."""

    def view(request: Request) -> JSONResponse:
        own = entry_of(request.scope)
        found: list[dict[str, Any]] = [
            {
                "id": each.identity,
                "made": round(each.made),
                "seen": round(each.seen),
                "address": each.address,
                "browser": each.browser,
                "own": own is not None and each.digest == own.digest,
            }
            for each in (entries.all() if entries else [])
        ]
        lock = entries.lock.get("kind", "none") if entries else "none"
        return JSONResponse({"ok": True, "lock": lock, "entries": found})

    @app.get("/studio/door", include_in_schema=False)
    async def list_entries(request: Request) -> JSONResponse:
        return view(request)

    @app.post("/studio/door/end", include_in_schema=False)
    async def end(request: Request) -> JSONResponse:
        """`id`: of one entry; without it all but the own one end."""
        try:
            identity = read_object(await request.body()).get("id")
            if identity is not None and not isinstance(identity, str):
                raise BadInput("id is text.")
        except BadInput as fault:
            return refusal(fault)
        own = entry_of(request.scope)
        if entries is not None and identity is None:
            entries.end_others(but=own.identity if own else None)
        elif entries is None or not entries.end(identity or ""):
            return refusal(BadInput("That entry has ended already."), 404)
        return view(request)

    @app.post("/studio/door/leave", include_in_schema=False)
    async def leave(request: Request) -> JSONResponse:
        """Log out: this browser's entry ends."""
        own = entry_of(request.scope)
        answer = JSONResponse({"ok": True})
        if entries is not None and own is not None:
            entries.end(own.identity)
            name, value = cookie_header(request.scope, entries.cookie, "", 0)
            answer.raw_headers.append((name, value))
        return answer
