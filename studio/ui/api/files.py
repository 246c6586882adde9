"""Files by their reference: pictures of the project, downloads, examples."""

from __future__ import annotations

import base64
import mimetypes

from studio.project.incoming import read_examples
from studio.scene.errors import SessionError
from studio.ui.api.projects import read_project_picture
from studio.ui.api.registry import Answer, Call, Registry, ServedFile
from studio.ui.api.requests import ReadFile
from studio.ui.api.styles import read_thumbnail

registry = Registry()


def read_reference(call: Call, reference: str) -> ServedFile:
    """SessionError for what is not there or not this visitor's."""
    kind, _, rest = reference.partition("/")
    if kind == "export":
        return call.exports.get(call.session.identity, reference)
    if kind == "example":
        return _example(call, rest)
    if kind == "style":
        return read_thumbnail(call, rest)
    if kind == "project":
        project, _, picture = rest.partition("/")
        return _served(read_project_picture(call, project, picture), picture)
    return _served(call.session.folder.get(reference), reference)


@registry.action
def file(call: Call, given: ReadFile) -> Answer:
    """For clients without a route: the file as base64."""
    found = read_reference(call, given.ref)
    data = base64.b64encode(found.content).decode()
    return {"name": found.name, "mime": found.mime, "data": data}


def _example(call: Call, name: str) -> ServedFile:
    known = {entry.get("thumbnail") for entry in read_examples(call.examples)}
    if name not in known:
        raise SessionError("There is no such example.")
    return _served((call.examples / name).read_bytes(), name)


def _served(content: bytes, name: str) -> ServedFile:
    return ServedFile(content, mimetypes.guess_type(name)[0] or "application/octet-stream", name)
