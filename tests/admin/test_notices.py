"""Notices on the newsroom's first page about what an operator should change."""

import logging
from dataclasses import replace

import pytest
from flask import Flask

from digest.parts import EXTENSION_KEY
from digest.subscribers import letter_requests
from digest.subscribers.pure.email_address import parse_address
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as
from tests.web.subscribers import get_parts, process_requests

FORWARDED = {"X-Forwarded-For": "192.0.2.9"}


@pytest.fixture
def editor(app: Flask) -> BrowserSession:
    return sign_in_as(app, "editor")


def test_a_proxy_that_the_settings_do_not_know_of_is_named(
    app: Flask, editor: BrowserSession, caplog: pytest.LogCaptureFixture
) -> None:
    assert "TRUSTED_PROXIES" not in editor.get_page("/admin/")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            page = editor.client.get("/admin/", base_url="https://news.example.org", headers=FORWARDED)
            assert "TRUSTED_PROXIES is 0" in page.text
    assert caplog.text.count("proxy.not_trusted") == 1


def test_requests_that_wait_because_of_the_limit_are_counted(
    app: Flask, editor: BrowserSession, world: World
) -> None:
    p = get_parts(app)
    for name in ("ann", "bob", "eve"):
        world.subscriber(f"{name}@example.com")
    letter_requests.record_link(p.db, parse_address("ann@example.com"), origin="192.0.2.1", now=p.clock())
    process_requests(app)
    for name in ("bob", "eve"):
        address = parse_address(f"{name}@example.com")
        letter_requests.record_link(p.db, address, origin="192.0.2.1", now=p.clock())
    assert "LETTERS_PER_HOUR" not in editor.get_page("/admin/")
    app.extensions[EXTENSION_KEY] = replace(p, settings=replace(p.settings, letters_per_hour=1))
    assert "2 requests for letters wait" in editor.get_page("/admin/")
