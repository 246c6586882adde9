"""Who may see what, what survives, and what comes in and goes out as files."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest

from studio.ui.api.client import Client
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import finished, open_studio, until
from tests.ui.conftest import Page, content


def test_a_session_that_is_not_known_is_told_so(client: Client) -> None:
    for token in (None, "", "f" * 32, 7, {"a": 1}):
        answer = client.call("document", {"session": token})
        assert (answer["ok"], answer["kind"]) == (False, "expired")
    assert client.call("document", "no object")["kind"] == "BadInput"  # type: ignore[arg-type]


def test_two_people_never_meet(client: Client) -> None:
    anna, ben = Page(client), Page(client)
    anna.draw(16, 12, 44, 36, "anna's red ball")
    node = anna.render()
    ben.draw(0, 0, 64, 48, "ben's green lawn")
    for action, fields in (
        ("save_picture", {"node": node}),
        ("show", {"node": node}),
        ("contours", {"node": node}),
        ("compare", {"a": node, "b": node}),
        ("segment", {"on": node, "points": [[20, 20, 1]]}),
        ("delete_project", {"project": anna.project}),
    ):
        assert not ben.client.call(action, {"session": ben.session, **fields})["ok"]
    image = anna.ask("history")["history"]["nodes"][0]["images"][0]
    for reference in (image, f"project/{anna.project}/{image}", "../x", "export/0"):
        answer = ben.refused("file", ref=reference)
        assert answer["kind"] == "SessionError"
    assert anna.ask("file", ref=image)["mime"] == "image/png"
    shown = json.dumps([ben.ask("poll"), ben.ask("projects"), ben.ask("history")])
    assert "anna" not in shown
    assert node not in shown
    assert anna.ask("projects")["projects"][0]["id"] == anna.project


def test_jobs_are_cancelled_by_their_owner_alone(client: Client, engine: ScriptedEngine) -> None:
    anna, ben = Page(client), Page(client)
    anna.draw(16, 12, 44, 36, "a ball")
    engine.script.delay = 0.05
    started = anna.ask("render")
    assert not client.call("cancel", {"session": ben.session, "job": started["job"]["id"]})["ok"]
    ben.ask("cancel")
    assert anna.ask("poll")["jobs"][0]["state"] in ("waiting", "running")
    anna.ask("cancel", job=started["job"]["id"])
    assert anna.finish(started)["state"] == "cancelled"
    assert anna.ask("history")["history"]["nodes"] == []


def test_a_refresh_finds_the_running_job_and_its_previews(
    page: Page, engine: ScriptedEngine
) -> None:
    page.draw(16, 12, 44, 36, "a ball")
    engine.script.delay = 0.05
    started = page.ask("render")
    again = Page(page.client, session=page.session, owner=page.owner, project=page.project)
    assert again.session == page.session
    assert [job["id"] for job in again.opened["jobs"]] == [started["job"]["id"]]
    frames: list[dict[str, Any]] = []
    news = {"seen": 0}
    for _ in range(200):
        known = frames[-1]["number"] if frames else 0
        news = again.ask("poll", seen=news["seen"], frame=known, wait=1)
        frames += [news["frame"]] if news["frame"] else []
        if news["jobs"][0]["state"] == "done":
            break
    assert frames[0]["image"].startswith("data:image/jpeg;base64,")
    assert len({frame["number"] for frame in frames}) == len(frames)


def test_work_survives_a_restart(tmp_path: Any, engine: ScriptedEngine) -> None:
    studio = open_studio(tmp_path / "p", engine)
    page = Page(Client(studio))
    region = page.draw(16, 12, 44, 36, "a red ball")
    node = page.render()
    page.ask("rename_project", name="my garden")
    before = page.ask("document")
    studio.close()
    studio = open_studio(tmp_path / "p", engine)
    later = Page(Client(studio), session=page.session, owner=page.owner, project=page.project)
    assert later.opened["project"]["name"] == "my garden"
    assert later.document["regions"][0]["id"] == region
    assert content(later.opened) == content(before)
    assert [each["id"] for each in later.opened["history"]["nodes"]] == [node]
    assert later.ask("projects")["projects"][0]["thumbnail"].startswith(f"project/{page.project}/")
    thumbnail = later.ask("file", ref=later.ask("projects")["projects"][0]["thumbnail"])
    assert thumbnail["mime"] == "image/jpeg"
    studio.close()


def test_a_project_file_brings_everything_back(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    page.render()
    page.finish(page.ask("strip", gammas=[0.1, 1.0]))
    saved = page.ask("save_project")
    file = page.client.read_file(page.session, saved["file"]).content
    other = Page(page.client)
    other.ask("open_files", files=[{"name": saved["name"], "data": file}])
    assert other.project != page.project
    assert content(other.ask("document")) == content(page.ask("document"))
    mine, theirs = (each.ask("history")["history"]["nodes"] for each in (page, other))
    assert [node["images"] for node in theirs] == [node["images"] for node in mine]
    assert other.ask("file", ref=theirs[0]["images"][0])["data"]


def test_a_picture_of_ours_brings_the_scene_back(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    page.ask("set_scene", caption="a garden")
    page.ask("set_sampling", seed=77, gamma=0.4)
    saved = page.ask("save_picture", node=page.render())
    file = page.client.read_file(page.session, saved["file"]).content
    other = Page(page.client)
    other.ask("open_files", files=[{"name": "x.png", "data": base64.b64encode(file).decode()}])
    assert other.document["caption"] == "a garden"
    assert (other.document["sampling"]["seed"], other.document["sampling"]["gamma"]) == (77, 0.4)
    assert [region["caption"] for region in other.document["regions"]] == ["a red ball"]
    assert other.document["regions"][0]["box"] == [16, 12, 44, 36]


@pytest.mark.parametrize("format", ["label_map", "masks", "coco", "openraster"])
def test_scenes_are_exported_and_come_back(page: Page, format: str) -> None:
    page.draw(0, 24, 64, 48, "green grass")
    page.draw(16, 12, 44, 36, "a red ball")
    saved = page.ask("export_scene", format=format)
    file = page.client.read_file(page.session, saved["file"]).content
    if format == "openraster":
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            assert archive.read("mimetype") == b"image/openraster"
            assert b"a red ball" in archive.read("stack.xml")
        return
    other = Page(page.client)
    other.ask("open_files", files=[{"name": saved["name"], "data": file}])
    assert [region["caption"] for region in other.document["regions"]] == [
        "green grass",
        "a red ball",
    ]
    assert other.document["regions"][1]["box"] == [16, 12, 44, 36]


def test_importing_into_the_scene_is_an_edit(page: Page) -> None:
    page.draw(0, 24, 64, 48, "green grass")
    saved = page.ask("export_scene", format="masks")
    file = page.client.read_file(page.session, saved["file"]).content
    page.ask("delete_regions", regions=[page.document["regions"][0]["id"]])
    page.ask("open_files", files=[{"name": "m.zip", "data": file}], into="scene")
    assert len(page.document["regions"]) == 1
    page.ask("undo")
    assert page.document["regions"] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n cut", b"PK\x03\x04 no zip", b"<svg></svg>", b"{}"],
)
def test_files_that_cannot_be_opened_are_refused_and_leave_nothing(
    page: Page, content: bytes
) -> None:
    projects = len(page.ask("projects")["projects"])
    for name in ("x.png", "x.json", "x.zip", "../../x"):
        answer = page.refused("open_files", files=[{"name": name, "data": content}])
        assert answer["kind"] == "BadInput", answer
    assert len(page.ask("projects")["projects"]) == projects


def test_an_unexpected_fault_is_one_sentence_with_a_number(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page.client.studio.store, "projects", lambda owner: 1 // 0)
    answer = page.refused("projects")
    assert answer["kind"] == "internal"
    assert "division" not in answer["error"]


def test_the_page_opens_before_the_model_is_there(tmp_path: Any) -> None:
    from studio.config import Settings
    from studio.scene.errors import MissingWeights
    from studio.service.studio import Builders, Studio

    def missing(_: Settings) -> Any:
        raise MissingWeights("weights/mini is not there. Get it again.")

    studio = Studio(Settings(projects=tmp_path), Builders(missing, missing))
    page = Page(Client(studio))
    page.draw(0, 0, 64, 64, "drawn without a model")
    job = studio.start()
    finished(job)
    until(lambda: "weights/mini" in (page.ask("status")["error"] or ""))
    failed = page.finish(page.ask("render"))
    assert failed["state"] == "failed"
    assert "weights/mini" in failed["error"]
    studio.close()
