"""Styles: which there are, and adding one."""

from __future__ import annotations

from typing import Any

from studio.files.style_file import StyleFile, keep_style, list_styles
from studio.scene.errors import SessionError
from studio.service.styles import style_thumbnail
from studio.ui.api.fields import Fields
from studio.ui.api.registry import Answer, Call, Registry, ServedFile
from studio.ui.api.requests import AddStyle

registry = Registry()


@registry.action
def styles(call: Call, given: Fields) -> Answer:
    del given
    return {"styles": [_view(each) for each in list_styles(call.studio.settings.styles)]}


@registry.action
def add_style(call: Call, given: AddStyle) -> Answer:
    call.studio.store.disk.check()
    kept = keep_style(call.studio.settings.styles, given.name, given.file)
    return {**styles(call, Fields()), "added": kept.digest}


def read_thumbnail(call: Call, digest: str) -> ServedFile:
    for style in list_styles(call.studio.settings.styles):
        if style.digest == digest:
            content = style_thumbnail(style)
            if content is not None:
                return ServedFile(content, "image/jpeg", f"{style.path.stem}.jpg")
    raise SessionError("There is no picture of this style.")


def _view(style: StyleFile) -> dict[str, Any]:
    return {
        "digest": style.digest,
        "name": style.path.stem,
        "title": style.name,
        "words": list(style.words),
        "licence": style.licence,
        "megabytes": max(0.1, round(style.bytes_used / 2**20, 1)),
        "picture": f"style/{style.digest}" if style.has_picture else None,
        "fault": style.fault,
    }
