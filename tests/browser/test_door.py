"""How a browser comes in, and who is in: in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.hands import Hands, Open, Server


def test_a_browser_without_the_token_is_asked_for_it_and_comes_in(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    try:
        page = context.new_page()
        answer = page.goto(server.site)
        assert answer is not None
        assert answer.status == 401
        page.fill("[name=token]", "not the token")
        page.click("button")
        expect(page.locator("[role=alert]")).to_have_text("That is not the token of this start.")
        page.fill("[name=token]", server.address)
        page.click("button")
        page.wait_for_selector(".s2a[data-ready]")
        assert page.url.split("#")[0] == f"{server.site}/"
    finally:
        context.close()


def test_the_token_is_taken_out_of_the_address(person: Hands) -> None:
    assert "token" not in person.page.url
    assert person.page.request.get(f"{person.page.url.split('#')[0]}config").status == 200


@pytest.mark.slow
def test_the_settings_list_who_is_in_and_end_it(visit: Open, server: Server) -> None:
    one, two = visit(), visit()
    two.blank()
    two.page.click("[aria-label='Settings: models, device, memory']")
    rows = two.page.locator(".entries li")
    expect(rows.filter(has_text="this browser")).to_have_count(1)
    others = two.page.get_by_role("button", name="Log out all others")
    others.click()
    expect(rows).to_have_count(1)
    assert one.page.request.get(f"{server.site}/config").status == 401
    two.page.get_by_role("button", name=re.compile("^Log out$")).click()
    two.page.wait_for_selector("[name=token]")
    for each in (one, two):
        each.complaints.clear()  # the browser logs each 401
