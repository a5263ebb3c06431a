"""Migrations of a database with articles and deliveries: upgrade and downgrade lose nothing."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from sqlalchemy import inspect, text

from digest.database import Database
from digest.database_migrations import alembic_config
from digest.deliveries.store import claims, ranges

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
    assert fetch_rows(first_release_db, "select kind, kind_reason, kind_chosen from articles") == [
        ("news", "", False)
    ]


def test_downgrading_keeps_articles_with_their_tags(first_release_db: Database) -> None:
    first_release_db.upgrade()
    alembic.command.downgrade(alembic_config(first_release_db.engine), "0001")
    assert fetch_rows(first_release_db, "select country from article_tags") == [("KZ",)]
    assert fetch_rows(first_release_db, "select story_id, url from articles") == [
        (1, "https://news.example/1")
    ]
    first_release_db.upgrade()
    assert fetch_rows(first_release_db, "select host from sources") == [("news.example",)]


MOMENTS = {"claimed_until": "2026-03-10 12:05:00", "planned_at": "2026-03-10 11:00:00"}
EDITION_OF_0008 = (
    "insert into editions (id, kind, slot, state, audience, note, cutoff, created_at)"
    " values (2, 'manual', 't', 'sending', '{}', '', :planned_at, :planned_at)",
    "insert into digests (id, public_id, edition_id, preferences_key, window_start, subject, sections, hash)"
    " values (2, 'q', 2, 'k', :planned_at, 's', '[]', 'i')",
)
DELIVERY_OF_0008 = (
    "insert into deliveries (id, edition_id, digest_id, test_address, state, not_before, claim, attempts, in_doubt,"
    " planned_at, answer) values (:id, 2, 2, 'a@example.com', :state, :claimed_until, :claim, 1, :in_doubt,"
    " :planned_at, '')"
)
STATES_OF_0008 = ("claimed", "claimed", "planned", "accepted")


@pytest.fixture
def claimed_db(first_release_db: Database) -> Database:
    """A database of migration 0008 in which a sender has claimed two of four deliveries."""
    alembic.command.upgrade(alembic_config(first_release_db.engine), "0008")
    is_sqlite = first_release_db.engine.dialect.name == "sqlite"
    moments = {name: moment + (".000000" if is_sqlite else "+00:00") for name, moment in MOMENTS.items()}
    with first_release_db.begin() as tx:
        for statement in EDITION_OF_0008:
            tx.execute(text(statement), moments)
        for number, state in enumerate(STATES_OF_0008, 1):
            claim = "0123abcd" if state == "claimed" else ""
            values = {"id": number, "state": state, "claim": claim, "in_doubt": number == 2}
            tx.execute(text(DELIVERY_OF_0008), moments | values)
    return first_release_db


def index_names(database: Database, table: str) -> set[str | None]:
    return {index["name"] for index in inspect(database.engine).get_indexes(table)}


def test_claimed_deliveries_are_planned_after_the_upgrade_and_can_be_claimed_at_once(
    claimed_db: Database,
) -> None:
    alembic.command.upgrade(alembic_config(claimed_db.engine), "0009")
    assert fetch_rows(claimed_db, "select id, state, attempts, in_doubt from deliveries order by id") == [
        (1, "planned", 1, False),
        (2, "planned", 1, True),
        (3, "planned", 1, False),
        (4, "accepted", 1, False),
    ]
    claimed_db.upgrade()
    now = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    with claimed_db.begin() as tx:
        assert ranges.divide(tx) == 1
        part = ranges.claim(tx, "holder", now)
        assert part is not None
        assert part.counts == {"planned": 3, "accepted": 1}
        # The claim of the first two had five more minutes; the third one is to be tried again only then.
        assert [delivery.id for delivery in claims.load_claimed(tx, part, now)] == [1, 2]


def test_ids_of_deliveries_may_exceed_32_bits_after_the_upgrade(claimed_db: Database) -> None:
    claimed_db.upgrade()
    with claimed_db.begin() as tx:
        tx.execute(text("update deliveries set id = 3000000000 where id = 4"))
    with claimed_db.begin() as tx:
        assert ranges.divide(tx) == 1
    assert fetch_rows(claimed_db, "select after_id, up_to_id from delivery_ranges") == [(0, 3_000_000_000)]


def test_downgrading_restores_claims_and_keeps_deliveries(claimed_db: Database) -> None:
    config = alembic_config(claimed_db.engine)
    columns = {column["name"] for column in inspect(claimed_db.engine).get_columns("deliveries")}
    indexes = index_names(claimed_db, "deliveries")
    claimed_db.upgrade()
    with claimed_db.begin() as tx:
        ranges.divide(tx)
        assert ranges.claim(tx, "holder", datetime(2026, 3, 10, 12, 0, tzinfo=UTC)) is not None
    alembic.command.downgrade(config, "0008")
    assert fetch_rows(claimed_db, "select id, state, claim, attempts from deliveries order by id") == [
        (1, "planned", "", 1),
        (2, "planned", "", 1),
        (3, "planned", "", 1),
        (4, "accepted", "", 1),
    ]
    assert {column["name"] for column in inspect(claimed_db.engine).get_columns("deliveries")} == columns
    assert index_names(claimed_db, "deliveries") == indexes
    tables = set(inspect(claimed_db.engine).get_table_names())
    assert not tables & {"delivery_ranges", "sender_slots"}
    claimed_db.upgrade()
    with claimed_db.begin() as tx:
        assert ranges.divide(tx) == 1
