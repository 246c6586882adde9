"""The routes beside Gradio's: the page's own files, pictures of a session, and uploads."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from starlette.datastructures import UploadFile

from studio.scene.errors import BadInput, StudioError
from studio.ui.web.answers import in_time
from studio.ui.web.bodies import read_object, refusal
from studio.ui.web.lanes import Lanes
from studio.ui.web.pages import MANIFEST, PageFiles

_FOR_EVER = "private, max-age=31536000, immutable"
_MOST_FILES = 300
_ONE_FILE = ("edit_photo", "set_photo", "add_style")
_INLINE = ("image/png", "image/jpeg", "image/webp", "image/gif")


def add_routes(app: FastAPI, lanes: Lanes, pages: PageFiles) -> None:
    @app.get("/studio/static/{version}/{name:path}", include_in_schema=False)
    async def page_file(version: str, name: str) -> Response:
        if version != pages.version or name not in pages.files:
            return Response(status_code=404)
        content, media = pages.files[name]
        return Response(content, media_type=media, headers={"cache-control": _FOR_EVER})

    @app.get(f"/{MANIFEST}", include_in_schema=False)
    async def manifest() -> Response:
        headers = {"cache-control": "no-cache"}
        return Response(pages.manifest, media_type="application/manifest+json", headers=headers)

    @app.get("/studio/file/{session}/{reference:path}", include_in_schema=False)
    async def session_file(session: str, reference: str) -> Response:
        try:
            file = await lanes.run(lambda: lanes.client.read_file(session, reference))
        except StudioError as error:
            return Response(str(error), status_code=404, media_type="text/plain")
        kind = "inline" if file.mime in _INLINE else "attachment"
        headers = {
            "cache-control": _FOR_EVER,
            "content-disposition": f"{kind}; filename*=UTF-8''{quote(file.name)}",
            "content-security-policy": "sandbox",
        }
        return Response(file.content, media_type=file.mime, headers=headers)

    @app.post("/studio/send/{action}", include_in_schema=False)
    async def send(action: str, request: Request) -> Response:
        """An action with files: a form of `payload` (JSON) and `files`."""
        if action not in (*_ONE_FILE, "open_files"):
            return refusal(BadInput("Unknown upload."), 404)
        async with request.form(max_files=_MOST_FILES, max_fields=4) as form:
            try:
                payload = read_object(_text(form.get("payload")))
            except BadInput as fault:
                return refusal(fault)
            files = [
                {"name": file.filename or "file", "data": await file.read()}
                for file in form.getlist("files")
                if isinstance(file, UploadFile)
            ]
        if action in _ONE_FILE:
            payload |= {"file": files[0]["data"], "name": files[0]["name"]} if files else {}
        else:
            payload["files"] = files
        return await in_time(lanes.call(action, payload), lanes)


def _text(field: UploadFile | str | None) -> str:
    if not isinstance(field, str):
        raise BadInput("An upload is a form of payload, which is JSON, and files.")
    return field
