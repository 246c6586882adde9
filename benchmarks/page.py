"""How the page feels: its bars, measured in a real browser with real mouse and keyboard.

python -m benchmarks.page            # needs a free machine; two cores is what the bars are for
"""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import skimage.data
from PIL import Image
from playwright.sync_api import Browser, Request, sync_playwright

import launch
from tests.browser.hands import Hands, Server

ROUNDS = 15
FRAMES = """(window.frames_ = [], (function tick(at) {
    frames_.push(at);
    requestAnimationFrame(tick);
})(performance.now()))"""
# When a button goes up, note it; when `what` is there, note how long that took. Asking for frames
# instead would keep the page painting, on the cores that make the picture.
WATCH = """(window.took = null, window.up = null,
    window.addEventListener("pointerup", () => { up = performance.now(); },
        { capture: true, once: true }),
    window.watch = setInterval(() => {
        if (up === null || !(WHAT)) return;
        took = performance.now() - up;
        clearInterval(watch);
    }, 4))"""
PEN_UP = """window.addEventListener("pointerup",
    () => { window.penUp = performance.timeOrigin + performance.now(); }, { capture: true })"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        before = ticks()
        browser = playwright.chromium.launch(
            executable_path=launch.find_browser(), args=["--no-sandbox"]
        )
        server = Server(folder)
        started = time.monotonic()
        server.start()
        try:
            with person(browser, server):
                say("server start to a usable page", [time.monotonic() - started], "20 s", 1)
            say("page load to usable, server up", list(loads(browser, server)), "4 s", 1)
            with person(browser, server) as hands:
                strokes(hands)
            with person(browser, server) as hands:
                say("click to overlay, 1024 px", list(clicks(hands, folder)), "250 ms", 1000)
            with person(browser, server) as hands:
                say("live: stroke to picture", list(live(hands)), "1200 ms", 1000)
        finally:
            server.stop()
            browser.close()
            tell_stolen(before, ticks())


def say(what: str, seconds: list[float], bar: str, unit: int) -> None:
    middle, worst = statistics.median(seconds) * unit, max(seconds) * unit
    digits = 0 if unit > 1 else 1
    sign = "ms" if unit > 1 else "s"
    print(f"{what:34s} {middle:7.{digits}f} {sign}  worst {worst:7.{digits}f} {sign}  bar {bar}")


def ticks() -> list[int]:
    """The processors' time so far, by what it went to; none where the system does not tell."""
    try:
        return [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except OSError:
        return []


def tell_stolen(before: list[int], after: list[int]) -> None:
    """On a machine that is shared, its host may take the processors away for a while."""
    spent = [b - a for a, b in zip(before, after, strict=True)]
    if sum(spent):
        print(
            f"taken by the host in the meantime: {100 * spent[-1] / sum(spent):.0f} % of the time"
        )


@contextmanager
def person(browser: Browser, server: Server) -> Iterator[Hands]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    yield Hands(context.new_page(), server.address).open()
    context.close()


def loads(browser: Browser, server: Server) -> Iterator[float]:
    for _ in range(5):
        started = time.monotonic()
        with person(browser, server):
            yield time.monotonic() - started


def strokes(hands: Hands) -> None:
    """Twelve regions on the largest canvas, then strokes of 60 points and edits of the list."""
    hands.ask("seg2any.projects.startBlank(1024, 1024)")
    hands.see("seg2any.document.scene?.width >= 512")
    side = hands.ask("seg2any.document.scene.width")
    for i in range(12):
        x, y = side * (0.04 + 0.24 * (i % 4)), side * (0.04 + 0.3 * (i // 4))
        box = f"[{x}, {y}], [{x + side * 0.2}, {y + side * 0.25}]"
        hands.ask(f"seg2any.edits.makeByNumbers('ellipse', {box}, 'red ball')")
    hands.settle().key("b").ask("seg2any.view.setOption('size', 40)")
    hands.ask(f"{FRAMES}; {PEN_UP}")
    sent: list[Request] = []
    hands.page.on("requestfinished", partial(keep_stroke, sent))
    rates, worst, leaves, answers = [], [], [], []
    for _ in range(ROUNDS):
        hands.ask("seg2any.document.select(null)")
        points = [
            hands.at(side * (0.1 + 0.8 * i / 60), side * (0.5 + 0.3 * math.sin(i / 6)))
            for i in range(60)
        ]
        hands.page.mouse.move(*points[0])
        hands.ask("frames_.length = 0")
        hands.page.mouse.down()
        for point in points[1:]:
            hands.page.mouse.move(*point)
            time.sleep(0.01)
        rates.append(hands.ask("1000 * (frames_.length - 1) / (frames_.at(-1) - frames_[0])"))
        worst.append(hands.ask("Math.max(...frames_.slice(1).map((at, i) => at - frames_[i]))"))
        sent.clear()
        hands.page.mouse.up()
        hands.name("blue ball").settle()
        timing = sent[0].timing
        began = timing["startTime"] - hands.ask("penUp")
        leaves.append((began + timing["requestStart"]) / 1000)
        answers.append((began + timing["responseStart"]) / 1000)
        hands.page.keyboard.press("Escape")
        hands.key("Control+z").settle()  # the caption
        hands.key("Control+z").settle()  # the stroke
    rate = statistics.median(rates)
    print(
        f"60-point stroke, {side} px: {rate:.0f} frames/s, worst frame {max(worst):.0f} ms  bar 50"
    )
    say("pen up to the stroke's departure", leaves, "50 ms to reach the server", 1000)
    say("pen up to the server's answer", answers, "none; it lies after that", 1000)
    edits = []
    for i in range(ROUNDS):
        change = f"{{visible: {str(i % 2 == 1).lower()}}}"
        hands.page.evaluate(
            "async () => { const began = performance.now();"
            f"seg2any.edits.setRegion(seg2any.document.scene.regions[0].id, {change});"
            "await seg2any.typing.settled(); window.took = performance.now() - began; }"
        )
        edits.append(hands.ask("took") / 1000)
    say("list edit, there and back", edits, "100 ms", 1000)


def keep_stroke(sent: list[Request], request: Request) -> None:
    if '"add_region"' in (request.post_data or ""):
        sent.append(request)


def clicks(hands: Hands, folder: Path) -> Iterator[float]:
    photo = folder / "astronaut.png"
    Image.fromarray(skimage.data.astronaut()).resize((1024, 1024)).save(photo)
    with hands.page.expect_file_chooser() as chooser:
        hands.page.click("text=Upload a photo")
    chooser.value.set_files(photo)
    hands.see(
        "seg2any.photo.image && !seg2any.above.isOpen && seg2any.toolbox.tool?.id === 'smart'",
        30,
    )
    side = hands.ask("seg2any.document.scene.width")
    hands.page.mouse.move(*hands.at(side * 0.4, side * 0.3))
    hands.see("seg2any.toolbox.tool.ghost", 30)
    for i in range(ROUNDS):
        hands.ask(WATCH.replace("WHAT", "seg2any.toolbox.tool.candidates.length > 0"))
        hands.click(side * (0.2 + 0.04 * i), side * (0.25 + 0.03 * i))
        hands.see("window.took !== null", 20)
        yield hands.ask("took") / 1000
        hands.key("Escape")
        hands.see("seg2any.toolbox.tool.candidates.length === 0")


def live(hands: Hands) -> Iterator[float]:
    hands.example("harbour")
    hands.page.click("button[role=switch]")
    hands.see("seg2any.pictures.resultImage && !seg2any.jobs.current", 60)
    hands.key("5")
    hands.key("b")
    for i in range(ROUNDS):
        hands.ask("window.before = seg2any.pictures.resultImage")
        hands.ask(WATCH.replace("WHAT", "seg2any.pictures.resultImage !== before"))
        at = 60 + 6 * i
        hands.drag((at, 150), (at + 20, 160), (at + 30, 170))
        hands.see("window.took !== null", 60)
        yield hands.ask("took") / 1000
        hands.see("!seg2any.jobs.current", 30)


if __name__ == "__main__":
    main()
