"""Visits that wait in the broker become counts in the database, on SQLite and PostgreSQL."""

from collections.abc import Collection, Mapping
from datetime import timedelta

import pytest
from celery import Celery
from sqlalchemy import select, update

from digest.articles.models import Article
from digest.broker_state import redis_client
from digest.database import Database
from digest.opens import folding, store, waiting_visits
from digest.opens.pure.visits import Visit
from digest.opens.states import Subject
from digest.opens.store import Opens
from digest.regions.tree import region_tree
from tests.builders import World
from tests.conftest import StoppedClock

TREE = region_tree.load()
# For rules that have nothing to do with the database.
ON_SQLITE = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
EARLIER = 60  # seconds before now: no later visit can make these a burst


@pytest.fixture
def world(db: Database, clock: StoppedClock) -> World:
    return World(db, TREE, clock)


def ten_mails(edition_ids: Collection[int]) -> Mapping[int, int]:
    return dict.fromkeys(edition_ids, 10)


def visit(
    world: World, article: int = 1, visitor: str = "a1", *, ago: float = EARLIER, **changes: int
) -> Visit:
    """A visit of some seconds ago from edition 5."""
    at = round((world.clock() - timedelta(seconds=ago)).timestamp() * 1000)
    return Visit(at, visitor, article, changes.get("edition", 5), not visitor, changes.get("times", 1))


def fold(world: World, celery: Celery, *visits: Visit) -> int:
    waiting_visits.push(celery, visits)
    return folding.fold_visits(world.db, celery, TREE, world.clock(), ten_mails)


def counts(world: World, subject: Subject) -> dict[str, Opens]:
    with world.db.read() as tx:
        return dict(store.most_opened(tx, subject, "", 500))


def test_a_visit_counts_for_its_story_edition_source_and_regions(world: World, celery: Celery) -> None:
    world.article(countries=("KZ",))
    world.article(countries=("FR",), source="Lantern Wire")
    assert fold(world, celery, visit(world), visit(world, 2, times=3), visit(world, 2, "")) == 3
    first, second = Opens(1, 1, 0), Opens(3, 1, 1)
    assert counts(world, Subject.STORY) == {"1": first, "2": second}
    assert counts(world, Subject.EDITION) == {"5": Opens(4, 2, 1)}
    assert counts(world, Subject.SOURCE) == {"1": first, "2": second}
    assert counts(world, Subject.ALL) == {"": Opens(4, 2, 1)}
    regions = counts(world, Subject.REGION)
    assert regions["kz"] == regions["central-asia"] == first
    assert regions["fr"] == regions["europe"] == second
    assert regions["world"] == Opens(4, 2, 1)
    assert "ge" not in regions


def test_visits_add_up_and_a_visitor_counts_once_a_day_for_an_article(world: World, celery: Celery) -> None:
    world.article()
    world.article()
    fold(world, celery, visit(world), visit(world, 2), visit(world, visitor="b2"))
    fold(world, celery, visit(world), visit(world, visitor="c3"))
    assert counts(world, Subject.STORY) == {"1": Opens(4, 3, 0), "2": Opens(1, 1, 0)}
    world.clock.advance(hours=24)  # type: ignore[attr-defined]
    fold(world, celery, visit(world))
    with world.db.read() as tx:
        weeks = store.by_week(tx, Subject.STORY, "")["1"]
    assert weeks == {"2026-03-09": Opens(5, 4, 0)}
    world.clock.advance(days=6)  # type: ignore[attr-defined]
    fold(world, celery, visit(world))
    with world.db.read() as tx:
        assert store.by_week(tx, Subject.STORY, "2026-03-10")["1"] == {"2026-03-16": Opens(1, 1, 0)}


@ON_SQLITE
def test_a_burst_counts_as_machines_even_if_it_began_before_the_last_folding(
    world: World, celery: Celery
) -> None:
    for _ in range(4):
        world.article()
    assert fold(world, celery, visit(world, 1, ago=16)) == 1  # one of them is counted before the others come
    assert fold(world, celery, *(visit(world, n, ago=15.5) for n in (2, 3, 4))) == 3
    assert counts(world, Subject.ALL) == {"": Opens(1, 1, 3)}


@ON_SQLITE
def test_visits_wait_until_the_rest_of_a_burst_would_have_come(world: World, celery: Celery) -> None:
    for _ in range(4):
        world.article()
    assert fold(world, celery, visit(world, 1, ago=1)) == 0
    assert fold(world, celery, *(visit(world, n, ago=0.5) for n in (2, 3, 4))) == 0
    world.clock.advance(minutes=1)  # type: ignore[attr-defined]
    assert fold(world, celery) == 4
    assert counts(world, Subject.ALL) == {"": Opens(0, 0, 4)}


@ON_SQLITE
def test_nothing_is_counted_twice_and_nothing_stays(world: World, celery: Celery) -> None:
    world.article()
    fold(world, celery, visit(world), visit(world, ago=20))
    for _ in range(3):
        fold(world, celery)
        world.clock.advance(minutes=1)  # type: ignore[attr-defined]
    assert counts(world, Subject.ALL) == {"": Opens(2, 1, 0)}
    assert waiting_visits.load(celery).visits == []


@ON_SQLITE
def test_only_one_process_counts_at_a_time(world: World, celery: Celery) -> None:
    world.article()
    with waiting_visits.only_one(celery):
        assert fold(world, celery, visit(world)) == 0
    assert fold(world, celery) == 1


@ON_SQLITE
@pytest.mark.parametrize("mails", [0, folding.FEWEST_MAILS - 1])
def test_an_edition_of_a_few_readers_is_not_counted_by_itself(
    world: World, celery: Celery, mails: int
) -> None:
    world.article()
    waiting_visits.push(celery, [visit(world), visit(world, edition=0)])
    few = lambda ids: dict.fromkeys(ids, mails)  # noqa: E731
    folding.fold_visits(world.db, celery, TREE, world.clock(), few)
    assert counts(world, Subject.EDITION) == {}
    assert counts(world, Subject.STORY) == {"1": Opens(2, 1, 0)}


@ON_SQLITE
def test_a_visit_counts_for_the_story_that_its_article_is_part_of_now(world: World, celery: Celery) -> None:
    world.article()
    world.article()
    with world.db.begin() as tx:
        tx.execute(update(Article).where(Article.id == 2).values(story_id=1))
    fold(world, celery, visit(world, 2))
    assert list(counts(world, Subject.STORY)) == ["1"]


@ON_SQLITE
def test_a_deleted_article_counts_for_its_edition_alone(world: World, celery: Celery) -> None:
    fold(world, celery, visit(world, 99))
    assert counts(world, Subject.EDITION) == {"5": Opens(1, 1, 0)}
    assert counts(world, Subject.STORY) == counts(world, Subject.SOURCE) == {}


@ON_SQLITE
def test_a_flood_is_cut_and_the_sketch_of_a_day_keeps_its_size(
    world: World, celery: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.article()
    monkeypatch.setattr(waiting_visits, "MOST_WAITING", 100)
    assert waiting_visits.push(celery, [visit(world, visitor=f"{n:x}") for n in range(150)]) == 50
    assert fold(world, celery) == 100
    with redis_client(celery) as redis:
        assert redis.strlen(waiting_visits.SEEN_KEY + "2026-03-10") <= 2**22


def test_the_counts_of_old_weeks_are_deleted(world: World, celery: Celery) -> None:
    world.article()
    fold(world, celery, visit(world))
    with world.db.begin() as tx:
        assert store.prune(tx, "2026-03-09") == 0
        assert store.prune(tx, "2026-03-10") > 0
    assert counts(world, Subject.ALL) == {}


@ON_SQLITE
def test_salt_and_sketch_are_destroyed_with_their_day(world: World, celery: Celery) -> None:
    world.article()
    salts = waiting_visits.load_salts(celery, {"2026-03-10"}, world.clock())
    assert waiting_visits.load_salts(celery, {"2026-03-10"}, world.clock()) == salts  # one for all processes
    assert set(map(len, salts.values())) == {waiting_visits.SALT_OCTETS}
    fold(world, celery, visit(world))
    until_midnight = 12 * 3600 + waiting_visits.LATE_VISITS.total_seconds()  # the clock stands at noon
    with redis_client(celery) as redis:
        lifetimes = {key.decode(): redis.ttl(key) for key in redis.keys("dateline:opens:*:2026*")}
    assert len(lifetimes) == 2
    assert all(until_midnight - 60 < seconds <= until_midnight for seconds in lifetimes.values())


def test_articles_are_read_by_the_hundred(world: World) -> None:
    for _ in range(3):
        world.article()
    with world.db.read() as tx:
        ids = tx.scalars(select(Article.id)).all()
        assert set(store.opened_articles(tx, [*ids, 77])) == set(ids)
        assert store.places_of_stories(tx, [1, 77]) == {1: frozenset({"KZ"})}
