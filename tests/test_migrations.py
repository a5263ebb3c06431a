"""Migrations of a database with articles: upgrade and downgrade lose nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from sqlalchemy import text

from digest.database import Database, alembic_config

MOMENT = "2026-03-10 12:00:00"
FIRST_RELEASE_ROWS: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "sources",
        {
            "id": 1,
            "url": "https://News.example:8443/feed",
            "title": "News",
            "link": "",
            "language": "en",
            "home": "",
        }
        | {"state": "active", "created_at": MOMENT, "next_poll_at": MOMENT, "last_error": "", "failures": 0},
    ),
    ("stories", {"id": 1, "first_seen_at": MOMENT, "title_key": "a", "hidden": False, "version": 1}),
    ("stories", {"id": 2, "first_seen_at": MOMENT, "title_key": "b", "hidden": False, "version": 1}),
    (
        "articles",
        {"id": 1, "source_id": 1, "story_id": 1, "url": "https://news.example/1", "guid": "1", "title": "T"}
        | {
            "excerpt": "",
            "text": "",
            "author": "",
            "language": "en",
            "published_at": MOMENT,
            "seen_at": MOMENT,
        }
        | {"date_source": "published", "content_hash": "h", "retagged": False},
    ),
    ("article_tags", {"article_id": 1, "country": "KZ", "weight": 1.0, "evidence": "[]"}),
    (
        "editions",
        {
            "id": 1,
            "kind": "test",
            "slot": "s",
            "state": "sent",
            "audience": "{}",
            "note": "",
            "cutoff": MOMENT,
        }
        | {"created_at": MOMENT},
    ),
    ("preferences", {"key": "k", "regions": "[]", "language": "en"}),
    (
        "digests",
        {
            "id": 1,
            "public_id": "p",
            "edition_id": 1,
            "preferences_key": "k",
            "window_start": MOMENT,
            "subject": "s",
        }
        | {"sections": json.dumps([["world", [[1, 1]]]]), "hash": "h"},
    ),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def first_release_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the first release, with an article in a digest."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'first.sqlite3'}")
    else:
        shared = Database(request.getfixturevalue("postgres_url"))
        with shared.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("drop database if exists first_release"))
            connection.execute(text("create database first_release"))
        url = shared.engine.url.set(database="first_release")
        database = Database(url.render_as_string(hide_password=False))
        shared.close()
    alembic.command.upgrade(alembic_config(database.engine), "0001")
    zone = "+00:00" if request.param == "postgresql" else ".000000"
    with database.begin() as tx:
        for table, row in FIRST_RELEASE_ROWS:
            values = {name: f"{MOMENT}{zone}" if value == MOMENT else value for name, value in row.items()}
            columns = ", ".join(row)
            placeholders = ", ".join(f":{name}" for name in row)
            tx.execute(text(f"insert into {table} ({columns}) values ({placeholders})"), values)  # noqa: S608 -- our own names
    yield database
    database.close()


def fetch_rows(database: Database, query: str) -> list[Any]:
    with database.read() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


def test_upgrading_keeps_articles_and_marks_the_stories_that_were_sent(first_release_db: Database) -> None:
    first_release_db.upgrade()
    assert fetch_rows(first_release_db, "select host, excerpt_length, rate from sources") == [
        ("news.example", 280, 0.0)
    ]
    assert [row[1] for row in fetch_rows(first_release_db, "select id, kept from stories order by id")] == [
        True,
        False,
    ]
    assert fetch_rows(
        first_release_db, "select count(*) from articles where listed_at = seen_at and held = ''"
    ) == [(1,)]
    assert fetch_rows(first_release_db, "select country from article_tags") == [("KZ",)]


def test_downgrading_keeps_articles_with_their_tags(first_release_db: Database) -> None:
    first_release_db.upgrade()
    alembic.command.downgrade(alembic_config(first_release_db.engine), "0001")
    assert fetch_rows(first_release_db, "select country from article_tags") == [("KZ",)]
    assert fetch_rows(first_release_db, "select story_id, url from articles") == [
        (1, "https://news.example/1")
    ]
    first_release_db.upgrade()
    assert fetch_rows(first_release_db, "select host from sources") == [("news.example",)]
