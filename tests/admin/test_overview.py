"""The queries behind the newsroom, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from digest.articles import moderation
from digest.articles.store import articles
from digest.database import Database
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.planner import Planner
from digest.deliveries.pure.audience import Audience
from digest.editions.store import editions
from digest.errors import InvalidInputError
from digest.regions.tree import region_tree
from digest.subscribers.store import subscribers
from tests.builders import World
from tests.conftest import NOON


@pytest.fixture
def news(db: Database) -> World:
    made = World(db, region_tree.load(), lambda: NOON)
    made.article("A caravan of a hundred camels reached the market", ["KZ"])
    return made


def test_two_clicks_at_the_same_moment_make_one_edition(news: World) -> None:
    audience = Audience("everyone")

    def click(_number: int) -> int:
        return manual_editions.create(
            news.db, audience, note="", now=NOON, idempotency_key="the-page-both-clicks-were-on"
        )

    with ThreadPoolExecutor(4) as clicks:
        assert len(set(clicks.map(click, range(4)))) == 1


def test_two_clicks_send_one_test(news: World) -> None:
    audience = Audience("address", ("central-asia",), "me@example.org")
    planner = Planner(news.tree, timedelta(hours=6))

    def click(_number: int) -> int:
        return manual_editions.send_test(
            news.db, planner, audience, note="", now=NOON, idempotency_key="one-page"
        )

    with ThreadPoolExecutor(2) as clicks:
        assert len(set(clicks.map(click, range(2)))) == 1
    with news.db.read() as tx:
        assert editions.count_digests(tx, editions.listing(tx)[0][0].id) == 1


def test_retagging_replaces_the_tags_and_makes_the_story_new_to_render(news: World) -> None:
    with news.db.read() as tx:
        before = articles.by_id(tx, 1).story
    assert moderation.retag(news.db, news.tree, 1, ["kz", "GE", "KZ"], now=NOON) == ("KZ", "GE")
    with news.db.read() as tx:
        after = articles.by_id(tx, 1)
    assert {tag.country for tag in after.tags} == {"KZ", "GE"}
    assert before
    assert after.story
    assert after.story.version > before.version


@pytest.mark.parametrize("code", ["XX", "central-asia", "", "kazakhstan"])
def test_only_countries_are_tags(news: World, code: str) -> None:
    with pytest.raises(InvalidInputError):
        moderation.retag(news.db, news.tree, 1, [code], now=NOON)


def test_the_most_common_preferences_come_first(news: World) -> None:
    for regions in (["ge"], ["central-asia"], ["central-asia"]):
        news.subscriber(regions=regions)
    news.subscriber(regions=["ge"], state="unsubscribed")
    with news.db.read() as tx:
        found = [
            (preferences.regions, subscriber_count)
            for preferences, subscriber_count in subscribers.most_common_preferences(tx)
        ]
    assert found == [(["central-asia"], 2), (["ge"], 1)]
