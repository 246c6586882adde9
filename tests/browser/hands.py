"""A studio in its own process, and hands that use its page like a person."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from studio.ui.web.opened import NAME, read_note

HOME = Path(__file__).parents[2]
STARTED = 90  # seconds


@dataclass
class Server:
    """A studio that listens; its projects live in `folder` and outlive a restart.

    address: the one that opens it, with the token of this start.
    """

    folder: Path
    base: str | None = None
    address: str = ""
    process: subprocess.Popen[str] | None = None
    seconds: float = 0.0
    variables: dict[str, str] = field(default_factory=dict)  # of its environment

    def start(self, port: int = 0, options: Sequence[str] = ()) -> Server:
        port = port or _free_port()
        command = [sys.executable, "-m", "studio", "serve", "--no-browser", "--port", str(port)]
        command += ["--projects", str(self.folder / "projects"), *options]
        if self.base is not None:
            command += ["--base", self.base]
        (self.folder / "projects" / NAME).unlink(missing_ok=True)  # of a start that was killed
        log = (self.folder / "server.log").open("a", encoding="utf-8")
        started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            cwd=HOME,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **self.variables},
        )
        log.close()
        while not answers(port) or not self._finds_address(port):
            if self.process.poll() is not None or time.monotonic() - started > STARTED:
                raise AssertionError((self.folder / "server.log").read_text(encoding="utf-8"))
            time.sleep(0.1)
        self.seconds = time.monotonic() - started
        return self

    def _finds_address(self, port: int) -> bool:
        """As whoever starts it a second time finds it."""
        noted = read_note(self.folder / "projects") or ""
        self.address = noted if f":{port}/" in noted else ""
        return bool(self.address)

    def told(self) -> str:
        """The address that it told last."""
        while "is open at" not in (log := (self.folder / "server.log").read_text("utf-8")):
            time.sleep(0.1)
        return log.split("is open at ")[-1].split()[0]

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 80

    @property
    def site(self) -> str:
        return site_of(self.address)

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]


def site_of(address: str) -> str:
    """Without what opens it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Hands:
    """One person at one tab: what they do with mouse and keyboard, and what they see."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("pageerror", self._hear)
        page.on("console", self._listen)

    def let_go(self) -> None:
        """Others use this tab from here on."""
        self.page.remove_listener("pageerror", self._hear)
        self.page.remove_listener("console", self._listen)

    def _hear(self, error: Any) -> None:
        self.complaints.append(str(error))

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "net::ERR" not in message.text:
            self.complaints.append(message.text)

    def open(self, fragment: str = "") -> Hands:
        self.page.goto(self.address + fragment, wait_until="domcontentloaded")
        self.page.wait_for_selector(".s2a[data-ready]", timeout=20_000)
        self.ask("seg2any.keys.hold = 5000")  # a tap on a crowded machine may last
        return self.see("!seg2any.machine.isLoading", STARTED)

    def blank(self, size: str | None = None) -> Hands:
        if size:
            self.page.select_option("[aria-label='Canvas size']", size)
        self.page.click("text=Start drawing")
        self.page.wait_for_function("!seg2any.above.isOpen")
        return self

    def example(self, name: str) -> Hands:
        self.page.click(f"[data-example={name}]")
        self.page.wait_for_function(
            "!seg2any.above.isOpen && seg2any.document.scene.regions.length > 0"
        )
        return self

    def key(self, keys: str) -> Hands:
        self.page.keyboard.press(keys)
        return self

    def at(self, x: float, y: float, pane: int = 0) -> tuple[float, float]:
        """Scene pixels to page pixels."""
        px, py = self.page.evaluate(f"seg2any.stage.toPage({x}, {y}, {pane})")
        return px, py

    def drag(self, *points: tuple[float, float], button: Any = "left", steps: int = 1) -> Hands:
        mouse = self.page.mouse
        mouse.move(*self.at(*points[0]))
        mouse.down(button=button)
        for point in points[1:]:
            mouse.move(*self.at(*point), steps=steps)
        mouse.up(button=button)
        return self

    def click(self, x: float, y: float, pane: int = 0, button: Any = "left") -> Hands:
        self.page.mouse.click(*self.at(x, y, pane), button=button)
        return self

    def name(self, caption: str) -> Hands:
        """Answer the caption box that opened on the canvas, and go on."""
        self.page.wait_for_function(
            "document.activeElement?.closest('.bubble') && seg2any.bubble.id"
        )
        self.page.keyboard.type(caption)
        self.page.keyboard.press("Enter")
        self.page.wait_for_function("!seg2any.bubble.id")
        return self

    def settle(self) -> Hands:
        """Wait until the server has everything."""
        self.page.evaluate("seg2any.typing.settled()")
        return self

    def see(self, expression: str, timeout: float = 15.0) -> Hands:
        """Wait until something is true in the page."""
        self.page.wait_for_function(expression, timeout=1000 * timeout)
        return self

    def ask(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def generate(self, timeout: float = 90.0) -> Hands:
        before = self.ask("seg2any.pictures.history.length")
        self.key("Control+Enter")
        self.see(f"seg2any.pictures.history.length > {before} && !seg2any.jobs.current", timeout)
        return self.see("seg2any.pictures.resultImage && !seg2any.pictures.previewImage")

    @property
    def captions(self) -> list[str]:
        """As the server has them, lowest first."""
        return self.ask("seg2any.document.confirmed.regions.map((region) => region.caption)")

    @property
    def masks(self) -> list[str]:
        return self.ask("seg2any.document.confirmed.regions.map((region) => region.mask)")

    def server_labels(self) -> list[int]:
        """The label map that the server's own shapes give."""
        return self.ask(_SERVER_LABELS)

    def shown_labels(self) -> list[int]:
        return self.ask("seg2any.document.layers.labelMap()")


_SERVER_LABELS = """async () => {
  const {document: d, shapes} = await seg2any.server.ask("document");
  const labels = new Array(d.width * d.height).fill(0);
  let number = 0;
  for (const region of d.regions) {
    if (!region.visible) continue;
    number++;
    const {box, counts} = shapes[region.id];
    if (!box) continue;
    let [at, on] = [0, false];
    const wide = box[2] - box[0];
    for (const count of counts) {
      if (on) for (let i = at; i < at + count; i++) {
        labels[(box[1] + Math.floor(i / wide)) * d.width + box[0] + (i % wide)] = number;
      }
      at += count;
      on = !on;
    }
  }
  return labels;
}"""

Open = Callable[..., Hands]
