"""The local outbox: everybody's mail, so only on this machine, and only while there is no mail server."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from digest.app import create_app
from digest.mail import outbox
from digest.mail.outbox import OutboxRelay
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from tests.fake_relay import send_one

PROXIES = (
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "x-forwarded-proto",
    "Forwarded",
    "Via",
    "X-Real-IP",
    "CF-Connecting-IP",
    "True-Client-IP",
)
PAGES = ("/outbox", "/outbox/{key}", "/outbox/{key}/html", "/outbox/{key}/raw")
MAIL = (
    b"Subject: Hello <b>you</b>\r\nTo: ann@example.com\r\nDate: Tue, 10 Mar 2026 12:00:00 +0000\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>hi</p><script>alert(1)</script>\r\n"
)


def site(settings: Settings, **changes: str) -> tuple[Flask, str]:
    """An application with one mail in its outbox, and that mail's key."""
    app = create_app(replace(settings, **{"base_url": "http://127.0.0.1:8000"} | changes))  # type: ignore[arg-type]
    app.testing = True
    app.extensions[EXTENSION_KEY].db.upgrade()
    box = settings.outbox
    send_one(OutboxRelay(box), "ann@example.com", MAIL)
    return app, outbox.listing(box)[0].key


@pytest.mark.parametrize("page", PAGES)
def test_on_this_machine_it_is_open(settings: Settings, page: str) -> None:
    app, key = site(settings)
    answer = app.test_client().get(page.format(key=key))
    assert answer.status_code == 200
    if not page.endswith("raw"):
        assert (
            "<script>alert" not in answer.text
            or "script-src" not in answer.headers["Content-Security-Policy"]
        )
    assert "<b>you</b>" not in answer.text or page.endswith("raw")


@pytest.mark.parametrize("page", PAGES)
def test_a_public_site_has_none(settings: Settings, page: str) -> None:
    app, key = site(settings, base_url="https://news.example.org")
    answer = app.test_client().get(page.format(key=key), base_url="https://news.example.org")
    assert answer.status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_with_a_mail_server_there_is_none(settings: Settings, page: str) -> None:
    app, key = site(settings, smtp_url="smtp://127.0.0.1:1")
    assert app.test_client().get(page.format(key=key)).status_code == 404


@pytest.mark.parametrize("header", PROXIES)
@pytest.mark.parametrize("page", PAGES)
def test_behind_a_proxy_there_is_none(settings: Settings, page: str, header: str) -> None:
    app, key = site(settings)
    answer = app.test_client().get(page.format(key=key), headers={header: "127.0.0.1"})
    assert answer.status_code == 404


def test_for_another_machine_there_is_none(settings: Settings) -> None:
    app, _ = site(settings)
    answer = app.test_client().get("/outbox", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 404


def test_nothing_but_mails_is_served(settings: Settings, tmp_path: Path) -> None:
    app, _ = site(settings)
    for key in ("..", "%2e%2e", "..%2f..%2fsecret_key", "nothing"):
        assert app.test_client().get(f"/outbox/{key}/raw").status_code == 404


def test_a_mail_shown_as_a_page_can_do_nothing(settings: Settings) -> None:
    app, key = site(settings)
    policy = app.test_client().get(f"/outbox/{key}/html").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
