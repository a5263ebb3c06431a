"""Articles and stories by day, region and source, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from digest.articles import news_counts
from digest.articles.models import Article, ArticleGroup, Story
from digest.articles.states import CountedBy
from digest.articles.store import daily_news
from digest.articles.store.daily_news import NewsCount
from digest.database import Database
from digest.regions.tree import region_tree
from tests.builders import World
from tests.conftest import StoppedClock

TREE = region_tree.load()
YESTERDAY, TODAY = date(2026, 3, 9), date(2026, 3, 10)


@pytest.fixture
def world(db: Database, clock: StoppedClock) -> World:
    assert clock() == datetime(2026, 3, 10, 12, tzinfo=UTC)
    return World(db, TREE, clock)


def counts(db: Database, day: date, by: CountedBy) -> dict[str, NewsCount]:
    with db.read() as tx:
        return dict(news_counts.count_day(tx, TREE, day)[by])


def test_what_is_about_several_countries_of_a_region_counts_once_for_it(db: Database, world: World) -> None:
    world.article("Floods close the pass", ["KZ", "KG"])
    world.article("Floods close the pass", ["KZ"], source="Harbour Wire")
    world.article("A bridge opens", ["FR"], age=13)  # yesterday
    world.article("Nothing in particular", [])
    by_region = counts(db, TODAY, CountedBy.REGION)
    assert by_region[""] == (3, 2)
    for slug in ("world", "asia", "central-asia", "kz"):
        assert by_region[slug] == (2, 1), slug
    assert by_region["kg"] == (1, 1)
    assert "fr" not in by_region
    assert counts(db, TODAY, CountedBy.SOURCE) == {"1": (2, 2), "2": (1, 1)}
    assert counts(db, YESTERDAY, CountedBy.REGION)["europe"] == (1, 1)


def test_news_about_a_group_count_for_the_regions_that_have_most_of_it(db: Database, world: World) -> None:
    world.article("The union agrees", [])
    with db.begin() as tx:
        tx.add(ArticleGroup(article_id=1, region="eu", weight=1.0, evidence=[]))
    by_region = counts(db, TODAY, CountedBy.REGION)
    assert by_region["eu"] == by_region["europe"] == (1, 1)
    assert "fr" not in by_region


def test_hidden_stories_are_not_counted_and_their_articles_are(db: Database, world: World) -> None:
    world.article("Floods close the pass", ["KZ"])
    with db.begin() as tx:
        tx.get_one(Story, 1).hidden = True
    assert counts(db, TODAY, CountedBy.REGION)["kz"] == (1, 0)


def test_a_day_that_is_over_is_counted_once_and_kept_when_its_articles_are_deleted(
    db: Database, world: World, clock: StoppedClock
) -> None:
    world.article("A bridge opens", ["FR"], age=13)
    assert news_counts.count_finished_days(db, TREE, clock()) == news_counts.COUNTED_BACK
    assert news_counts.count_finished_days(db, TREE, clock()) == 0
    with db.begin() as tx:
        tx.delete(tx.get_one(Article, 1))
    with db.begin() as tx:  # another process has counted it again meanwhile
        counted = {CountedBy.REGION: {"": NewsCount(0, 0), "fr": NewsCount(7, 7)}}
        daily_news.save(tx, YESTERDAY.isoformat(), counted)
    world.article("A bridge closes", ["FR"])
    with db.read() as tx:
        shown, uncounted = news_counts.counts_by_day(tx, TREE, ["fr", "kz"], YESTERDAY, clock())
    assert uncounted == 0
    assert shown == {
        CountedBy.REGION: {"fr": {"2026-03-09": (1, 1), "2026-03-10": (1, 1)}},
        CountedBy.SOURCE: {"1": {"2026-03-09": (1, 1), "2026-03-10": (1, 1)}},
    }
    clock.advance(days=2)
    assert news_counts.count_finished_days(db, TREE, clock()) == 2


def test_a_day_is_counted_an_hour_after_its_end(db: Database, clock: StoppedClock) -> None:
    news_counts.count_finished_days(db, TREE, clock())
    clock.advance(hours=12, minutes=59)
    assert news_counts.count_finished_days(db, TREE, clock()) == 0
    clock.advance(minutes=2)
    assert news_counts.count_finished_days(db, TREE, clock()) == 1


def test_old_days_are_deleted_one_at_a_time(db: Database) -> None:
    with db.begin() as tx:
        for day in range(1, 4):
            rows = {CountedBy.REGION: {"": NewsCount(day, day), "world": NewsCount(1, 1)}}
            daily_news.save(tx, (YESTERDAY + timedelta(days=day)).isoformat(), rows)
    with db.begin() as tx:
        assert [daily_news.prune_day(tx, "2026-03-12") for _ in range(3)] == [2, 2, 0]
        assert daily_news.counted_days(tx, "2026-01-01") == {"2026-03-12"}
