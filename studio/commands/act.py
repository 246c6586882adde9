"""`python -m studio act`: everything the page can do, from a file of JSON lines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from studio.config import add_model_arguments, settings_from
from studio.files.storage import write_atomic
from studio.scene.errors import BadInput, StudioError

if TYPE_CHECKING:
    from studio.ui.api.client import Client

_LONG = ("document", "shapes", "history", "strips", "model", "status")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "script",
        nargs="?",
        type=Path,
        help="a file with one JSON object per line; without it, stdin",
    )
    parser.add_argument("--project", metavar="KEY", help="continue this project")
    parser.add_argument(
        "--projects", type=Path, metavar="FOLDER", help="where work is kept (default: user data)"
    )
    parser.add_argument(
        "--segmenter", metavar="NAME", help="click, sam2.1-hiera-large, a folder or a hub id"
    )
    add_model_arguments(parser)


def run(given: argparse.Namespace) -> int:
    from studio.service.studio import Builders, Studio
    from studio.ui.api.client import Client
    from studio.wiring import build_engine, build_recognisers, build_segmenter

    lines = sys.stdin if given.script is None else _script(given.script)
    studio = Studio(
        settings_from(given), Builders(build_engine, build_segmenter, build_recognisers())
    )
    try:
        studio.start()
        return act(Client(studio), lines, sys.stdout, given.project)
    finally:
        studio.close()


def _script(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as fault:
        raise BadInput(f"{path} cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise BadInput(f"{path} is not text; a script is JSON lines in UTF-8.") from fault


def act(client: Client, lines: Iterable[str], out: TextIO, project: str | None = None) -> int:
    """Do one line after the other and answer each; stops at the first that is refused."""
    opened = checked(client.call("open", {"project": project} if project else {}))
    session = opened["session"]
    _say(out, "open", {"project": opened["project"]["id"], "notices": opened["notices"]})
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        action, fields, target = _read(line, number)
        answer = client.call(action, {"session": session, **fields})
        if answer["ok"] and answer.get("job"):
            answer = await_job(client, session, answer)
        _say(out, action, answer)
        if not answer["ok"]:
            return 2 if answer.get("kind") == "BadInput" else 1
        if target is not None:
            _save(client, session, answer, target)
    return 0


def _read(line: str, number: int) -> tuple[str, dict[str, Any], str | None]:
    """Action, fields and where its file goes. Texts "@path" of files are replaced by content."""
    try:
        fields = json.loads(line)
    except ValueError as fault:
        raise BadInput(f"Line {number} is not JSON: {fault}.") from fault
    if not isinstance(fields, dict) or not isinstance(fields.get("action"), str):
        raise BadInput(f'Line {number} is not {{"action": ..., ...}}.')
    target = fields.pop("save_to", None)
    if "file" in fields:
        fields["file"] = _content(fields["file"])
    if "files" in fields:
        fields["files"] = [
            {"name": Path(each[1:]).name, "data": _content(each)} if isinstance(each, str) else each
            for each in fields["files"]
        ]
    return fields.pop("action"), fields, target


def _content(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_bytes()
    except OSError as fault:
        raise BadInput(f"{value[1:]} cannot be read: {fault.strerror}.") from fault


def await_job(client: Client, session: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer once its job has ended; a refusal if the job failed or was stopped."""
    seen = 0
    while True:
        news = checked(client.call("poll", {"session": session, "seen": seen, "wait": 10.0}))
        seen = news["seen"]
        job = next(job for job in news["jobs"] if job["id"] == answer["job"]["id"])
        if job["state"] == "done":
            return {**answer, "job": job, "node": job["node"]}
        if job["state"] in ("failed", "cancelled"):
            error = job["error"] or "The job was stopped."
            return {"ok": False, "kind": job["state"], "error": error, "job": job}


def _save(client: Client, session: str, answer: dict[str, Any], target: str) -> None:
    """The file an answer speaks of, or the picture of its node."""
    reference = answer.get("file")
    if reference is None and answer.get("node"):
        saved = checked(client.call("save_picture", {"session": session, "node": answer["node"]}))
        reference = saved["file"]
    if reference is None:
        raise BadInput(f"There is no file to save as {target}.")
    write_atomic(Path(target), client.read_file(session, reference).content)


def checked(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, or its refusal as a StudioError."""
    if not answer["ok"]:
        raise StudioError(answer["error"])
    return answer


def _say(out: TextIO, action: str, answer: dict[str, Any]) -> None:
    """One line; what only a page needs is left out, unless it was asked for."""
    hidden = [name for name in _LONG if name != action] if action != "document" else []
    shown = {name: value for name, value in answer.items() if name not in hidden}
    print(json.dumps({"action": action, **shown}, ensure_ascii=False), file=out, flush=True)
