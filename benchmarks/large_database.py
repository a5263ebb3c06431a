"""A database as a large site has after some weeks: subscribers, old articles, editions and their deliveries.

Rows are copies of one that the program wrote, with values of their own where a page looks at them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, literal, select, text

from digest.articles.models import Article, ArticleTag, Story
from digest.database import Database
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionState
from digest.sources.models import Source
from digest.subscribers.models import Subscriber
from tests.builders import invented_words

Row = Mapping[str, Any]

CHUNK = 20_000  # rows of a statement
RANGE = 1_000  # deliveries of a range
DELIVERIES_OF_AN_EDITION = 50_000
DIGESTS_OF_AN_EDITION = 200
SOURCES = 60
FIRST_NAMES = ("ann", "bob", "cyd", "dan", "eve")
LAST_NAMES = ("hill", "road", "lake", "tree", "lark")
COUNTRIES = ("KZ", "GE", "FR", "PE", "IR", "UZ", "AM", "TR", "DE", "BR")


def add_subscribers(db: Database, count: int) -> None:
    """Copies of the first subscriber with addresses of their own, who joined at any time and are due in any slot."""
    first = _row(db, Subscriber, 1)

    def rows() -> Iterator[Row]:
        for number in range(1, count):
            name = f"{FIRST_NAMES[number % 5]}{number}.{LAST_NAMES[number // 7 % 5]}"
            address, age = f"{name}@mail{number % 40}.example.com", timedelta(days=number % 1000)
            times = {name: first[name] - age for name in ("created_at", "confirmed_at")}
            due = first["created_at"] + timedelta(minutes=15 * (number % 96))
            own = {"public_id": f"p{number}", "email": address, "email_key": address, "next_due_at": due}
            yield first | times | own

    _insert(db, Subscriber, rows())


def add_old_articles(db: Database, count: int) -> None:
    """Articles of the last months, each of a story of its own and about two countries, from some sources."""
    article, story, source = _row(db, Article, 1), _row(db, Story, 1), _row(db, Source, 1)
    first = {table: _next_id(db, table) for table in (Article, Story, Source)}
    _insert(
        db,
        Source,
        ({**source, "url": f"https://s{n}.example/feed", "title": f"Source {n}"} for n in range(SOURCES)),
    )
    newest: datetime = article["seen_at"] - timedelta(days=3)

    def seen(number: int) -> datetime:
        return newest - timedelta(minutes=number / 2)

    _insert(
        db,
        Story,
        (
            {**story, "id": first[Story] + n, "first_seen_at": seen(n), "title_key": f"key {n}"}
            for n in range(count)
        ),
    )
    _insert(
        db,
        Article,
        (
            {
                **article,
                "id": first[Article] + n,
                "source_id": first[Source] + n % SOURCES,
                "story_id": first[Story] + n,
                "url": f"https://old.example/{n}",
                "guid": f"old-{n}",
                "title": f"{invented_words(n)} happened",
                "text": " ".join(invented_words(n + word) for word in range(12)),
                **dict.fromkeys(("published_at", "seen_at", "listed_at"), seen(n)),
            }
            for n in range(count)
        ),
    )
    _insert(
        db,
        ArticleTag,
        (
            {
                "article_id": first[Article] + n,
                "country": COUNTRIES[(n + more) % 10],
                "weight": 0.9,
                "evidence": [],
            }
            for n in range(count)
            for more in (0, 3)
        ),
    )


def add_deliveries(db: Database, count: int, subscribers: int) -> None:
    """Editions that were sent, one a quarter of an hour, each with digests, deliveries and ranges of these."""
    edition, digest, delivery = _row(db, Edition, 1), _row(db, Digest, 1), _row(db, Delivery, 1)
    edition_id, digest_id, delivery_id = (_next_id(db, table) for table in (Edition, Digest, Delivery))
    for number in range(count // DELIVERIES_OF_AN_EDITION):
        at = edition["cutoff"] - timedelta(minutes=15 * (number + 1))
        times = dict.fromkeys(("cutoff", "created_at", "finished_at"), at)
        row = {**edition, **times, "id": edition_id, "slot": f"old {number}", "state": EditionState.SENT}
        _insert(db, Edition, iter([row]))
        _insert(
            db,
            Digest,
            (
                {
                    **digest,
                    "id": each,
                    "edition_id": edition_id,
                    "public_id": f"d{each}",
                    "without": str(each),
                }
                for each in range(digest_id, digest_id + DIGESTS_OF_AN_EDITION)
            ),
        )
        start = number * DELIVERIES_OF_AN_EDITION % max(1, subscribers - DELIVERIES_OF_AN_EDITION)
        changes = {"edition_id": edition_id, **dict.fromkeys(("not_before", "planned_at", "finished_at"), at)}
        _insert_deliveries(db, {**delivery, **changes, "attempts": 1}, digest_id, start)
        up_to = delivery_id + DELIVERIES_OF_AN_EDITION - 1
        _insert(db, DeliveryRange, _ranges(edition_id, digest_id, delivery_id, up_to))
        edition_id, digest_id, delivery_id = edition_id + 1, digest_id + DIGESTS_OF_AN_EDITION, up_to + 1


def _insert_deliveries(db: Database, delivery: Row, digest_id: int, start: int) -> None:
    """The deliveries of an edition to subscribers in turn. Of a thousand, ten were refused."""
    types = Delivery.__table__.c
    values: dict[str, Any] = {name: literal(value, types[name].type) for name, value in delivery.items()}
    values["digest_id"] = digest_id + Subscriber.id % DIGESTS_OF_AN_EDITION
    values["subscriber_id"] = Subscriber.id
    for state, first, last in ((DeliveryState.ACCEPTED, 10, 999), (DeliveryState.REFUSED, 0, 9)):
        values["state"] = literal(state, types["state"].type)
        chosen = (
            select(*values.values())
            .where(Subscriber.id > start, Subscriber.id <= start + DELIVERIES_OF_AN_EDITION)
            .where((Subscriber.id % 1000).between(first, last))
        )
        with db.begin(time_limit=False) as tx:
            tx.execute(insert(Delivery).from_select(list(values), chosen))


def _ranges(edition_id: int, digest_id: int, first: int, last: int) -> Iterator[Row]:
    counts = {DeliveryState.ACCEPTED: RANGE - 10, DeliveryState.REFUSED: 10}
    for at in range(first, last + 1, RANGE):
        yield {
            "edition_id": edition_id,
            "after_id": first - 1,
            "up_to_id": last,
            "first_digest_id": digest_id,
            "first_id": at,
            "last_digest_id": digest_id + DIGESTS_OF_AN_EDITION - 1,
            "last_id": at + RANGE - 1,
            "counts": counts,
        }


def _row(db: Database, model: Any, number: int) -> dict[str, Any]:
    """A row without its number, to copy."""
    with db.read() as tx:
        one = tx.get_one(model, number)
        return {
            column.key: getattr(one, column.key)
            for column in model.__mapper__.column_attrs
            if column.key != "id"
        }


def _next_id(db: Database, model: Any) -> int:
    with db.read() as tx:
        newest = tx.scalar(select(model.id).order_by(model.id.desc()).limit(1))
    return int(newest or 0) + 1


def _insert(db: Database, model: Any, rows: Iterator[Row]) -> None:
    while chunk := [row for _, row in zip(range(CHUNK), rows, strict=False)]:
        with db.begin(time_limit=False) as tx:
            tx.execute(insert(model), chunk)


def analyze(db: Database) -> None:
    """Let the database look at what it has, as it does by itself in time."""
    with db.begin(time_limit=False) as tx:
        tx.execute(text("analyze"))


def follow_ids(db: Database) -> None:
    """Let PostgreSQL give ids behind those of the rows that were inserted with an id."""
    if db.engine.dialect.name == "postgresql":
        with db.begin() as tx:
            for model in (Source, Story, Article, Edition, Digest):
                sequence = func.pg_get_serial_sequence(model.__tablename__, "id")
                tx.execute(select(func.setval(sequence, func.max(model.id))))
