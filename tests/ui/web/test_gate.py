"""Over real HTTP: which routes there are, what they take, and who is in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.config import HOME
from studio.ui.web.gate import LARGEST_CALL
from tests.ui.web.conftest import Served


def test_the_page_opens_by_its_address_and_the_token_is_gone_from_it(
    served: Served, own: httpx.Client
) -> None:
    page = own.get(f"/?token={served.token}")
    assert str(page.url) == f"{served.own}/"
    assert "Seg2Any Studio" in page.text
    for name in ("theme.css?v=1", f"studio/static/{served.version}/main.mjs", "favicon.ico"):
        assert own.get(name).status_code == 200, name


def closed(served: Served) -> list[tuple[str, str]]:
    found = ("upload", "cancel", "reset", "stream", "proxy", "file", "monitor", "vibe", "runs")
    return [each for each in served.routes if any(name in each[1] for name in found)]


def test_what_gradio_has_and_the_page_does_not_use_is_closed(
    served: Served, own: httpx.Client
) -> None:
    names = [each for each in closed(served) if not each[1].startswith("/studio/")]
    assert len(names) > 15
    for method, path in names:
        answer = own.request(method, path)
        assert answer.status_code == 404, (method, path, answer.status_code)
        assert answer.text == ("" if method == "HEAD" else "There is nothing at this address.")
    files = [("files", (f"{i}.png", b"x" * 900_000)) for i in range(60)]
    assert own.post("/gradio_api/upload", files=files).status_code == 404  # M7
    assert own.get("/gradio_api/file=/etc/passwd").status_code == 404


def test_each_route_takes_only_what_fits_it(own: httpx.Client) -> None:
    assert own.post("/studio/door/leave", content=b"x" * 70_000).status_code == 413
    data_url = b'{"data": [{"file": "data:image/png;base64,' + b"A" * LARGEST_CALL + b'"}]}'
    for path in ("/gradio_api/run/set_photo", "/gradio_api/component_server/"):
        assert own.post(path, content=data_url).status_code == 413


def test_a_session_that_anybody_names_leaves_nothing_behind(own: httpx.Client) -> None:
    """M3, M6: Gradio never hears of calls of the page."""
    components = own.get("/config").json()["components"]
    page = next(each["id"] for each in components if each["type"] == "html")
    for number in range(50):
        call = {"session_hash": f"forged-{number}", "component_id": page}
        body = {**call, "fn_name": "call", "data": {"action": "status", "session": "forged"}}
        answer = own.post("/gradio_api/component_server/", json=body)
        assert answer.json()["kind"] == "expired"


def entries(client: httpx.Client) -> list[dict[str, Any]]:
    return client.get("/studio/door").json()["entries"]


def test_who_is_in_can_be_listed_and_ended(served: Served, own: httpx.Client) -> None:
    with httpx.Client(base_url=served.own, headers={"user-agent": "Other/1"}) as other:
        other.get(f"/?token={served.token}")
        mine = next(each for each in entries(own) if each["own"])
        theirs = next(each for each in entries(own) if each["browser"] == "Other/1")
        assert mine["id"] != theirs["id"]
        assert theirs["address"] == "127.0.0.1"
        assert other.get("/studio/door").status_code == 200
        left = own.post("/studio/door/end", json={"id": theirs["id"]}).json()["entries"]
        assert theirs["id"] not in {each["id"] for each in left}
        assert other.get("/studio/door").status_code == 401
        again = own.post("/studio/door/end", json={"id": theirs["id"]})
        assert (again.status_code, again.json()["error"]) == (404, "That entry has ended already.")
        for wrong in (b"[]", b'{"id": 5}', b"{"):
            assert own.post("/studio/door/end", content=wrong).status_code == 400


def test_all_others_can_be_ended_and_one_can_leave(served: Served, own: httpx.Client) -> None:
    with httpx.Client(base_url=served.own) as other:
        other.get(f"/?token={served.token}")
        assert [
            each["own"] for each in own.post("/studio/door/end", json={}).json()["entries"]
        ] == [True]
        assert other.get("/").status_code == 401
    gone = own.post("/studio/door/leave")
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert own.get("/").status_code == 401


def test_another_page_can_end_nobody(own: httpx.Client) -> None:
    for foreign in ({"origin": "http://evil.example"}, {"origin": "null"}):
        assert own.post("/studio/door/leave", headers=foreign).status_code == 403
    assert own.get("/").status_code == 200


def test_the_example_for_scripts_in_the_docs_runs(served: Served) -> None:
    text = (HOME / "docs" / "actions.md").read_text(encoding="utf-8")
    code = next(
        each for each in re.findall(r"```python\n(.*?)```", text, re.S) if "gradio_c" in each
    )
    code = code.replace("TOKEN", served.token).replace("http://127.0.0.1:7860", served.own)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/actions.md", "exec"), names)
    fields = {"session": names["page"]["session"]}
    document = names["client"].predict(fields, api_name="/document")
    assert document["document"]["caption"] == "a lawn"


def test_the_commands_for_scripts_in_the_docs_do_the_same(served: Served, tmp_path: Path) -> None:
    """What the two lines of curl send."""
    headers = {"Authorization": f"token {served.token}"}
    with httpx.Client(base_url=served.own, headers=headers) as script:
        opened = script.post("/gradio_api/run/open", json={"data": [{}]}).json()["data"][0]
        picture = (HOME / "studio" / "ui" / "page" / "icon-192.png").read_bytes()
        form = {"payload": json.dumps({"session": opened["session"]})}
        sent = script.post(
            "/studio/send/set_photo", data=form, files=[("files", ("cup.png", picture))]
        )
        assert sent.json()["ok"], sent.text


@pytest.mark.parametrize("odd", ["/%0a", "/studio/file/%0aWARNING%20forged/x", "/%e2%80%a8"])
def test_no_path_makes_a_line_of_the_log(served: Served, own: httpx.Client, odd: str) -> None:
    before = len(served.log.read_text().splitlines())
    own.get(odd, headers={"host": "evil.example"})
    after = served.log.read_text().splitlines()
    assert len(after) <= before + 1
