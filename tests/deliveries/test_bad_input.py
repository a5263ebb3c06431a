"""What strangers write and subscribers choose must not stop an edition: it is planned, and shown for what it is."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from digest.articles import moderation
from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import draft_articles
from digest.database import Database
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.regions import gazetteer
from digest.regions.tree.region_tree import RegionTree
from digest.sources.pure.entries import Entry
from digest.subscribers.models import Preferences
from tests.builders import World
from tests.deliveries.test_edition_planner import new_planner, received
from tests.fake_relay import FakeRelay

PLAIN = "A ferry links two ports of Kazakhstan"
TITLES = {
    "of 10,000 characters": PLAIN + " again" * 1700,
    "only emoji": "\N{FIRE}\N{SNOWMAN}\N{ROCKET}",
    "right-to-left marks": f"\N{RIGHT-TO-LEFT OVERRIDE}{PLAIN}\N{RIGHT-TO-LEFT MARK}",
    "a template": "{{ 7 * 7 }} {% raise %} Kazakhstan",
    "a format": "%s %(x)s %d 100% Kazakhstan",
    "a null byte": "Kaza\0khstan opens a ferry",
    "markup": "<script>alert(1)</script> & Kazakhstan",
    "nothing": "",
}


def entry(**changes: object) -> Entry:
    values = {"id": "1", "title": PLAIN, "link": "https://example.net/1", "summary": "It is in Kazakhstan."}
    return Entry(**(values | changes))  # type: ignore[arg-type]


def ingest(world: World, *entries: Entry) -> int:
    """Ingest entries as a poll does; returns how many articles they made."""
    document = draft_articles(
        entries, gazetteer.tagger(), home="KZ", seen_at=world.clock() - timedelta(hours=1)
    )
    source = world.source()
    with world.db.begin() as tx:
        seen = world.clock() - timedelta(hours=1)
        return article_upsert.upsert_articles(tx, source, document.drafts, seen_at=seen, language="en").new


@pytest.mark.parametrize("name", TITLES)
def test_a_title_that_is(
    db: Database, world: World, sending_context: SendingContext, relay: FakeRelay, name: str
) -> None:
    world.subscriber(regions=["world"])
    assert ingest(world, entry(title=TITLES[name]), entry(id="2", link="https://example.net/2")) == 2
    assert plan_due(db, new_planner(world.tree), world.clock()).deliveries == 1
    assert send_due(db, sending_context).claimed == 1
    (sent,) = relay.relayed
    assert b"\0" not in sent.message
    assert b"<script>" not in sent.message
    assert len(sent.message) < 100_000
    assert relay.relayed[0].recipient


def test_an_entry_without_a_link_is_left_out_and_one_without_a_date_is_not(
    db: Database, world: World, tree: RegionTree
) -> None:
    subscriber = world.subscriber(regions=["world"])
    assert ingest(world, entry(link=""), entry(id="2", link="https://example.net/2", published=None)) == 1
    plan_due(db, new_planner(tree), world.clock())
    assert len(received(db)[subscriber.id]) == 1


def test_a_story_of_forty_countries_is_in_a_digest_once(db: Database, world: World, tree: RegionTree) -> None:
    codes = sorted(tree.countries_of(["world"]))[:40]
    subscriber = world.subscriber(regions=["world", "asia", "europe", "africa"])
    world.article(countries=["KZ"])
    moderation.retag(db, tree, 1, codes, now=world.clock() - timedelta(minutes=1))
    plan_due(db, new_planner(tree), world.clock())
    assert len(received(db)[subscriber.id]) == 1


def test_a_subscriber_of_every_country_gets_each_story_once(
    db: Database, world: World, tree: RegionTree
) -> None:
    subscriber = world.subscriber(regions=[region.slug for region in tree.all()])
    world.article(countries=["KZ", "UZ"])
    world.article(countries=["FR"])
    plan_due(db, new_planner(tree), world.clock())
    assert sorted(received(db)[subscriber.id]) == [1, 2]


@pytest.mark.parametrize("regions", [[], ["atlantis"]])
def test_a_subscriber_with_no_region_left_gets_nothing_and_stops_nobody(
    db: Database, world: World, tree: RegionTree, regions: list[str]
) -> None:
    lost, other = world.subscriber(regions=["fr"]), world.subscriber()
    with db.begin() as tx:
        key = lost.preferences_key
        tx.execute(update(Preferences).where(Preferences.key == key).values(regions=regions))
    world.article(countries=["KZ", "FR"])
    plan_due(db, new_planner(tree), world.clock())
    assert list(received(db)) == [other.id]
