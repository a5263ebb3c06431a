"""Opening the link of a story: it leads on at once, only to our address for it, and says nothing about the reader."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from celery import Celery
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from digest.articles.models import Article, Story
from digest.broker_state import redis_client
from digest.database import Base
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.sending.delivery_sender import send_due
from digest.opens import recorder, store
from digest.opens.folding import FEWEST_MAILS
from digest.opens.pure.counted_links import CountedLink
from digest.opens.states import Subject
from digest.opens.store import Opens
from digest.parts import EXTENSION_KEY, Parts
from digest.subscribers import lifecycle
from digest.upkeep_tasks import delete_expired, fold_visits
from digest.web import opened_story
from tests.builders import World
from tests.conftest import StoppedClock

SITE = "https://news.example.org"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0", "Accept-Language": "de"}
TARGET = "https://example.net/story/1"
LINK = re.compile(rf"{SITE}(/s/[\w-]+)")


def path_of(parts: Parts, article: int = 1, edition: int = 0) -> str:
    return parts.counted_links.url(CountedLink(article, edition)).removeprefix(SITE)


def open_link(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(
        path, base_url=SITE, headers=BROWSER | {n.replace("_", "-"): v for n, v in headers.items()}
    )


def counted(app: Flask, parts: Parts, clock: StoppedClock) -> Opens:
    """What is counted in all, once everything that waits is."""
    app.extensions[opened_story.EXTENSION].recorder.flush()
    clock.advance(minutes=1)
    fold_visits(parts, app.extensions["celery"])
    with parts.db.read() as tx:
        return store.totals(tx, Subject.ALL, [""]).get("", Opens())


@pytest.fixture
def client(
    app: Flask, celery: Celery, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """A browser, on a site with one story and an empty broker. Nothing is handed over after the test."""
    monkeypatch.setattr(recorder, "FLUSH_INTERVAL", 0.01)
    world.article()
    own = app.extensions[opened_story.EXTENSION].recorder
    yield app.test_client()
    if thread := own._thread:
        thread.join(10)


def test_a_link_leads_on_and_is_counted(
    app: Flask, client: FlaskClient, parts: Parts, clock: StoppedClock
) -> None:
    answer = open_link(client, path_of(parts))
    assert (answer.status_code, answer.location) == (302, TARGET)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert not {"Set-Cookie", "Vary", "ETag"} & set(answer.headers.keys())
    open_link(client, path_of(parts) + ").")
    assert counted(app, parts, clock) == Opens(2, 1, 0)


def test_who_looks_without_opening_is_counted_apart(
    app: Flask, client: FlaskClient, parts: Parts, clock: StoppedClock
) -> None:
    head = client.head(path_of(parts), base_url=SITE, headers=BROWSER)
    assert (head.status_code, head.location) == (302, TARGET)
    assert open_link(client, path_of(parts), User_Agent="Googlebot/2.1").location == TARGET
    assert open_link(client, path_of(parts), Sec_Purpose="prefetch").location == TARGET
    assert counted(app, parts, clock) == Opens(0, 0, 3)


@pytest.mark.parametrize(
    "path", ["/s/", "/s/abc", "/s/" + "a" * 22, "/s/https://evil.example/", "/s/%0d%0aX:1"]
)
def test_a_forged_link_leads_nowhere(client: FlaskClient, path: str) -> None:
    answer = open_link(client, path)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a.example/\r\nSet-Cookie: x=1"],
)
def test_an_address_that_may_be_no_link_leads_nowhere(client: FlaskClient, parts: Parts, url: str) -> None:
    with parts.db.begin() as tx:
        tx.execute(update(Article).values(url=url))
    answer = open_link(client, path_of(parts))
    assert answer.status_code == 410
    assert "Location" not in answer.headers
    assert "evil" not in answer.text


def test_an_address_in_other_letters_is_sent_as_ascii(client: FlaskClient, parts: Parts) -> None:
    with parts.db.begin() as tx:
        tx.execute(update(Article).values(url="https://новости.example/сюжет?a=1&b=é"))
    location = open_link(client, path_of(parts)).headers["Location"]
    assert location == "https://xn--b1amnebsh.example/%D1%81%D1%8E%D0%B6%D0%B5%D1%82?a=1&b=%C3%A9"


def test_links_to_stories_that_are_gone_say_so(
    client: FlaskClient, parts: Parts, clock: StoppedClock
) -> None:
    assert open_link(client, path_of(parts, 77)).status_code == 410
    with parts.db.begin() as tx:
        tx.execute(update(Story).values(hidden=True))
    answer = open_link(client, path_of(parts))
    assert answer.status_code == 410
    assert "Die Redaktion hat diese Meldung zurückgezogen." in answer.text
    with parts.db.begin() as tx:
        tx.execute(delete(Article))
    clock.advance(minutes=2)
    assert "Ihre nächste Presseschau hat neuere." in open_link(client, path_of(parts)).text


def test_where_counting_is_off_again_old_links_still_lead_on_and_nothing_is_counted(
    app: Flask, client: FlaskClient, parts: Parts, clock: StoppedClock, celery: Celery
) -> None:
    app.extensions[EXTENSION_KEY] = off = replace(parts, settings=replace(parts.settings, count_opens=False))
    assert open_link(client, path_of(parts)).location == TARGET
    assert counted(app, off, clock) == Opens()
    with redis_client(celery) as redis:
        assert redis.keys("dateline:opens:*") == []


def test_a_broker_that_is_away_stops_no_link(
    app: Flask,
    client: FlaskClient,
    parts: Parts,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    nobody = Celery("test", broker="redis+socket:///nowhere/nobody.sock", set_as_current=False)
    nobody.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
    kept = app.extensions[opened_story.EXTENSION]
    app.extensions[opened_story.EXTENSION] = kept._replace(recorder=recorder.OpenRecorder(nobody))
    monkeypatch.setattr(recorder, "MOST_NOTED", 3)
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            assert open_link(client, path_of(parts)).location == TARGET
        app.extensions[opened_story.EXTENSION].recorder.flush()
    assert "opened stories are not counted" in caplog.text


def test_a_recorder_hands_over_by_itself(parts: Parts, clock: StoppedClock, celery: Celery) -> None:
    own = recorder.OpenRecorder(celery)
    own.note(clock(), CountedLink(1, 0), address="192.0.2.7", agent="Firefox", is_machine=False)
    thread = own._thread
    assert thread
    thread.join(10)
    with redis_client(celery) as redis:
        assert redis.llen("dateline:opens:waiting") == 1


def everything(parts: Parts, celery: Celery) -> str:
    """All rows of all tables but those of subscribers, and all that the broker has, as text."""
    with parts.db.read() as tx:
        rows = [
            repr(tuple(row)) for table in Base.metadata.sorted_tables for row in tx.execute(table.select())
        ]
    with redis_client(celery) as redis:
        keys = [key for key in redis.keys("*") if redis.type(key) in (b"list", b"string")]
        values = [redis.lrange(key, 0, -1) if redis.type(key) == b"list" else redis.get(key) for key in keys]
        return "\n".join([*rows, *map(repr, keys), *map(repr, values)])


def test_nothing_says_who_opened_a_story(
    app: Flask, client: FlaskClient, world: World, clock: StoppedClock, celery: Celery
) -> None:
    parts = app.extensions[EXTENSION_KEY]
    readers = [world.subscriber(regions=["kz"]) for _ in range(FEWEST_MAILS)]
    assert plan_due(parts.db, parts.planner(), clock()).deliveries == FEWEST_MAILS
    send_due(parts.db, parts.sending)
    before = everything(parts, celery)
    mails = [path.read_text() for path in sorted((parts.settings.outbox / "new").iterdir())]
    links = {link for mail in mails for link in LINK.findall(mail.replace("=\n", "").replace("=3D", "="))}
    assert len(links) == 1  # every reader got the same
    (path,) = links
    for place in range(3):
        app.test_client().get(
            path, base_url=SITE, headers=BROWSER, environ_overrides={"REMOTE_ADDR": f"198.51.100.{place}"}
        )
    app.extensions[opened_story.EXTENSION].recorder.flush()
    after = everything(parts, celery)
    for trace in ("198.51.100", "Firefox", path.removeprefix("/s/"), *(r.public_id for r in readers)):
        assert after.count(trace) == before.count(trace), trace
    assert counted(app, parts, clock) == Opens(3, 3, 0)
    for reader in readers:
        lifecycle.erase(parts.db, reader.public_id, secret=parts.settings.secret_key, now=clock())
    with parts.db.read() as tx:
        assert store.totals(tx, Subject.EDITION, ["1"]) == {"1": Opens(3, 3, 0)}
    clock.advance(days=parts.settings.archive_days + 14)
    delete_expired(parts, app.extensions["celery"])
    with parts.db.read() as tx:
        assert store.totals(tx, Subject.EDITION, ["1"]) == {}
