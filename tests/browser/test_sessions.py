"""Refreshes, restarts, several people: nobody loses work and nobody sees another's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.hands import Hands, Open, Server


def draw(person: Hands, caption: str, left: int = 20) -> Hands:
    return person.key("r").drag((left, 20), (60, 60), (left + 90, 150)).name(caption).settle()


@pytest.mark.slow
def test_a_refresh_brings_everything_back(person: Hands) -> None:
    draw(person.blank(), "red wall")
    draw(person, "blue ball", 130).generate()
    masks, pictures = person.masks, person.ask("seg2any.pictures.history.map((node) => node.id)")
    person.page.reload(wait_until="domcontentloaded")
    person.page.wait_for_selector(".s2a[data-ready]")
    assert person.captions == ["red wall", "blue ball"]
    assert person.masks == masks
    person.see("seg2any.pictures.resultImage")
    assert person.ask("seg2any.pictures.history.map((node) => node.id)") == pictures
    person.key("Control+z").settle()
    assert person.captions != ["red wall", "blue ball"]


@pytest.mark.slow
def test_a_refresh_in_mid_render_finds_the_job_again(person: Hands) -> None:
    draw(person.blank(), "red wall")
    person.ask("seg2any.edits.setSampling({steps: 40})")
    person.key("Control+Enter").see(
        "seg2any.jobs.current?.state === 'running' && seg2any.jobs.current.step > 0",
        60,
    )
    job = person.ask("seg2any.jobs.current.id")
    person.page.reload(wait_until="domcontentloaded")
    person.page.wait_for_selector(".s2a[data-ready]")
    person.see(
        f"seg2any.jobs.list.some((job) => job.id === {job!r}) || "
        "seg2any.pictures.history.length === 1"
    )
    person.see(
        "seg2any.pictures.history.length === 1 && !seg2any.jobs.current && "
        "seg2any.pictures.resultImage",
        120,
    )


@pytest.mark.slow
def test_two_people_never_see_each_other(visit: Open) -> None:
    one, two = visit(), visit()
    draw(one.blank(), "only for one")
    draw(two.blank(), "only for two", 130)
    assert one.ask("seg2any.server.session") != two.ask("seg2any.server.session")
    one.key("Control+Enter")
    two.key("Control+Enter")
    for person in (one, two):
        person.see(
            "seg2any.pictures.history.length === 1 && !seg2any.jobs.current",
            120,
        ).see("seg2any.pictures.resultImage")
    assert one.captions == ["only for one"]
    assert two.captions == ["only for two"]
    assert one.ask("seg2any.pictures.history[0].id") != two.ask("seg2any.pictures.history[0].id")
    picture = one.ask("seg2any.pictures.resultImage.src")
    stolen = picture.replace(one.ask("seg2any.server.session"), two.ask("seg2any.server.session"))
    assert one.page.request.get(picture).status == 200
    assert one.page.request.get(stolen).status == 404
    job = one.ask("seg2any.jobs.list.at(-1).id")
    cancel = f"seg2any.server.ask('cancel', {{job: {job!r}}}).then(() => 'done', (e) => e.kind)"
    assert one.ask(cancel) == "done"
    assert two.ask(cancel) == "SessionError"
    assert one.ask("seg2any.pictures.history.length") == 1


@pytest.mark.slow
def test_a_project_is_opened_by_its_address_in_another_browser(visit: Open) -> None:
    one = visit()
    draw(one.blank(), "shared by address")
    fragment = one.ask("location.hash")
    two = visit()
    two.open(fragment)
    two.page.reload(wait_until="domcontentloaded")
    two.page.wait_for_selector(".s2a[data-ready]")
    assert two.captions == ["shared by address"]


@pytest.fixture
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On the embedded model, which the strips of the examples were made with."""
    server = Server(tmp_path_factory.mktemp("frail")).start()
    yield server
    server.stop()


@pytest.mark.slow
def test_the_page_survives_a_server_that_dies_and_comes_back(visit: Open, frail: Server) -> None:
    person = visit(address=frail.address)
    draw(person.blank(), "before the crash")
    person.see("seg2any.saving.text().startsWith('saved')")
    frail.kill()
    person.see("!seg2any.server.isConnected", 20)
    frail.start(frail.port)
    person.see("seg2any.server.isConnected && seg2any.document.scene.regions.length === 1", 40)
    person.see("!seg2any.machine.isLoading", 90)
    draw(person, "after the crash", 130)
    assert person.captions == ["before the crash", "after the crash"]
    assert person.server_labels() == person.shown_labels()
    person.complaints.clear()  # the browser logs each refused connection


@pytest.mark.slow
def test_the_very_first_page_opens_on_an_example(visit: Open, frail: Server) -> None:
    """Its model may still be loading; the strip of the example comes with it."""
    assert frail.told() == f"{frail.address}#example"
    person = visit(address=frail.address, fragment="#example")
    assert person.ask("!seg2any.above.isOpen && seg2any.document.scene.regions.length > 3")
    person.see(
        "seg2any.strips.strip?.done && seg2any.strips.strip.shots.every((shot) => shot.picture)",
        60,
    )
    draw(person, "a red kite")
    person.see("seg2any.saving.text().startsWith('saved')")
    frail.stop()
    (frail.folder / "server.log").unlink()
    assert frail.start(frail.port).told() == frail.address
    person.see("seg2any.server.isConnected", 40)
    person.complaints.clear()  # the browser logs each refused connection
