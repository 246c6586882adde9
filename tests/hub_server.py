"""A small hub on loopback, with real HTTP: enough of it to get a model, and to fail on the way."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "c0ffee" * 6 + "abcd"
TOKEN = "hf_" + "t" * 34


@dataclass
class LoopbackHub:
    """models: "owner/name" -> path -> content. The rest says what goes wrong, and for how long.

    cuts: after so many bytes of a large file the line breaks, once for each number.
    wrong: paths whose bytes are not those of the digest.
    gated: "owner/name" -> tokens whose owner has accepted the terms.
    pace: seconds that each piece of `piece` bytes takes.
    """

    models: dict[str, dict[str, bytes]]
    cuts: list[int] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)
    gated: dict[str, set[str]] = field(default_factory=dict)
    has_ranges: bool = True
    error: int | None = None  # every answer is this
    pace: float = 0.0
    piece: int = 65536
    sent: list[tuple[str, str | None, int]] = field(default_factory=list)  # path, range, bytes
    tokens: list[str | None] = field(default_factory=list)
    address: str = ""

    def bytes_sent(self, path: str) -> int:
        return sum(count for sent, _, count in self.sent if sent == path)


@contextmanager
def running(hub: LoopbackHub) -> Iterator[LoopbackHub]:
    class Handler(_Handler):
        served = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: LoopbackHub

    def log_message(self, format: str, *args: Any) -> None:
        del format, args

    def do_GET(self) -> None:
        hub, path = self.served, self.path.split("?")[0]
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
        hub.tokens.append(token)
        if hub.error is not None:
            self._json(hub.error, {"error": "the hub is being repaired"})
        elif path == "/api/whoami-v2":
            self._who(token)
        elif path.startswith("/api/models/"):
            self._model(path.removeprefix("/api/models/"))
        elif path.startswith("/store/"):
            self._content(*path.removeprefix("/store/").split(":", 1))
        elif "/resolve/" in path:
            self._resolve(path.lstrip("/"), token)
        else:  # the hub's library asks for lists of its own now and then
            self._json(404, {"error": "not found"})

    def _who(self, token: str | None) -> None:
        if token != TOKEN:
            self._json(401, {"error": "Invalid credentials in Authorization header"})
            return
        rights = {"accessToken": {"displayName": "studio", "role": "read"}}
        self._json(200, {"type": "user", "name": "anna", "auth": rights})

    def _model(self, name: str) -> None:
        files = self.served.models.get(name)
        if files is None:
            self._json(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
            return
        siblings = [_sibling(path, content) for path, content in files.items()]
        self._json(200, {"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings})

    def _resolve(self, path: str, token: str | None) -> None:
        name, _, rest = path.partition("/resolve/")
        file = rest.partition("/")[2]
        allowed = self.served.gated.get(name)
        if allowed is not None and token not in allowed:
            code = 401 if token is None else 403
            self._json(code, {"error": "gated"}, {"X-Error-Code": "GatedRepo"})
        elif _is_large(file):  # as the hub does: its bytes lie elsewhere
            self.send_response(302)
            self.send_header("Location", f"/store/{name}:{file}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._content(name, file)

    def _content(self, name: str, file: str) -> None:
        hub, content = self.served, self.served.models[name][file]
        asked = self.headers.get("Range")
        start = int(asked[6:].split("-")[0]) if asked and hub.has_ranges else 0
        if start >= len(content) and start:
            self._json(416, {"error": "no such range"})
            return
        if file in hub.wrong:
            content = bytes(len(content))
        rest = memoryview(content)[start:]
        self.send_response(206 if asked and hub.has_ranges else 200)
        if asked and hub.has_ranges:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        most = hub.cuts.pop(0) if hub.cuts and _is_large(file) else len(rest)
        self._send(file, asked, rest[:most])
        if most < len(rest):
            self.close_connection = True

    def _send(self, file: str, asked: str | None, content: memoryview) -> None:
        hub, count = self.served, 0
        try:
            for first in range(0, len(content), hub.piece):
                piece = content[first : first + hub.piece]
                self.wfile.write(piece)
                count += len(piece)
                if hub.pace:
                    time.sleep(hub.pace)
        except OSError:  # the other end has gone
            self.close_connection = True
        hub.sent.append((file, asked, count))

    def _json(self, code: int, content: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _is_large(path: str) -> bool:
    return path.endswith((".safetensors", ".bin", ".pt"))


def _sibling(path: str, content: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    sibling: dict[str, Any] = {"rfilename": path, "size": len(content), "blobId": blob}
    if _is_large(path):
        digest = hashlib.sha256(content).hexdigest()
        sibling["lfs"] = {"sha256": digest, "size": len(content), "pointerSize": 134}
    return sibling
