"""The page's actions from the first click to the saved picture, without a browser."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.files.picture_file import read_recipe
from studio.jobs.patience import Patience
from studio.scene.geometry import Extent
from studio.scene.run_lengths import pixels_of
from studio.ui.api import renders
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import until
from tests.ui.conftest import Page, content


def photo_bytes(width: int = 90, height: int = 60) -> bytes:
    """A red box on grey."""
    image = Image.new("RGB", (width, height), (120, 120, 120))
    image.paste((200, 30, 30), (20, 15, 50, 45))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_no_gradio_and_no_torch_are_needed() -> None:
    code = "import sys, studio.ui.api.client; print({'gradio', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_new_scene_has_the_models_own_size_unless_another_is_sent(page: Page) -> None:
    new = page.ask("new_scene")
    assert [new["document"]["width"], new["document"]["height"]] == new["model"]["size"]
    refused = page.client.call("new_scene", {"session": page.session, "width": 64})
    assert refused["kind"] == "BadInput"
    assert refused["error"].startswith("Send both width and height")


def test_flow_a_from_a_blank_canvas_to_the_picture_with_its_recipe(page: Page) -> None:
    page.ask("new_scene", width=64, height=48)
    page.draw(0, 24, 64, 48, "green grass")
    ball = page.draw(16, 12, 44, 36, "a red ball")
    page.ask("set_scene", caption="a garden")
    page.ask("set_sampling", gamma=0.6, seed=5)
    assert [region["number"] for region in page.document["regions"]] == [1, 2]
    draft = page.render("draft")
    final = page.render("final")
    nodes = page.ask("history")["history"]["nodes"]
    assert [node["id"] for node in nodes] == [draft, final]
    saved = page.ask("save_picture", node=final)
    file = page.client.read_file(page.session, saved["file"])
    recipe = read_recipe(file.content)
    assert recipe["sampling"]["gamma"] == 0.6
    assert recipe["scene"]["regions"][1]["caption"] == "a red ball"
    assert file.name.endswith(".png")
    assert ball in page.ask("contours", node=final)["regions"][1]["id"]


def test_answers_tell_how_each_of_their_sentences_was_made(page: Page) -> None:
    page.draw(0, 0, 8, 8)
    assert page.document["hints"][0]["text"] == "Region 1 has no caption yet."
    said = page.ask("document")["said"]
    assert said["Region 1 has no caption yet."] == [
        "Region {number} has no caption yet.",
        {"number": 1},
    ]
    refusal = page.refused("save_pictures")
    assert refusal["said"] == {refusal["error"]: ["There is no picture yet.", {}]}
    job = page.finish(page.ask("render", quality="draft"))
    assert page.ask("poll")["said"][job["summary"]][0].startswith("{before}, {part}")
    assert page.ask("history")["said"]["first picture"] == ["first picture", {}]


def test_a_failed_job_tells_how_its_sentence_was_made(page: Page, engine: ScriptedEngine) -> None:
    page.draw(0, 0, 32, 32, "a ball")
    engine.script.is_broken = True
    job = page.finish(page.ask("render", quality="draft"))
    code, values = page.ask("poll")["said"][job["error"]]
    assert code == "The render stopped on an unexpected fault ({kind}); it is in the log."
    assert values == {"kind": "KeyError"}


def test_flow_b_from_a_photo_by_clicks(page: Page) -> None:
    page.ask("set_photo", file=base64.b64encode(photo_bytes()).decode(), name="kitchen.png")
    assert page.document["photo"] is not None
    width, height = page.document["width"], page.document["height"]
    assert (width % 16, height % 16) == (0, 0)
    assert not page.ask("embed", on="photo")["cached"]
    assert page.ask("embed", on="photo")["cached"]
    click = [width * 0.4, height * 0.5, 1]
    found = page.ask("segment", on="photo", points=[click], sequence=3)
    assert found["sequence"] == 3
    best = found["candidates"][found["best"]]
    assert best["name"] == "object"
    page.ask("add_region", shape=best["shape"], caption="a blue vase", clicks=[click])
    region = page.document["regions"][0]
    assert region["clicks"] == [click]
    assert 0.1 < region["share"] < 0.3
    page.render()


def test_clicks_work_on_a_result_too(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    node = page.render()
    found = page.ask("segment", on=node, points=[[30, 20, 1]])
    shape = found["candidates"][found["best"]]["shape"]
    assert shape["box"] == [16, 12, 44, 36]


def test_an_older_hover_is_dropped_without_the_whole_document(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    node = page.render()
    answers: list[dict[str, Any]] = []
    studio, inside = page.client.studio, page.client.studio.on_device

    def overtaken(work: Any) -> Any:
        monkeypatch.setattr(studio, "on_device", inside)
        answers.append(page.ask("segment", on=node, points=[[20, 20, 1]], hover=True, sequence=2))
        return inside(work)

    monkeypatch.setattr(studio, "on_device", overtaken)
    old = page.refused("segment", on=node, points=[[30, 20, 1]], hover=True, sequence=1)
    assert old["kind"] == "stale"
    assert "document" not in old
    assert answers[0]["sequence"] == 2


def test_a_silent_render_is_told_to_be_suspicious_and_ends_as_done(
    page: Page, engine: ScriptedEngine
) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    page.client.studio.queue._patience = Patience(first=0.05, least=0.05)
    engine.script.gate = threading.Event()
    started = page.ask("render", score=False)
    until(lambda: page.ask("poll")["jobs"][0]["suspicious"] is not None)
    job = page.ask("poll")["jobs"][0]
    assert (job["state"], job["error"]) == ("running", None)
    assert job["suspicious"].startswith("No sign of life for ")
    engine.script.gate.set()
    done = page.finish(started)
    assert (done["state"], done["suspicious"]) == ("done", None)


def test_a_preflight_is_answered_during_a_long_step(
    page: Page, engine: ScriptedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renders, "_CHECK_SECONDS", 0.05)
    page.draw(16, 12, 44, 36, "a red ball")
    engine.script.gate = threading.Event()
    started = page.ask("render")
    until(lambda: page.ask("poll")["jobs"][0]["state"] == "running")
    answer = page.ask("preflight")
    assert (answer["checked"], answer["notices"]) == (False, [])
    assert answer["estimate"]["image_tokens"] > 0
    engine.script.gate.set()
    page.finish(started)
    assert page.ask("preflight")["checked"]


def test_flow_c_a_strip_is_rendered_and_exported(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    started = page.ask("strip", gammas=[0.1, 0.5, 1.0])
    assert page.finish(started)["state"] == "done"
    strip = page.ask("history")["strips"][0]
    assert strip["done"]
    assert all(item["image"] for item in strip["items"])
    for kind, start in (
        ("png", b"\x89PNG"),
        ("gif", b"GIF8"),
        ("webp", b"RIFF"),
        ("html", b"<!doctype html>"),
    ):
        saved = page.ask("export_strip", strip=strip["id"], format=kind)
        assert page.client.read_file(page.session, saved["file"]).content.startswith(start)


def test_a_strip_is_stale_when_the_scene_moved_on_but_not_by_gamma(page: Page) -> None:
    ball = page.draw(16, 12, 44, 36, "a red ball")
    page.finish(page.ask("strip", gammas=[0.1, 1.0]))

    def stale() -> bool:
        known = {"session": page.session, "owner": page.owner, "project": page.project}
        return page.take(page.client.call("open", known))["strips"][-1]["stale"]

    assert not stale()
    page.ask("set_sampling", gamma=0.25)
    assert not stale()
    page.ask("set_region", region=ball, caption="a blue ball")
    assert stale()
    page.ask("undo")
    assert not stale()


def test_edits_send_only_the_shapes_that_changed(page: Page) -> None:
    first = page.draw(0, 0, 20, 20, "one")
    second = page.draw(30, 0, 50, 20, "two")
    shape = {"box": [20, 0, 22, 20], "counts": [0, 40]}
    answer = page.ask("edit_mask", region=first, op="add", shape=shape)
    assert set(answer["shapes"]) == {first}
    assert answer["shapes"][first] == {"box": [0, 0, 22, 20], "counts": [0, 440]}
    assert page.ask("set_region", region=second, caption="three")["shapes"] == {}
    assert set(page.ask("undo", steps=3)["shapes"]) == {first}
    assert set(page.ask("redo", steps=3)["shapes"]) == {first, second}


def test_every_edit_is_undone_and_done_again(page: Page) -> None:
    page.ask("new_scene", width=64, height=64)
    first, second = page.draw(0, 0, 30, 30, "one"), page.draw(10, 10, 60, 60, "two")
    edits: list[tuple[str, dict[str, Any]]] = [
        ("change_mask", {"region": first, "op": "grow", "pixels": 3}),
        ("change_mask", {"region": first, "op": "shrink", "pixels": 2}),
        ("change_mask", {"region": second, "op": "smooth", "pixels": 4}),
        ("change_mask", {"region": second, "op": "invert"}),
        ("change_mask", {"region": second, "op": "fill_holes"}),
        ("change_mask", {"region": second, "op": "largest_part"}),
        ("transform_region", {"region": first, "to": [4, 4, 24, 44]}),
        ("set_region", {"region": first, "caption": "A", "name": "n", "gamma": 0.5}),
        ("set_region", {"region": first, "visible": False, "locked": True}),
        ("set_scene", {"caption": "all"}),
        ("set_sampling", {"gamma": 0.3, "seed": 9, "steps": 4, "negative_caption": "blur"}),
        ("reorder", {"order": [second, first]}),
        ("duplicate_region", {"region": second, "id": "0123456789ab", "dx": 4, "dy": 4}),
        ("merge_regions", {"regions": [second, "0123456789ab"]}),
        ("delete_regions", {"regions": [first]}),
        ("resize_scene", {"width": 96, "height": 32}),
    ]
    states = [page.ask("document")]
    for action, fields in edits:
        page.ask(action, **fields)
        if content(page.ask("document")) != content(states[-1]):  # else there is no step
            states.append(page.ask("document"))
    assert len(states) == len(edits)  # filling holes leaves one part: one edit changes nothing
    for state in reversed(states[:-1]):
        page.ask("undo")
        assert content(page.ask("document")) == content(state)
    for state in states[1:]:
        page.ask("redo")
        assert content(page.ask("document")) == content(state)


def test_a_slider_drag_is_one_undo_step(page: Page) -> None:
    for gamma in (0.9, 0.8, 0.7):
        page.ask("set_sampling", gamma=gamma, gesture="gamma-1")
    page.ask("set_sampling", gamma=0.5, gesture="gamma-2")
    page.ask("undo")
    assert page.document["sampling"]["gamma"] == 0.7
    page.ask("undo")
    assert page.document["sampling"]["gamma"] == 1.0
    assert page.document["undo"] is None


def test_an_edit_on_an_old_revision_is_refused_and_shows_what_is(page: Page) -> None:
    other = Page(page.client, owner=page.owner, project=page.project)
    assert other.session != page.session
    old = page.document["revision"]
    region = other.draw(0, 0, 20, 20, "from the other tab")
    answer = page.refused("set_sampling", gamma=0.4, revision=old)
    assert answer["kind"] == "stale"
    assert [each["id"] for each in answer["document"]["regions"]] == [region]
    assert region in answer["shapes"]
    page.ask("set_sampling", gamma=0.4, revision=answer["document"]["revision"])


def test_a_refused_edit_changes_nothing(page: Page) -> None:
    region = page.draw(0, 0, 20, 20, "one")
    before = page.ask("document")
    shape = {"box": [0, 0, 20, 20], "counts": [0, 400]}
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("add_region", {"shape": {"box": None, "counts": []}}),
        ("add_region", {"shape": shape, "id": "../../evil"}),
        ("add_region", {"shape": shape, "id": region}),
        ("add_region", {"shape": shape, "caption": "x" * 2001}),
        ("add_region", {"shape": shape, "gamma": 0}),
        ("add_region", {"shape": shape, "colour": "red"}),
        ("edit_mask", {"region": region, "op": "subtract", "shape": shape}),
        ("edit_mask", {"region": region, "op": "xor", "shape": shape}),
        ("edit_mask", {"region": "gone", "op": "add", "shape": shape}),
        ("change_mask", {"region": region, "op": "grow", "pixels": 10**9}),
        ("transform_region", {"region": region, "to": [100, 100, 120, 120]}),
        ("set_region", {"region": region, "visible": "yes"}),
        ("set_sampling", {"gamma": 2}),
        ("set_sampling", {"seed": 1.5}),
        ("set_sampling", {"steps": float("nan")}),
        ("set_sampling", {"draft": True}),
        ("reorder", {"order": []}),
        ("merge_regions", {"regions": [region]}),
        ("resize_scene", {"width": 65, "height": 64}),
        ("resize_scene", {"width": 64, "height": 10**6}),
        ("render", {"quality": "best"}),
        ("segment", {"on": "photo", "points": [[1, 1, 1]]}),
        ("open_example", {"id": "../secret"}),
        ("use_model", {"base": "/etc/passwd"}),
        ("launch_missiles", {}),
    ]
    for action, fields in refusals:
        answer = page.refused(action, **fields)
        assert answer["error"].endswith((".", "?")), answer
        assert answer["kind"] != "internal", (action, answer)
    assert content(page.ask("document")) == content(before)


def test_a_locked_region_keeps_its_shape(page: Page) -> None:
    region = page.draw(0, 0, 20, 20, "one")
    page.ask("set_region", region=region, locked=True)
    assert "locked" in page.refused("change_mask", region=region, op="grow")["error"]
    page.ask("set_region", region=region, caption="captions may change")


def test_text_is_kept_as_text(page: Page) -> None:
    region = page.draw(0, 0, 20, 20)
    for text in ("<script>alert(1)</script>", "{{x}} ${y}", "红灯笼 🏮", "a\r\nb", "\u0627"):
        page.ask("set_region", region=region, caption=text)
        assert page.document["regions"][0]["caption"] == text
    page.ask("set_region", region=region, caption="nul\0 and \ud800half")
    assert page.document["regions"][0]["caption"] == "nul and ?half"


def test_hints_come_with_fixes_that_work(page: Page) -> None:
    page.ask("set_scene", caption="a garden")
    big = page.draw(0, 0, 64, 40, "grass")
    page.draw(2, 2, 4, 40, "a reed")
    hidden = page.draw(20, 20, 30, 30, "stone")
    page.ask("reorder", order=[hidden, big, page.document["regions"][1]["id"]])

    def kinds() -> list[str]:
        return [hint["kind"] for hint in page.document["hints"]]

    assert kinds() == ["hidden", "vanishing", "uncovered"]
    for kind, left in (
        ("hidden", ["vanishing", "uncovered"]),
        ("vanishing", ["thin", "uncovered"]),  # the reed has grown, and is thin still
        ("thin", ["uncovered"]),
    ):
        hint = next(each for each in page.document["hints"] if each["kind"] == kind)
        page.ask("apply_fix", fix=hint["fixes"][0]["id"])
        assert kinds() == left


def test_captions_too_long_or_unknown_are_said(page: Page) -> None:
    region = page.draw(0, 0, 64, 48, "one two three four five six seven eight nine zzblue")
    hints = {hint["kind"]: hint for hint in page.document["hints"]}
    assert hints["caption-long"]["region"] == region
    assert hints["unknown-word"]["values"]["words"] == ["zzblue"]
    page.ask("apply_fix", fix=hints["caption-long"]["fixes"][0]["id"])
    assert page.document["regions"][0]["caption"] == "one two three four five six seven"


def test_the_model_view_is_the_label_map_on_the_token_grid(page: Page) -> None:
    page.draw(0, 0, 32, 48, "left")
    page.draw(0, 0, 2, 2, "a dot")
    view = page.ask("model_view")
    assert (view["columns"], view["rows"]) == (8, 6)
    labels = np.reshape(view["labels"], (6, 8))
    assert labels[1, 0] == 1
    assert labels[0, 0] == 2
    assert labels[0, 5] == 0
    assert view["adopted"] == [2]
    assert view["uncovered"] == 0.5
    assert 0 < len(view["contour"]) < 48


def test_two_renders_are_compared(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    first = page.render()
    page.ask("set_sampling", seed=1)
    second = page.render()
    found = page.ask("compare", a=first, b=second)
    assert found["changes"] == "seed 0 -> 1"
    assert found["largest"] == 37
    assert page.ask("file", ref=found["difference"])["mime"] == "image/png"


def test_history_is_starred_deleted_brought_back_and_restored(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    first = page.render()
    page.ask("set_sampling", seed=1)
    second = page.render()
    assert page.ask("star", node=first, star=True)["history"]["nodes"][0]["star"]
    left = page.ask("delete_node", node=second)["history"]
    assert ([node["id"] for node in left["nodes"]], left["shown"]) == ([first], first)
    assert len(page.ask("undelete_node", node=second)["history"]["nodes"]) == 2
    page.ask("restore", node=first)
    assert page.document["sampling"]["seed"] == 0
    page.ask("undo")
    assert page.document["sampling"]["seed"] == 1


def test_a_found_shape_is_adopted(page: Page) -> None:
    region = page.draw(16, 12, 44, 36, "a red ball")
    node = page.render()
    job = page.finish(page.ask("measure", node=node))
    assert job["state"] == "done"
    page.ask("change_mask", region=region, op="shrink", pixels=4)
    answer = page.ask("adopt_shape", node=node, region=region)
    pixels = pixels_of(answer["shapes"][region], Extent(64, 48))
    assert pixels.sum() == 28 * 24


def test_everything_in_a_photo_is_proposed(page: Page) -> None:
    page.ask("set_photo", file=photo_bytes())
    job = page.finish(page.ask("proposals", on="photo"))
    assert len(job["proposals"]) >= 2
