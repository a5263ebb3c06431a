"""Nothing is shown twice to a subscriber, and nothing in their regions is missed, whatever they or editors change."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from digest.articles import moderation
from digest.articles.ingest import article_upsert
from digest.articles.models import Story
from digest.articles.pure.drafts import ArticleDraft
from digest.articles.states import DateSource
from digest.articles.store import articles
from digest.database import Database
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.pure.audience import Audience
from digest.editions.pure.selection import MAX_DIGEST_STORIES
from digest.regions.pure.tagger import Tag
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.pure.subscription import Subscription
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.digest_history import a_day_later, article_of, shown
from tests.deliveries.test_edition_planner import new_planner


def test_a_story_that_comes_to_be_about_another_country_is_news_to_its_subscribers_alone(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    kazakh, georgian, both = (world.subscriber(regions=r) for r in (["kz"], ["ge"], ["kz", "ge"]))
    world.article("A cable is laid across the sea", ["KZ"], source="one")
    plan_due(db, new_planner(tree), clock())
    clock.advance(hours=2)
    world.article("A cable is laid across the sea", ["GE"], age=0, source="two")
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert [len(shown(db, subscriber)) for subscriber in (kazakh, georgian, both)] == [1, 1, 1]


def test_an_editors_country_reaches_its_subscribers_though_the_window_was_closed(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    french, everywhere = world.subscriber(regions=["fr"]), world.subscriber(regions=["world"])
    world.article("Nobody knows where this was", [])
    plan_due(db, new_planner(tree), clock())
    assert shown(db, everywhere) == []
    clock.advance(hours=3)
    moderation.retag(db, tree, article_of(db, "Nobody knows where this was"), ["FR"], now=clock())
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert [len(shown(db, subscriber)) for subscriber in (french, everywhere)] == [1, 1]


def test_who_had_a_story_does_not_get_it_again_when_they_and_its_countries_change(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    moving, other = world.subscriber(regions=["kz"]), world.subscriber(regions=["ge"])
    world.article("A bridge between two countries", ["KZ"])
    plan_due(db, new_planner(tree), clock())
    clock.advance(hours=3)
    moderation.retag(db, tree, article_of(db, "A bridge between two countries"), ["GE"], now=clock())
    lifecycle.change_subscription(db, moving.public_id, Subscription(("ge",)), now=clock())
    world.article("Something else in the south", ["GE"], age=0)
    a_day_later(db, tree, clock)
    a_day_later(db, tree, clock)
    assert len(shown(db, moving)) == len(set(shown(db, moving))) == 2
    assert len(shown(db, other)) == 2


def test_a_hidden_story_that_is_let_in_again_reaches_those_who_had_not_got_it(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    early, late = (
        world.subscriber(),
        world.subscriber(next_due_at=clock() + timedelta(hours=4), send_minute=16 * 60),
    )
    world.article("A headline that is doubted")
    key = article_of(db, "A headline that is doubted")
    plan_due(db, new_planner(tree), clock())
    moderation.hide(db, key, clock())
    clock.advance(hours=4)
    plan_due(db, new_planner(tree), clock())
    assert (len(shown(db, early)), len(shown(db, late))) == (1, 0)
    moderation.unhide(db, key, clock())
    for _ in range(3):
        a_day_later(db, tree, clock)
    assert (len(shown(db, early)), len(shown(db, late))) == (1, 1)


def test_an_edition_of_the_last_hours_repeats_nothing_and_takes_nothing_away(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber(next_due_at=clock() + timedelta(hours=2), send_minute=14 * 60)
    world.article("Early news that is old by now", age=20)
    world.article("Late news of the last hour", age=0.5)
    edition = manual_editions.create(db, Audience("everyone"), note="", now=clock(), hours=1)
    manual_editions.plan(db, new_planner(tree), edition, clock())
    assert len(shown(db, subscriber)) == 1
    clock.advance(hours=2)
    plan_due(db, new_planner(tree), clock())
    assert len(shown(db, subscriber)) == len(set(shown(db, subscriber))) == 2


@pytest.mark.parametrize("source", ["two", "one"])
def test_a_report_of_another_source_brings_a_story_to_nobody_again(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock, source: str
) -> None:
    subscriber = world.subscriber(regions=["asia"])
    world.article("The harbour is frozen over again", ["KZ"], source="one")
    plan_due(db, new_planner(tree), clock())
    clock.advance(hours=1)
    world.article("The harbour is frozen over again", ["KZ"], age=0, source=source)
    a_day_later(db, tree, clock)
    stories = shown(db, subscriber)
    # A second article of the same source is another story.
    assert len(stories) == len(set(stories)) == (2 if source == "one" else 1)


def test_pinning_puts_a_story_first_in_the_digest(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber()
    world.article("The first of two headlines here", age=5)
    world.article("The second of two headlines here", age=1)
    with db.begin() as tx:
        first = tx.scalars(select(Story.id).order_by(Story.id)).first() or 0
        articles.set_pinned(tx, first, 1)
    plan_due(db, new_planner(tree), clock())
    assert shown(db, subscriber)[0] == first


def test_more_news_than_a_digest_has_is_told_bit_by_bit_and_never_twice(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    """Each edition of the last hours takes what is left; the stories that come next may have been received as well."""
    subscriber = world.subscriber()
    drafts = [
        ArticleDraft(
            guid=f"g{n}", url=f"https://example.net/many/{n}", title=f"apple{n} pear{n} plum{n}", excerpt="", text="",
            author="", published_at=clock(), date_source=DateSource.PUBLISHED, tags=(Tag("KZ", 1.0, ()),),
            content_hash=f"h{n}",
        )
        for n in range(2 * MAX_DIGEST_STORIES + 1)
    ]  # fmt: skip
    source_id = world.source()
    with db.begin() as tx:
        article_upsert.upsert_articles(
            tx, source_id, drafts, seen_at=clock() - timedelta(hours=1), language="en"
        )
    for _ in range(2):
        edition_id = manual_editions.create(db, Audience("everyone"), note="", now=clock(), hours=6)
        assert manual_editions.plan(db, new_planner(tree), edition_id, clock()).deliveries == 1
        clock.advance(minutes=1)
    assert plan_due(db, new_planner(tree), clock()).deliveries == 1
    stories = shown(db, subscriber)
    assert len(stories) == len(set(stories)) == 2 * MAX_DIGEST_STORIES + 1
