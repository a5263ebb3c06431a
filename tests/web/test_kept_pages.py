"""Pages that are the same for everybody: kept for a minute, compressed, without a cookie; static files for a year."""

import gzip
import re
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock, patch

import brotli
import pytest
from flask import Flask

from digest.editions.bounded_cache import BoundedCache
from digest.monitoring.states import FigureName
from digest.monitoring.store.figures import list_figures
from digest.parts import EXTENSION_KEY, Parts
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


@pytest.mark.parametrize("path", ["/", "/regions", "/regions/ge"])
def test_a_page_that_has_no_date_claims_none(app: Flask, path: str) -> None:
    assert "Last-Modified" not in app.test_client().get(path).headers


@pytest.mark.parametrize("path", ["/", "/?lang=fa", FEED, "/regions", "/static/dateline.css"])
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_an_answer_from_memory_is_the_one_that_flask_gave(app: Flask, path: str, encoding: str) -> None:
    client = app.test_client()
    headers = {"Accept-Encoding": encoding, "Accept-Language": "ru"}

    def answer(**more: str) -> tuple[int, bytes, dict[str, str]]:
        response = client.get(path, headers=headers | more)
        own = {
            name: value for name, value in response.headers.items() if name not in ("X-Request-ID", "Date")
        }
        assert re.fullmatch("[0-9a-f]{16}", response.headers["X-Request-ID"])
        return response.status_code, response.data, own

    first = answer()
    etag = first[2]["ETag"]
    app.wsgi_app._answers = BoundedCache(100)  # type: ignore[attr-defined]  # so that Flask gives the 304
    first_304 = answer(If_None_Match=etag)
    with patch.object(app, "full_dispatch_request", side_effect=AssertionError("Flask was asked")):
        assert answer() == first
        assert answer(If_None_Match=f'"other", {etag}') == first_304
        assert answer(If_None_Match='"other"') == first


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"Accept-Language": "fa"}},
        {"headers": {"Cookie": "session=x"}},
        {"headers": {"X-Forwarded-For": "198.51.100.7"}},
        {"environ_base": {"REMOTE_ADDR": "198.51.100.7"}},
        {"base_url": "http://127.0.0.1"},
        {"method": "HEAD"},
        {"path": "/?regions=ge"},
    ],
)
def test_a_request_that_may_get_another_answer_asks_flask(app: Flask, other: dict[str, object]) -> None:
    client = app.test_client()
    client.get("/", headers={"Accept-Language": "en"})
    asked = {"path": "/", "headers": {"Accept-Language": "en"}, **other}
    with patch.object(app, "full_dispatch_request", side_effect=AssertionError("Flask was asked")):
        assert client.get("/", headers={"Accept-Language": "en"}).status_code == 200
        with pytest.raises(AssertionError, match="Flask was asked"):
            client.open(**{"method": "GET", **asked})  # type: ignore[arg-type]


def test_answers_from_memory_are_counted(app: Flask) -> None:
    for _ in range(3):
        app.test_client().get(FEED)
    parts: Parts = app.extensions[EXTENSION_KEY]
    parts.figures.flush()
    with parts.db.read() as tx:
        figures = {(figure.name, figure.labels["route"]): figure.value for figure in list_figures(tx)}
    assert figures[FigureName.HTTP_REQUESTS, "web.feed"] == 3


def test_a_page_is_rendered_once_for_all_who_ask_at_the_same_time(app: Flask, clock: StoppedClock) -> None:
    def render_slowly() -> str:
        time.sleep(0.2)
        return "<p>form</p>"

    client, rendered = app.test_client(), Mock(side_effect=render_slowly)
    with patch("digest.web.subscribe._render_first_form", rendered), ThreadPoolExecutor(4) as pool:
        assert len({answer.data for answer in pool.map(lambda _: client.get("/"), range(4))}) == 1
        assert rendered.call_count == 1
        clock.advance(seconds=61)
        list(pool.map(lambda _: app.test_client().get("/"), range(4)))
        assert rendered.call_count == 2


def test_a_page_that_has_just_ended_is_given_while_it_is_rendered_again(
    app: Flask, clock: StoppedClock
) -> None:
    def ask_meanwhile() -> str:
        with patch("digest.web.subscribe._render_first_form", side_effect=AssertionError("rendered twice")):
            assert app.test_client().get("/").data == first
        return "<p>new</p>"

    first = app.test_client().get("/").data
    clock.advance(seconds=61)
    with patch("digest.web.subscribe._render_first_form", ask_meanwhile):
        assert app.test_client().get("/").text == "<p>new</p>"
    assert app.test_client().get("/").text == "<p>new</p>"
