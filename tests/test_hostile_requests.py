"""What no request may do, whatever it holds: break a page, add a header, or write markup into a page."""

import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.builders import World
from tests.web.browser_session import sign_in_as

BASE = "https://news.example.org"
FIELDS = (
    "email", "password", "q", "page", "next", "regions", "lang", "hour", "zone", "size", "code", "passkey", "state",
    "reason", "since", "until", "hours", "minutes", "at", "kind", "country", "source", "slot", "note", "weight", "url",
    "condition", "address", "title", "countries", "rate", "story", "role", "event", "name", "from", "to",
)  # fmt: skip
HOSTILE_TEXTS = (
    "\x00", "%00", "'\"><script>", "{{7*7}}", "../../etc/passwd", "\r\nX-Injected: 1", "\ud800", "9" * 400, "-1", "NaN",
    "1e999", "٣", "=cmd|' /C calc'!A0", "\u202e", "[]", "2026-99-99", "0001-01-01", "9999-12-31", "a" * 5000,
)  # fmt: skip
ROUNDS = 4  # in each, every field has another text
ENDING_ENDPOINTS = ("admin.sign_out",)


@pytest.fixture(params=["stranger", "admin"])
def browser(request: pytest.FixtureRequest, app: Flask) -> FlaskClient:
    """A browser of a stranger, and one of an admin. Forms need no CSRF token."""
    made = app.test_client() if request.param == "stranger" else sign_in_as(app, "admin").client
    app.config["WTF_CSRF_ENABLED"] = False
    return made


def encode(text: str) -> str:
    """A text, lone surrogates included, as it stands in an address or a form."""
    return quote(text, safe="", errors="surrogatepass")


def hostile_query(number: int) -> str:
    """All fields, each with a hostile text; another number gives them other texts."""
    texts = [HOSTILE_TEXTS[(index + 5 * number) % len(HOSTILE_TEXTS)] for index in range(len(FIELDS))]
    return "&".join(f"{name}={encode(text)}" for name, text in zip(FIELDS, texts, strict=True))


def paths_of(rule: Rule, text: str) -> Iterator[str]:
    """Addresses of a route: with an ordinary id, and with the text wherever a text may stand."""
    path = re.sub(r"<any\(\W*(\w+)[^>]*>", r"\1", rule.rule)
    yield re.sub(r"<[^>]+>", "1", path)
    yield re.sub(r"<[^>]+>", encode(text), re.sub(r"<int:[^>]+>", "1", path))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_no_text_breaks_a_page(
    app: Flask, browser: FlaskClient, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    query, tried = hostile_query(number), 0
    caplog.set_level(logging.ERROR)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in ENDING_ENDPOINTS:
            continue
        for path in paths_of(rule, HOSTILE_TEXTS[(tried + number) % len(HOSTILE_TEXTS)]):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = send(browser, method, path, query)
                what = f"{method} {path}: {answer.status_code} {caplog.text[-2000:]}"
                assert answer.status_code < 500 or answer.status_code == 503, what
                assert "X-Injected" not in answer.headers, what
                assert answer.mimetype != "text/html" or "'\"><script>" not in answer.text, what
                tried += 1
    assert tried > 150


def test_the_first_and_the_last_day_that_there_are_are_refused(app: Flask) -> None:
    browser = sign_in_as(app, "admin")
    for query in (
        "articles?until=9999-12-31",
        "subscribers?joined_until=9999-12-31",
        "subscribers?joined_from=0001-01-01",
        "audit?until=9999-12-31",
    ):
        page = browser.get(f"/admin/{query}")
        assert page.status_code in (400, 422), query
        assert "is not a day" in page.text, query


def test_a_number_of_hundreds_of_digits_is_refused(app: Flask, world: World) -> None:
    world.source()
    browser = sign_in_as(app, "admin")
    for path, form in (
        ("/admin/sources/1", {"title": "Post", "weight": "1", "excerpt_length": "9" * 400}),
        ("/admin/tokens", {"name": "app", "read": "y", "days": "9" * 400}),
    ):
        page = browser.post(path, form, form_page=path)
        assert page.status_code in (400, 422), path
        assert "is no whole number" in page.text, path


def send(browser: FlaskClient, method: str, path: str, query: str) -> TestResponse:
    """Send the fields in the address of a GET, and as the form of a POST."""
    if method == "GET":
        return browser.get(f"{path}?{query}", base_url=BASE)
    return browser.post(path, data=query, content_type="application/x-www-form-urlencoded", base_url=BASE)
