"""Notices on the newsroom's first page about what an operator should change."""

import logging
from dataclasses import replace

import pytest
from flask import Flask

from digest.accounts.store import accounts
from digest.monitoring.run_records import record_heartbeats
from digest.parts import EXTENSION_KEY
from digest.subscribers import letter_requests
from digest.subscribers.pure.email_address import parse_address
from digest.task_names import Queue
from tests.builders import World
from tests.conftest import StoppedClock
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


def test_what_is_late_is_named_with_the_cause(
    app: Flask, editor: BrowserSession, world: World, clock: StoppedClock
) -> None:
    p = get_parts(app)
    world.subscriber()
    record_heartbeats(p.db, clock, ["beat", *Queue], p.settings.var)
    assert "never shown itself" not in editor.get_page("/admin/")
    clock.advance(minutes=45)
    page = editor.get_page("/admin/")
    assert (
        "Subscribers who are due have no edition since 12:00 UTC (45 min): beat has not shown itself" in page
    )
    assert "Nobody works on the queue letters" in page


def test_an_account_chooses_whether_it_gets_alerts(app: Flask, editor: BrowserSession) -> None:
    p = get_parts(app)

    def count() -> int:
        with p.db.read() as tx:
            return len(accounts.wanting_alerts(tx))

    assert "Get alerts by mail" in editor.get_page("/admin/security")
    editor.post("/admin/security/alerts", {}, form_page="/admin/security")
    assert count() == 1
    assert "Stop alerts" in editor.get_page("/admin/security")
    editor.post("/admin/security/alerts", {}, form_page="/admin/security")
    assert count() == 0
