"""The studio behind nginx and behind Caddy, set up as docs/proxy.md says."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from studio.config import HOME
from tests.browser.hands import Hands, Server, answers

LOGIN = {"username": "anna", "password": "a long password"}
PAGE = (HOME / "docs" / "proxy.md").read_text(encoding="utf-8")
SILENCE = 7  # seconds after which these proxies give up; the studio says something every 5


def snippet(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.S)
    assert found
    return found[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def program(request: pytest.FixtureRequest) -> Path:
    found = shutil.which(request.param) or shutil.which(request.param, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{request.param} is not installed")
    return Path(found)


@pytest.fixture(scope="module")
def studio(program: Path, tmp_path_factory: pytest.TempPathFactory, base: str) -> Iterator[Server]:
    """Started with the documented command."""
    del program  # each has a studio of its own
    folder = tmp_path_factory.mktemp("proxied")
    secret = folder / "password.txt"
    secret.write_text(LOGIN["password"] + "\n")
    secret.chmod(0o600)
    command = snippet("bash").replace("\\\n", " ").split()
    assert command[:4] == ["python", "launch.py", "serve", "--no-browser"]
    options = [str(secret) if each == "password.txt" else each for each in command[4:]]
    running = Server(folder, base).start(options=options)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def proxied(
    program: Path, studio: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The page's address through the proxy."""
    name = program.name
    folder, port = tmp_path_factory.mktemp(name), free_port()
    config = folder / "config"
    text = snippet(name).replace("127.0.0.1:7860", f"127.0.0.1:{studio.port}")
    if name == "nginx":
        config.write_text(nginx(folder, port, text))
        command = [str(program), "-p", str(folder), "-c", str(config), "-g", "daemon off;"]
    else:
        config.write_text(caddy(folder, port, text))
        command = [str(program), "run", "--config", str(config), "--adapter", "caddyfile"]
    log = (folder / "log").open("w")
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with subprocess.Popen(command, stdout=log, stderr=log, env=home) as process:
        try:
            end = time.monotonic() + 20
            while not answers(port):
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < end
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/studio/"
        finally:
            process.terminate()
            log.close()


def nginx(folder: Path, port: int, location: str) -> str:
    places = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    root = "user root;\n" if os.geteuid() == 0 else ""  # else its workers cannot write here
    return (
        f"{root}pid {folder / 'pid'};\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}proxy_read_timeout {SILENCE}s;\n"
        f"server {{\nlisten 127.0.0.1:{port};\n{location}}}\n}}\n"
    )


def caddy(folder: Path, port: int, site: str) -> str:
    """Over plain http, as there is no certificate here."""
    quick = (
        "reverse_proxy /studio/* {to} {{\n"
        "transport http {{\nread_timeout {seconds}s\nresponse_header_timeout {seconds}s\n}}\n}}"
    )
    site = re.sub(
        r"reverse_proxy /studio/\* (\S+)",
        lambda found: quick.format(to=found[1], seconds=SILENCE),
        site,
    )
    site = site.replace("studio.example {", f"http://127.0.0.1:{port} {{")
    return f"{{\nadmin off\nstorage file_system {folder}\n}}\n{site}"


@pytest.fixture
def person(proxied: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=proxied, timeout=60) as client:
        assert client.post("login", data=LOGIN).json() == {"success": True}
        yield client


def ask(client: httpx.Client, action: str, **fields: object) -> dict[str, object]:
    answer = client.post(f"gradio_api/run/{action}", json={"data": [fields]})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0]


@pytest.mark.slow
def test_a_browser_logs_in_and_uses_the_page(proxied: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    try:
        page = context.new_page()
        by_itself = proxied.replace("/studio/", "/favicon.ico")  # a browser asks for that
        page.goto(proxied.rstrip("/"))
        page.fill("[name=username]", LOGIN["username"])
        page.fill("[name=password]", LOGIN["password"])
        page.click("button")
        page.wait_for_url(proxied)
        hands = Hands(page, proxied).open()
        hands.blank().key("r").drag((20, 20), (110, 150)).name("red wall").settle()
        assert hands.captions == ["red wall"]
        asked = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
        own = (proxied, "data:", "blob:", by_itself)
        assert [each for each in asked if not each.startswith(own)] == []
        assert [each for each in hands.complaints if "404 (Not Found)" not in each] == []
    finally:
        context.close()


@pytest.mark.slow
def test_nothing_answers_without_the_login(proxied: str) -> None:
    with httpx.Client(base_url=proxied, timeout=10) as client:
        assert client.get("config").status_code == 401
        assert client.post("gradio_api/run/open", json={"data": [{}]}).status_code == 401
        page = client.get("", headers={"accept": "text/html"})
        assert 'action="/studio/login"' in page.text


@pytest.mark.slow
def test_uploads_of_many_megabytes_and_event_streams_come_through(
    proxied: str, person: httpx.Client
) -> None:
    session = ask(person, "open")["session"]
    payload = json.dumps({"session": session})
    files = [("files", ("noise.bin", bytes(30_000_000)))]
    sent = person.post("studio/send/open_files", data={"payload": payload}, files=files)
    assert sent.json()["kind"] == "BadInput"  # it arrived whole, and is no picture
    called = person.post("gradio_api/call/status", json={"data": [{"session": session}]})
    with person.stream("GET", f"gradio_api/call/status/{called.json()['event_id']}") as stream:
        assert "event: complete" in "".join(stream.iter_text())
    from gradio_client import Client

    script = Client(proxied, auth=(LOGIN["username"], LOGIN["password"]), verbose=False)
    assert script.predict({}, api_name="/open")["ok"]


@pytest.mark.slow
def test_an_answer_that_takes_longer_than_the_proxys_patience_arrives(
    person: httpx.Client,
) -> None:
    opened = ask(person, "open")
    seen = ask(person, "poll", session=opened["session"])["seen"]
    config = person.get("config").json()
    page = next(each["id"] for each in config["components"] if each["type"] == "html")
    started = time.monotonic()
    fields = {"action": "poll", "session": opened["session"], "seen": seen, "wait": 10.0}
    call = {"session_hash": "x", "component_id": page, "fn_name": "call", "data": fields}
    answer = person.post("gradio_api/component_server/", json=call)
    assert answer.status_code == 200
    assert answer.json()["ok"], answer.text
    assert time.monotonic() - started > SILENCE


@pytest.mark.slow
def test_wrong_logins_make_only_their_own_address_wait(proxied: str, studio: Server) -> None:
    """The proxy says who asks; what they say of themselves is not heard."""
    wrong = {**LOGIN, "password": "no"}
    with httpx.Client(base_url=proxied) as client:
        found = [
            client.post("login", data=wrong, headers={"x-forwarded-for": f"10.0.0.{i}"}).status_code
            for i in range(6)
        ]
    assert found == [401] * 5 + [429]
    straight = f"http://127.0.0.1:{studio.port}/studio/login"
    other = httpx.post(straight, data=LOGIN, headers={"x-forwarded-for": "10.9.9.9"})
    assert other.status_code == 200
