"""What a request may hold: values of the right kind, or one sentence says what is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from studio.scene.errors import BadInput, RequestError
from studio.scene.request import Sampling
from studio.ui.api.client import ACTIONS, FIELDS, Client
from studio.ui.api.refusals import is_nullable, resolved
from studio.ui.api.registry import read_fields
from studio.ui.api.requests import EditFields, SetSampling
from tests.scripted_engine import ScriptedEngine
from tests.service.conftest import open_studio
from tests.ui.conftest import Page, content

SHAPE = {"box": [0, 0, 20, 20], "counts": [0, 400]}
DEEP: Any = []
for _ in range(10_000):
    DEEP = [DEEP]
NAN, INFINITE = float("nan"), float("inf")

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("add_region", {}, "The request lacks shape."),
    ("add_region", {"shape": SHAPE, "colour": "red"}, "add_region takes no colour."),
    ("add_region", {"shape": SHAPE, "\ud800": 1}, "add_region takes no ?."),
    ("add_region", {"shape": SHAPE, 5: 1}, "add_region takes no 5."),
    ("add_region", {"shape": 5}, "shape is an object of box and counts, not 5."),
    ("add_region", {"shape": {**SHAPE, "x": 1}}, "shape takes no x."),
    ("add_region", {"shape": {**SHAPE, "\ud800": 1}}, "shape is an object of box and counts, not "),
    (
        "add_region",
        {"shape": {**SHAPE, "counts": [0, -1]}},
        "shape.counts[1] is -1; it must be a whole number 0 to 2147483648.",
    ),
    ("add_region", {"shape": {**SHAPE, "counts": [0, "400"]}}, "shape.counts[1] is '400'; it must"),
    ("add_region", {"shape": {**SHAPE, "counts": [0, True]}}, "shape.counts[1] is True; it must"),
    ("add_region", {"shape": {**SHAPE, "counts": "0,400"}}, "shape.counts is a list, not '0,400'."),
    ("add_region", {"shape": {**SHAPE, "counts": DEEP}}, "shape.counts[0] is [[[["),
    ("add_region", {"shape": {**SHAPE, "box": [1, 2, 3]}}, "A box is [left, top, right, bottom]"),
    ("add_region", {"shape": {**SHAPE, "box": [0, 0, 20, 2.5]}}, "A box is [left, top, right,"),
    ("add_region", {"shape": {"box": None}}, "The shape is empty; draw it first."),
    ("add_region", {"shape": SHAPE, "id": "0123456789AB"}, "id is '0123456789AB'; it must be "),
    (
        "add_region",
        {"shape": SHAPE, "id": "0123456789ab\n"},
        "id is '0123456789ab\\n'; it must be ",
    ),
    ("add_region", {"shape": SHAPE, "caption": None}, "caption is text, not None."),
    ("add_region", {"shape": SHAPE, "caption": 5}, "caption is text, not 5."),
    ("add_region", {"shape": SHAPE, "caption": b"x" * 900}, "caption is text, not 900 bytes."),
    ("add_region", {"shape": SHAPE, "caption": "x" * 2001}, "caption has 2001 letters; at most 2"),
    ("add_region", {"shape": SHAPE, "gamma": "0.5"}, "gamma is '0.5'; it must be above 0 and at "),
    ("add_region", {"shape": SHAPE, "gamma": NAN}, "gamma is nan; it must be above 0 and at most "),
    ("add_region", {"shape": SHAPE, "gamma": 7}, "Gamma is 7.0; it must be above 0 and at most 1 "),
    ("add_region", {"shape": SHAPE, "clicks": [[1, 2]]}, "A click is [x, y, label]: two numbers, "),
    ("add_region", {"shape": SHAPE, "clicks": [[1, 2, 3]]}, "A click is [x, y, label]: two "),
    ("add_region", {"shape": SHAPE, "clicks": [[1, 2, True]]}, "A click is [x, y, label]: two "),
    (
        "add_region",
        {"shape": SHAPE, "clicks": [[1, INFINITE, 1]]},
        "A click is [x, y, label]: two ",
    ),
    ("add_region", {"shape": SHAPE, "clicks": [[1, 1, 1]] * 65}, "clicks has 65 entries; at most "),
    ("add_region", {"shape": SHAPE, "revision": "3"}, "revision is '3'; it must be a whole number"),
    ("edit_mask", {"region": "a", "op": "xor", "shape": SHAPE}, "op is 'xor'; it must be one of "),
    (
        "edit_mask",
        {"region": "a", "op": ["add"], "shape": SHAPE},
        "op is ['add']; it must be one of",
    ),
    (
        "change_mask",
        {"region": "a", "op": "grow", "pixels": 2.5},
        "pixels is 2.5; it must be a whole",
    ),
    ("set_region", {"region": "a", "visible": 1}, "visible is true or false, not 1."),
    ("set_region", {"region": "a", "caption": None}, "caption is text, not None."),
    ("set_sampling", {"sigmas": "abc"}, "sigmas is a list, not 'abc'."),
    ("set_sampling", {"sigmas": [0.5, "x"]}, "sigmas[1] is 'x'; it must be a number 0 to 1."),
    ("set_sampling", {"sigmas": [0.5, 10**400]}, "sigmas[1] is 1000000000"),
    ("set_sampling", {"use_contour": "no"}, "use_contour is true or false, not 'no'."),
    ("set_sampling", {"negative_caption": 5}, "negative_caption is text, not 5."),
    ("set_sampling", {"isolation_blocks": [1]}, "The request lacks isolation_blocks[1]."),
    ("set_sampling", {"steps": True}, "steps is True; it must be a whole number 1 to 1000."),
    ("set_sampling", {"seed": None}, "seed is None; it must be a whole number 0 to "),
    ("reorder", {"order": "abc"}, "order is a list, not 'abc'."),
    ("reorder", {"order": [7]}, "order[0] is text, not 7."),
    (
        "resize_scene",
        {"width": 64, "height": 10**6},
        "height is 1000000; it must be a whole number",
    ),
    ("segment", {"on": "photo", "box": [0, 0, 1, "2"]}, "A box is [left, top, right, bottom]"),
    (
        "segment",
        {"on": "photo", "sequence": {"a": [1]}},
        "sequence is {'a': [1]}; it must be a whole",
    ),
    ("segment", {"on": DEEP}, "on is text, not [[[["),
    ("render", {"quality": "best"}, "quality is 'best'; it must be one of final, draft, live."),
    ("strip", {"gammas": [0.5] * 13}, "gammas has 13 entries; at most 12."),
    ("strip", {"gammas": [2]}, "gammas[0] is 2; it must be a number 0 to 1."),
    ("poll", {"wait": 10.5}, "wait is 10.5; it must be a number 0 to 10."),
    ("demo", {"on": "yes"}, "on is true or false, not 'yes'."),
    ("open_files", {"files": [{"name": "x"}]}, "The request lacks files[0].data."),
    ("open_files", {"files": [5]}, "files[0] is an object of name and data, not 5."),
    ("open_files", {"files": [{"name": "x", "data": "\ud800"}]}, "data is not base64."),
    ("open_files", {"files": [], "into": "trash"}, "into is 'trash'; it must be one of project, "),
    ("set_photo", {"file": 5}, "file is a file's bytes."),
    ("set_photo", {"file": ""}, "The file is empty."),
    ("use_model", {"dtype": "float8"}, "dtype is 'float8'; it must be one of auto, float32, "),
    ("use_model", {"device": "toaster"}, "device is one of auto, cpu, cuda, mps."),
    ("export_scene", {"format": "svg"}, "format is 'svg'; it must be one of label_map, masks, "),
    ("free_space", {"what": "everything"}, "what is 'everything'; it must be one of deleted, "),
    ("file", {"ref": "x" * 201}, "ref has 201 letters; at most 200."),
]


@pytest.fixture(scope="module")
def unmoved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page for all that is refused: nothing may change it."""
    studio = open_studio(tmp_path_factory.mktemp("projects"), ScriptedEngine())
    yield Page(Client(studio))
    studio.close()


@pytest.mark.parametrize(
    ("action", "given", "sentence"), REFUSED, ids=[f"{n}-{a[0]}" for n, a in enumerate(REFUSED)]
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    unmoved: Page,
    caplog: pytest.LogCaptureFixture,
    action: str,
    given: dict[Any, Any],
    sentence: str,
) -> None:
    before = unmoved.ask("document")
    answer = unmoved.client.call(action, {"session": unmoved.session, **given})
    assert (answer["ok"], answer["kind"]) == (False, "BadInput"), answer
    assert answer["error"].startswith(sentence), answer["error"]
    assert len(answer["error"]) < 200
    answer["error"].encode()
    assert caplog.records == []
    assert content(unmoved.ask("document")) == content(before)


def test_every_action_refuses_a_field_it_does_not_know(page: Page) -> None:
    for action in ACTIONS:
        if action != "close":
            answer = page.client.call(action, {"session": page.session, "surprise": 1})
            assert answer["error"] == f"{action} takes no surprise."


def test_whole_numbers_may_be_written_with_a_point_and_lists_may_be_tuples(page: Page) -> None:
    region = page.draw(0, 0, 20, 20, "one")
    page.ask("set_sampling", seed=9.0, steps=4.0)
    assert page.document["sampling"]["seed"] == 9
    page.ask("delete_regions", regions=(region,))
    assert page.document["regions"] == []


def test_what_is_not_sent_stays(page: Page) -> None:
    region = page.draw(0, 0, 20, 20, "one")
    page.ask("set_region", region=region, gamma=0.5, name="ball", locked=True)
    page.ask("set_region", region=region, visible=False)
    kept = page.document["regions"][0]
    names = ("caption", "gamma", "name", "locked", "visible")
    assert [kept[name] for name in names] == ["one", 0.5, "ball", True, False]
    page.ask("set_region", region=region, gamma=None, name=None)
    assert (page.document["regions"][0]["gamma"], page.document["regions"][0]["name"]) == (
        None,
        None,
    )


def own_fields() -> list[str]:
    return [name for name in SetSampling.model_fields if name not in EditFields.model_fields]


def test_every_setting_of_a_render_can_be_sent() -> None:
    assert set(own_fields()) == {field.name for field in fields(Sampling)} - {"draft"}


@pytest.mark.parametrize("name", own_fields())
def test_a_setting_has_the_bounds_that_a_render_has(name: str) -> None:
    whole = SetSampling.model_json_schema()
    schema = whole["properties"][name]
    wanted = resolved(schema, whole)
    if "minimum" in wanted:
        low, high = wanted["minimum"], wanted["maximum"]
        for fits in (low, high):
            Sampling(**{name: fits})
        for outside in (low - 1, high + 1):
            with pytest.raises(RequestError):
                Sampling(**{name: outside})
    for choice in wanted.get("enum", ()):
        Sampling(**{name: choice})
    if is_nullable(schema):
        Sampling(**{name: None})
    else:
        with pytest.raises(BadInput):
            Sampling(**{name: None})


def test_an_edit_is_checked_in_well_under_a_millisecond() -> None:
    given = {
        "id": "0123456789ab",
        "shape": {"box": [0, 0, 1000, 1000], "counts": [500] * 2000},
        "caption": "a red ball on the lawn",
        "clicks": [[10.5, 20.5, 1]] * 20,
        "revision": 7,
    }
    seconds: list[float] = []
    for _ in range(50):
        start = time.perf_counter()
        read_fields("add_region", FIELDS["add_region"], given)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.0005


def test_an_action_that_is_no_name_is_refused(client: Client) -> None:
    for name in (None, 5, ["document"], {"a": 1}, "\ud800", "__init__"):
        answer = client.call(name, {})  # type: ignore[arg-type]
        assert answer["error"] == "There is no such action."
