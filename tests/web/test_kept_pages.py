"""Pages that are the same for everybody: kept for a minute, compressed, without a cookie; static files for a year."""

import gzip
import re

import brotli
import pytest
from flask import Flask

from digest.subscribers.states import SubscriberState
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.subscribers import ANN, SUBSCRIPTION_FORM, find_subscriber, get_subscriber

SITE = "https://news.example.org"
MOST_OCTETS = 40_000  # of the form, compressed
FEED = "/regions/central-asia/feed.atom"


@pytest.mark.parametrize("language", ["en", "ru", "fa", "ka"])
@pytest.mark.parametrize(("encoding", "decode"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_the_form_is_small_public_and_sets_no_cookie(
    app: Flask, language: str, encoding: str, decode: object
) -> None:
    answer = app.test_client().get(f"/?lang={language}", headers={"Accept-Encoding": encoding})
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert set(answer.headers["Vary"].split(", ")) == {"Accept-Encoding"}
    assert "Set-Cookie" not in answer.headers
    assert len(answer.data) <= MOST_OCTETS
    assert decode(answer.data) == app.test_client().get(f"/?lang={language}").data  # type: ignore[operator]


def test_without_a_language_in_the_address_caches_are_told_what_decides(app: Flask) -> None:
    answer = app.test_client().get("/")
    assert set(answer.headers["Vary"].split(", ")) == {"Accept-Encoding", "Accept-Language"}


@pytest.mark.parametrize("path", ["/", FEED, "/regions"])
def test_who_has_the_page_gets_304_for_each_encoding(app: Flask, path: str) -> None:
    for encoding in ("identity", "gzip", "br"):
        headers = {"Accept-Encoding": encoding}
        etag = app.test_client().get(path, headers=headers).headers["ETag"]
        again = app.test_client().get(path, headers=headers | {"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")


def test_a_change_shows_after_a_minute(app: Flask, world: World, clock: StoppedClock) -> None:
    client = app.test_client()
    assert b"<entry>" not in client.get(FEED).data
    world.article("News of the steppe", ["KZ"])
    assert b"<entry>" not in client.get(FEED).data
    clock.advance(seconds=61)
    assert b"<entry>" in client.get(FEED).data


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_a_form_on_another_site_subscribes_nobody(app: Flask, headers: dict[str, str]) -> None:
    form = SUBSCRIPTION_FORM | {"email": ANN}
    answer = app.test_client().post("/", data=form, headers=headers, base_url=SITE)
    assert answer.status_code == 403
    assert find_subscriber(app) is None


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": SITE}])
def test_our_own_form_needs_no_token(app: Flask, headers: dict[str, str]) -> None:
    form = SUBSCRIPTION_FORM | {"email": ANN}
    answer = app.test_client().post("/", data=form, headers=headers, base_url=SITE)
    assert answer.status_code == 303
    assert get_subscriber(app).state == SubscriberState.PENDING


def test_static_files_have_the_hash_of_their_content_in_their_address_and_are_kept_for_a_year(
    app: Flask,
) -> None:
    client = app.test_client()
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert {address.partition("?")[0] for address in addresses} >= {"/static/dateline.css", "/static/join.js"}
    for address in addresses:
        answer = client.get(address, headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    old = client.get(addresses[-1].partition("?")[0] + "?v=0123456789ab")
    assert old.headers["Cache-Control"] == "public, max-age=3600"
    assert client.get("/static/no-such-file.css").status_code == 404
    assert client.get("/static/../register.py").status_code == 404


@pytest.mark.parametrize("path", ["/?lang=en", "/regions?lang=en", "/regions/ge?lang=en"])
def test_nobody_can_write_into_a_page_that_others_get(app: Flask, path: str) -> None:
    client = app.test_client()
    for extra in ("&planted=1", "&regions=planted", "&q=%20&planted=1", "&q=%20&q=planted"):
        client.get(path + extra)
        assert "planted" not in client.get(path).text


def test_a_language_that_pages_do_not_have_leaves_nothing_in_a_page_that_others_get(app: Flask) -> None:
    client = app.test_client()
    client.get("/regions/ge?lang=planted")
    assert 'name="lang"' not in client.get("/regions/ge").text
    assert '<input type="hidden" name="lang" value="ka">' in client.get("/regions/ge?lang=ka").text
