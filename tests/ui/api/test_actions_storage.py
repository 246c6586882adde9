"""What fills the disk as the page sees it, and the demo that goes back to its start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.installation.graphics_card import UnusedCard
from studio.ui.api.client import ACTIONS, Client
from studio.ui.api.demo import LOOKS
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import until
from tests.ui.conftest import Page, content


def test_the_status_tells_of_a_card_that_stands_idle(client: Client, page: Page) -> None:
    assert page.ask("status")["unused_card"] is None
    studio = client.studio
    studio.unused_card = UnusedCard("RTX 4060", "2.13.0+cpu", "It is idle.", "pip install torch")
    assert page.ask("status")["unused_card"] == {
        "name": "RTX 4060",
        "torch": "2.13.0+cpu",
        "text": "It is idle.",
        "command": "pip install torch",
    }
    studio.settings = replace(studio.settings, device="cpu")
    assert page.ask("status")["unused_card"] is None, "the processor was chosen"


def test_the_status_says_what_is_left_and_a_full_store_why(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    disk = page.client.studio.store.disk
    assert page.ask("status")["disk"]["limit"] == 20 * 2**30
    page.render()
    disk.measure()
    disk.most_bytes = 1
    assert "Delete pictures" in page.ask("poll")["status"]["disk"]["trouble"]
    page.ask("set_sampling", seed=2)
    assert page.refused("render")["kind"] == "StorageError"
    assert page.refused("duplicate_project")["kind"] == "StorageError"
    assert page.render("live")  # in memory alone


def test_space_is_freed_of_what_was_named(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    final, draft = page.render(), page.render("draft")
    page.ask("delete_node", node=final)
    found = page.ask("storage")
    assert found["project"]["deleted"] > 0
    assert [each["id"] for each in found["projects"]] == [page.project]
    until(lambda: not page.client.studio.store.live(page.project).is_busy)  # type: ignore[union-attr]
    freed = page.ask("free_space", what="deleted")
    assert freed["freed"] > 0
    assert freed["project"]["deleted"] == 0
    assert [node["id"] for node in freed["history"]["nodes"]] == [draft]
    assert page.refused("undelete_node", node=final)["kind"] == "SessionError"
    assert page.refused("free_space", what="everything")["kind"] == "BadInput"


def test_deleted_projects_fill_the_bin_until_it_is_emptied(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    first = page.project
    page.render()
    page.ask("new_scene", width=64, height=48)
    page.ask("projects")
    page.ask("delete_project", project=first)
    assert page.ask("storage")["bin"] > 0
    assert page.ask("free_space", what="bin")["bin"] == 0


def test_a_demo_goes_back_to_its_start_when_its_visitor_has_gone(page: Page) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    page.ask("set_sampling", gamma=0.8)
    node = page.render()
    strip = page.ask("strip", gammas=[0.2, 1.0])
    page.finish(strip)
    before, name = page.ask("document"), page.opened["project"]["name"]
    assert page.ask("demo", on=True, minutes=0.01)["demo"] == {"minutes": 0.01, "resets": 0}
    page.ask("set_sampling", gamma=0.2)
    page.ask("set_scene", caption="scribble")
    page.ask("delete_regions", regions=[page.document["regions"][0]["id"]])
    page.ask("rename_project", name="graffiti")
    page.ask("delete_node", node=node)
    assert page.refused("free_space", what="deleted")["kind"] == "SessionError"
    page.draw(0, 0, 20, 20, "graffiti")
    made = page.render("draft")
    starred = page.render()
    page.ask("star", node=starred, star=True)
    page.finish(page.ask("strip", gammas=[0.3, 1.0]))
    news: dict[str, Any] = {}

    def is_reset() -> bool:
        news.update(page.ask("poll", seen=0))
        return news["demo"]["resets"] == 1

    until(is_reset, 10)
    assert content(page.ask("document")) == content(before)
    assert page.ask("open", session=page.session)["project"]["name"] == name
    assert page.document["undo"] is None
    nodes = [each["id"] for each in news["history"]["nodes"]]
    assert (nodes, news["history"]["shown"]) == ([node, starred], node)
    assert made not in nodes
    assert [each["id"] for each in news["strips"]] == [strip["strip"]["id"]]
    assert page.ask("demo", on=False)["demo"] is None


def test_looking_and_waiting_for_a_job_does_not_end_a_visit(
    page: Page, engine: ScriptedEngine
) -> None:
    page.draw(16, 12, 44, 36, "a red ball")
    page.ask("demo", on=True, minutes=0.01)
    engine.script.delay = 0.2
    started = page.ask("render")
    assert page.finish(started)["state"] == "done"  # 1.2 s, twice the time
    assert page.ask("poll")["demo"]["resets"] == 0
    assert set(ACTIONS) > LOOKS
