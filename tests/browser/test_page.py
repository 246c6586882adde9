"""The page itself: quick to open, never re-mounted, in two languages, light and dark, named."""

from __future__ import annotations

import time

import pytest

from tests.browser.hands import Hands, Open, Server, site_of


def test_the_page_is_usable_soon_and_loads_nothing_from_outside(visit: Open) -> None:
    started = time.monotonic()
    person = visit(is_fresh=True)
    assert time.monotonic() - started < 30  # 2 s on a quiet machine, far more on a crowded one
    origins = person.ask(
        "[...new Set(performance.getEntriesByType('resource').map((e) => new URL(e.name).origin))]"
    )
    assert origins == [site_of(person.address)]


@pytest.mark.slow
def test_the_canvas_is_never_mounted_again(person: Hands) -> None:
    person.blank()
    person.ask("document.querySelector('.pane canvas').marked = true")
    person.key("r").drag((10, 10), (60, 60), (200, 200)).name("red wall").settle()
    person.generate()
    assert person.ask("document.querySelector('.pane canvas').marked") is True


@pytest.mark.slow
def test_simplified_chinese(visit: Open) -> None:
    person = visit(locale="zh-CN")
    assert "空白画布" in person.page.inner_text(".welcome")
    person.page.click("text=开始绘制")
    person.see("!seg2any.above.isOpen")
    assert person.page.inner_text(".generate").startswith("生成")
    person.page.click("[aria-label=语言]")
    person.page.click("text=English")
    person.page.wait_for_selector(".generate >> text=Generate")


@pytest.mark.slow
def test_refusals_are_chinese_on_a_chinese_page(visit: Open) -> None:
    person = visit(locale="zh-CN")
    person.page.click("text=开始绘制")
    person.see("!seg2any.above.isOpen")

    def refusal(of: str) -> str:
        person.ask(of)
        person.page.wait_for_selector(".toast.bad")
        text = person.page.inner_text(".toast.bad").strip()
        person.ask("document.querySelectorAll('.toast').forEach((toast) => toast.remove())")
        return text

    words = "seg2any.files.open([new File(['only words'], 'notes.png')])"
    assert "可读取 PNG、JPEG、WebP、TIFF 和 GIF。" in refusal(words)
    assert "文件是空的。" in refusal("seg2any.files.open([new File([], 'empty.png')])")
    assert "还没有可导出的区域。" in refusal("seg2any.files.saveScene('coco')")
    person.key("r").drag((10, 10), (60, 60), (200, 200)).settle()
    person.see("document.body.innerText.includes('区域 1 还没有说明。')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_system_and_can_be_switched(visit: Open, scheme: str) -> None:
    person = visit(color_scheme=scheme)
    person.blank()
    assert person.ask("document.body.classList.contains('dark')") is (scheme == "dark")
    person.page.click("[aria-label='Light or dark']")
    assert person.ask("document.body.classList.contains('dark')") is (scheme == "light")


def test_every_control_has_a_name(person: Hands) -> None:
    person.example("harbour")
    nameless = person.ask(
        """[...document.querySelectorAll('.s2a :is(button, input, select, textarea)')]
        .filter((e) => e.offsetParent && !e.getAttribute('aria-label') && !e.title)
        .filter((e) => !e.textContent.trim())
        .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []


@pytest.mark.slow
def test_text_is_readable_in_light_and_in_dark(visit: Open) -> None:
    """Contrast of at least 4.5 for the texts of the bars and lists (WCAG AA)."""
    contrast = """() => {
      const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
      const light = (c) => c.slice(0, 3).map((v) => v / 255)
        .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const ground = (e) => {
        for (; e; e = e.parentElement) {
          const c = rgb(getComputedStyle(e).backgroundColor);
          if (c.length < 4 || c[3] > 0.99) return c;
        }
        return [255, 255, 255];
      };
      const texts = '.options .hint, .status span, .panel-head h2, .region .caption, .words, ' +
        '.generate, .ends span, .scene-line .caption-label, .background-row span, .saved, .badge';
      return [...document.querySelectorAll(texts)]
        .filter((e) => e.offsetParent && (e.textContent.trim() || e.value))
        .map((e) => {
          const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
          return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.className, e.textContent];
        })
        .filter(([ratio]) => ratio < 4.5);
    }"""
    for scheme in ("light", "dark"):
        person = visit(color_scheme=scheme)
        person.example("harbour")
        assert person.ask(contrast) == []


@pytest.mark.slow
def test_a_stroke_stays_quick_on_a_large_canvas(visit: Open) -> None:
    """A 60-point stroke on 1024 x 1024, or the largest canvas the model offers."""
    person = visit()
    sizes = person.ask(
        "seg2any.machine.sizes(seg2any.document.scene)"
        ".map((size) => `${size.width}x${size.height}`)"
    )
    person.blank(max(sizes, key=lambda size: int(size.split("x")[0]) * int(size.split("x")[1])))
    person.key("b")
    width = person.ask("seg2any.document.scene.width")
    person.ask(
        """(window.frames_ = [], (function tick(at) {
            frames_.push(at);
            requestAnimationFrame(tick);
        })(performance.now()))"""
    )
    person.drag(
        (0.1 * width, 0.1 * width), *[(width * (0.1 + i / 80), width * 0.4) for i in range(60)]
    )
    person.name("stroke").settle()
    slowest = person.ask("Math.max(...frames_.slice(1).map((at, i) => at - frames_[i]))")
    assert slowest < 400  # no frame is blocked for long, even on a loaded machine
    assert person.ask("seg2any.document.lastCommit") < 1500


def test_the_same_actions_are_reachable_without_a_page(server: Server) -> None:
    from gradio_client import Client

    headers = {"Authorization": f"token {server.token}"}
    client = Client(server.site, headers=headers, verbose=False)
    opened = client.predict({}, api_name="/open")
    assert opened["ok"]
    session = opened["session"]
    client.predict({"session": session, "width": 256, "height": 256}, api_name="/new_scene")
    shape = {"box": [10, 20, 110, 120], "counts": [0, 10000]}
    payload = {"session": session, "shape": shape, "caption": "red wall"}
    answer = client.predict(payload, api_name="/add_region")
    assert [region["caption"] for region in answer["document"]["regions"]] == ["red wall"]
    refused = client.predict({"session": "guessed"}, api_name="/document")
    assert refused["ok"] is False
