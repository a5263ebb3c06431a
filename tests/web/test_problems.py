"""Pages that say no: whose face they wear, in which language, and where they lead."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.database import Database
from digest.parts import KEY
from tests.web.browser_session import Desk

SITE = "https://news.example.org"
RUSSIAN = {"Accept-Language": "ru"}


def test_an_address_that_is_none_leads_to_the_start(client: FlaskClient) -> None:
    answer = client.get("/no-such-page", base_url=SITE)
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.text
    assert 'role="button" href="/"' in answer.text
    assert "Mail me a new link" not in answer.text


def test_a_link_from_a_mail_that_does_not_work_can_be_had_anew(client: FlaskClient) -> None:
    answer = client.get("/preferences/cut-short", base_url=SITE)
    assert answer.status_code == 400
    assert 'role="button" href="/link"' in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/none", 404), ("PUT", "/", 405), ("GET", "/regions/kz/feed.rss", 404)],
)
def test_a_problem_is_told_in_the_reader_s_language(
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
def test_editors_problems_wear_the_newsroom_s_face(editor: Desk, path: str, status: int) -> None:
    answer = editor.get(path, headers=RUSSIAN)
    assert answer.status_code == status
    assert 'class="newsroom"' in answer.text
    assert 'lang="en"' in answer.text
    assert "Back to the overview" in answer.text
    assert "Mail me" not in answer.text


def test_too_much_in_the_newsroom_is_told_there(editor: Desk) -> None:
    answer = editor.post_bare("/admin/sources/import", {"csrf_token": "x" * 3_000_000})
    assert answer.status_code in (400, 413)
    assert 'class="newsroom"' in answer.text


def test_an_address_of_the_newsroom_s_that_is_none_shows_strangers_no_more_than_that(
    client: FlaskClient,
) -> None:
    answer = client.get("/admin/nothing", base_url=SITE)
    assert answer.status_code == 404
    assert "/admin/accounts" not in answer.text


def test_a_program_is_told_in_json(client: FlaskClient) -> None:
    for path, status in (
        ("/api/feedback/mailgun", 404),
        ("/api/feedback/nobody", 404),
        ("/api/sources", 405),
    ):
        answer = client.post(path, base_url=SITE, json={"signature": {}, "event-data": {}})
        assert (answer.status_code, answer.is_json) == (status, True), path
        assert answer.json
        assert answer.json["error"]


def test_whoever_signed_in_on_the_way_to_a_button_lands_on_its_page(app: Flask, editor: Desk) -> None:
    data = {"email": "editor@example.org", "password": editor.password}
    answer = editor.post("/admin/sign-in?next=/admin/compose/send", data, on="/admin/sign-in")
    assert (answer.status_code, answer.location) == (302, "/admin/compose")


def test_editors_are_told_when_the_database_does_not_answer(app: Flask, editor: Desk, tmp_path: Path) -> None:
    app.extensions[KEY] = replace(app.extensions[KEY], db=Database(f"sqlite:///{tmp_path}"))
    app.testing = False
    for path in ("/admin/", "/admin/editions/1", "/admin/nothing", "/link"):
        answer = editor.get(path)
        assert 'class="wordmark"' in answer.text, path
        assert "Traceback" not in answer.text
    assert editor.get("/admin/").status_code == 503
    asked = editor.get("/api/sources")
    assert (asked.status_code, asked.is_json) == (503, True)
