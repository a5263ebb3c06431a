"""The error pages: their layout, their language and their links."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.database import Database
from digest.parts import EXTENSION_KEY
from tests.web.browser_session import BrowserSession

SITE = "https://news.example.org"
RUSSIAN = {"Accept-Language": "ru"}


def test_an_unknown_url_leads_to_the_start_page(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", base_url=SITE)
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.text
    assert 'role="button" href="/"' in answer.text
    assert "Send me a new link" not in answer.text


def test_a_broken_link_from_a_mail_offers_a_new_link(client: FlaskClient) -> None:
    answer = client.get("/preferences/cut-short", base_url=SITE)
    assert answer.status_code == 400
    assert 'role="button" href="/link"' in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/none", 404), ("PUT", "/", 405), ("GET", "/regions/kz/feed.rss", 404)],
)
def test_an_error_page_is_in_the_language_of_the_browser(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method, base_url=SITE, headers=RUSSIAN)
    assert answer.status_code == status
    assert 'lang="ru"' in answer.text
    assert "Not found" not in answer.text
    assert "Not Found" not in answer.text
    assert "Not Allowed" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/nothing", 404),
        ("/admin/accounts", 403),
        ("/admin/sources/try", 405),
        ("/admin/editions/99", 404),
    ],
)
def test_errors_in_the_newsroom_have_its_layout(editor: BrowserSession, path: str, status: int) -> None:
    answer = editor.get(path, headers=RUSSIAN)
    assert answer.status_code == status
    assert 'class="newsroom"' in answer.text
    assert 'lang="en"' in answer.text
    assert "Back to the overview" in answer.text
    assert "Send me" not in answer.text


def test_a_too_large_request_in_the_newsroom_has_its_layout(editor: BrowserSession) -> None:
    answer = editor.post_without_token("/admin/sources/import", {"csrf_token": "x" * 3_000_000})
    assert answer.status_code in (400, 413)
    assert 'class="newsroom"' in answer.text


def test_an_unknown_url_of_the_newsroom_shows_strangers_no_navigation(
    client: FlaskClient,
) -> None:
    answer = client.get("/admin/nothing", base_url=SITE)
    assert answer.status_code == 404
    assert "/admin/accounts" not in answer.text


def test_programs_get_errors_as_json(client: FlaskClient) -> None:
    for path, status in (
        ("/api/feedback/mailgun", 404),
        ("/api/feedback/nobody", 404),
        ("/api/sources", 405),
    ):
        answer = client.post(path, base_url=SITE, json={"signature": {}, "event-data": {}})
        assert (answer.status_code, answer.is_json) == (status, True), path
        assert answer.json
        assert answer.json["error"]


def test_signing_in_before_a_button_leads_to_the_page_with_the_button(
    app: Flask, editor: BrowserSession
) -> None:
    data = {"email": "editor@example.org", "password": editor.password}
    answer = editor.post("/admin/sign-in?next=/admin/compose/send", data, form_page="/admin/sign-in")
    assert (answer.status_code, answer.location) == (302, "/admin/compose")


def test_pages_report_a_database_that_does_not_answer(
    app: Flask, editor: BrowserSession, tmp_path: Path
) -> None:
    app.extensions[EXTENSION_KEY] = replace(
        app.extensions[EXTENSION_KEY], db=Database(f"sqlite:///{tmp_path}")
    )
    app.testing = False
    for path in ("/admin/", "/admin/editions/1", "/admin/nothing", "/link"):
        answer = editor.get(path)
        assert 'class="wordmark"' in answer.text, path
        assert "Traceback" not in answer.text
    assert editor.get("/admin/").status_code == 503
    asked = editor.get("/api/sources")
    assert (asked.status_code, asked.is_json) == (503, True)


def test_an_unknown_region_is_told_in_words_for_readers(app: Flask) -> None:
    page = app.test_client().get("/regions/atlantis")
    assert page.status_code == 404
    assert "There is no page at this address." in page.text
    assert "dateline regions" not in page.text
