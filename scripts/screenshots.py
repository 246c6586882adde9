"""Makes docs/screenshots: the pictures of the studio that a page of the docs shows.

    python scripts/screenshots.py [--only sketch] [--address http://127.0.0.1:7860]
    python scripts/screenshots.py --all --out out/shots   # each flow at two sizes, light and dark

Without --address a studio is started for it, with projects of its own. The Chinese
page needs a font that has its letters (fonts-noto-cjk).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HOME = Path(__file__).resolve().parents[1]
OUT = HOME / "docs" / "screenshots"
SIZES = {"1440": (1440, 900), "1920": (1920, 1080)}
SCHEMES = ("light", "dark")


class Tour:
    """Walks through the page and takes pictures on the way."""

    def __init__(self, page: Page, tag: str, wanted: set[str] | None, out: Path = OUT) -> None:
        self.page = page
        self.tag = tag
        self.wanted = wanted  # names with their tags; None: all
        self.out = out

    def shoot(self, name: str) -> None:
        if self.wanted is not None and f"{name}-{self.tag}" not in self.wanted:
            return
        time.sleep(0.5)
        shot = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        path = self.out / f"{name}-{self.tag}.webp"
        shot.save(path, quality=84, method=6)
        print(path.name, f"{path.stat().st_size // 1024} kB")

    def at(self, x: float, y: float, pane: int = 0) -> tuple[float, float]:
        px, py = self.page.evaluate(f"seg2any.stage.toPage({x}, {y}, {pane})")
        return px, py

    def drag(self, *points: tuple[float, float]) -> None:
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point))
        self.page.mouse.up()

    def see(self, expression: str, seconds: float = 120) -> None:
        self.page.wait_for_function(expression, timeout=seconds * 1000)

    def name(self, caption: str) -> None:
        self.see("document.activeElement?.closest('.bubble')")
        self.page.keyboard.type(caption)
        self.page.keyboard.press("Enter")

    def generate(self) -> None:
        before = self.page.evaluate("seg2any.pictures.history.length")
        self.page.evaluate("seg2any.renders.render()")
        self.see(
            f"seg2any.pictures.history.length > {before} && !seg2any.jobs.current && "
            "!seg2any.pictures.previewImage"
        )
        time.sleep(0.5)

    def start(self) -> None:
        self.page.evaluate("seg2any.start.open()")
        self.see("seg2any.above.isOpen")

    def example(self, name: str) -> None:
        self.start()
        self.page.click(f"[data-example={name}]")
        self.see("!seg2any.above.isOpen && seg2any.document.scene.regions.length > 0")

    def walk(self) -> None:
        self.see("seg2any.machine.status.ready && seg2any.projects.examples.length > 0")
        time.sleep(1)
        self.shoot("start")
        self.sketch()
        self.gamma()
        self.looks()
        self.photo()
        self.edit()
        self.sheets()
        self.demo()

    def first_page(self) -> None:
        """What `python launch.py` shows the very first time."""
        self.see(
            "seg2any.strips.strip?.done && seg2any.strips.strip.shots.every((shot) => shot.picture)"
        )
        self.shoot("first-page")

    def sketch(self) -> None:
        self.page.click("text=Start drawing")
        self.see("!seg2any.above.isOpen")
        keys = self.page.keyboard
        keys.press("r")
        self.drag((0, 150), (100, 200), (256, 256))
        self.name("green meadow")
        keys.press("o")
        self.drag((170, 24), (200, 60), (228, 82))
        self.name("yellow sun")
        keys.press("l")
        hill = [(0, 150), (40, 96), (90, 118), (150, 84), (210, 110), (256, 92), (256, 150)]
        self.drag(*hill)
        self.name("dark blue mountain")
        keys.press("b")
        self.page.evaluate("seg2any.view.setOption('size', 30)")
        self.drag((40, 50), (60, 42), (86, 50), (108, 46))
        self.see("document.activeElement?.closest('.bubble')")
        keys.type("white clouds")
        self.shoot("sketch")
        keys.press("Enter")
        self.page.fill("[aria-label='Scene caption']", "blue sky")
        self.page.keyboard.press("Tab")
        self.generate()
        keys.press("3")
        self.shoot("first-picture")

    def gamma(self) -> None:
        self.example("gamma")
        self.generate()
        self.see(
            "seg2any.strips.strip?.done && seg2any.strips.strip.shots.every((shot) => shot.picture)"
        )
        self.shoot("gamma-strip")

    def looks(self) -> None:
        self.example("harbour")
        self.generate()
        self.see(
            "seg2any.document.scene.regions.some((region) => seg2any.fidelity.scoreOf(region.id))"
        )
        self.page.click("header >> text=Contours")
        self.shoot("fidelity")
        self.page.click("header >> text=Contours")
        self.page.locator(".badge:visible").first.click()
        self.shoot("fidelity-menu")
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")
        self.page.click("header >> text=Model sees")
        self.see("seg2any.modelSees.grid")
        self.shoot("model-sees")
        self.page.click("header >> text=Model sees")
        self.page.click("[data-view=wipe]")
        self.shoot("wipe")
        boat = "seg2any.document.scene.regions.find((region) => region.caption === 'red boat').id"
        self.page.evaluate(f"seg2any.edits.setRegion({boat}, {{caption: 'green boat'}})")
        self.generate()
        self.page.click("[data-view=diff]")
        self.see("seg2any.comparison.difference?.image")
        self.shoot("difference")
        self.page.click("[data-view=split]")
        self.example("balloons")
        self.generate()
        self.shoot("many-regions")
        self.example("fields")
        self.generate()
        self.shoot("aerial")

    def photo(self) -> None:
        self.start()
        self.page.click("[data-example=coffee]")
        self.see("!seg2any.above.isOpen && seg2any.photo.image")
        self.page.keyboard.press("w")
        width = self.page.evaluate("seg2any.document.scene.width")
        height = self.page.evaluate("seg2any.document.scene.height")
        self.page.mouse.click(*self.at(width * 0.45, height * 0.3))
        self.see("seg2any.toolbox.tool.candidates.length > 0", 30)
        self.shoot("smart-click")
        self.page.keyboard.press("Escape")

    def edit(self) -> None:
        """Two things of a photo are changed in place."""
        self.start()
        with self.page.expect_file_chooser() as chooser:
            self.page.click("text=Upload a photo")
        chooser.value.set_files(HOME / "assets" / "examples" / "coffee.jpg")
        self.see("!seg2any.above.isOpen && seg2any.photo.image")
        for caption, x, y in (("blue sea", 230, 122), ("green plastic", 284, 240)):
            self.page.keyboard.press("w")
            self.page.mouse.click(*self.at(x, y))
            self.see("seg2any.toolbox.tool.candidates.length > 0", 60)
            self.shoot("edit-click")
            self.page.keyboard.press("Enter")
            self.name(caption)
            self.see("!seg2any.bubble.id")
            self.page.evaluate("seg2any.typing.settled()")
            last = "seg2any.document.scene.regions.at(-1).id"
            self.page.evaluate(
                f"seg2any.document.select({last}), seg2any.edits.workShape('fill_holes', 1)"
            )
        self.generate()
        self.page.keyboard.press("v")
        self.page.keyboard.press("Escape")
        self.shoot("edit-photo")
        self.page.click("[data-view=wipe]")
        self.shoot("edit-wipe")
        self.page.click("[data-view=split]")

    def sheets(self) -> None:
        self.example("harbour")
        self.page.click("[aria-label^='Settings']")
        time.sleep(0.5)
        self.shoot("settings")
        self.page.keyboard.press("Escape")
        self.page.click("[aria-label^='Keyboard']")
        self.shoot("keys")
        self.page.keyboard.press("Escape")

    def demo(self) -> None:
        self.start()
        self.page.click("text=Demo: just gamma")
        self.see("seg2any.strips.isPlaying && seg2any.pictures.scrubbed")
        self.page.evaluate(
            "seg2any.strips.stop(), seg2any.strips.scrubTo(0.2), seg2any.typing.setGamma(0.2)"
        )
        self.shoot("demo")
        self.page.click("text=Leave the demo")

    def chinese(self) -> None:
        self.see("seg2any.machine.status.ready && seg2any.projects.examples.length > 0")
        self.example("meadow")
        self.generate()
        self.page.keyboard.press("3")
        self.shoot("chinese")


@contextmanager
def studio(address: str | None) -> Iterator[str]:
    if address is not None:
        yield address
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "studio", "serve", "--no-browser", "--port", str(port)]
        process = subprocess.Popen([*command, "--projects", folder], cwd=HOME)
        try:
            note = Path(folder) / ".open.json"
            while not note.exists():
                if process.poll() is not None:
                    raise SystemExit("The studio did not start.")
                time.sleep(0.2)
            yield json.loads(note.read_text(encoding="utf-8"))["address"]
        finally:
            process.terminate()
            process.wait(20)


def shown_pictures() -> set[str]:
    """The names, with their tags, that a page of the docs shows or links."""
    pages = [*HOME.glob("*.md"), *(HOME / "docs").rglob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return set(re.findall(r"([a-z-]+-(?:1440|1920)-(?:light|dark))\.webp", text))


def find_browser() -> str | None:
    given = os.environ.get("STUDIO_TEST_BROWSER")
    if given:
        return given
    sys.path.insert(0, str(HOME))
    import launch

    return launch.find_browser()


def visit(browser: Browser, address: str, size: str, scheme: str, locale: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale
    )
    page = context.new_page()
    page.goto(address, wait_until="domcontentloaded")
    page.wait_for_selector(".s2a[data-ready]")
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", help="a studio that runs already")
    parser.add_argument("--only", help="one picture by name: sketch, gamma-strip, ...")
    parser.add_argument("--all", action="store_true", help="also what no page shows")
    parser.add_argument("--out", type=Path, default=OUT, help="the folder they go to")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    tags = [f"{size}-{scheme}" for size in SIZES for scheme in SCHEMES]
    wanted = None if given.all else shown_pictures()
    if given.only:
        every = {f"{given.only}-{tag}" for tag in tags}
        wanted = every if wanted is None else wanted & every
    with studio(given.address) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for tag in tags:
            if wanted is None or any(name.endswith(tag) for name in wanted):
                take_tour(browser, address, tag, wanted, given.out)
        browser.close()


def take_tour(browser: Browser, address: str, tag: str, wanted: set[str] | None, out: Path) -> None:
    """All pictures of one size and scheme, each part as a new person."""
    size, scheme = tag.split("-")
    parts: tuple[tuple[str, str, Callable[[Tour], None]], ...] = (
        ("#example", "en-US", Tour.first_page),
        ("", "en-US", Tour.walk),
        ("", "zh-CN", Tour.chinese),
    )
    for fragment, locale, walk in parts:
        page = visit(browser, address + fragment, size, scheme, locale)
        walk(Tour(page, tag, wanted, out))
        page.context.close()


if __name__ == "__main__":
    main()
