"""What strangers write and readers choose must not stop an edition: it is planned, and shown for what it is."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from digest.articles import moderation
from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import drafts
from digest.database import Database
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.sending.delivery_sender import Post, send_due
from digest.regions import gazetteer
from digest.regions.tree.region_tree import RegionTree
from digest.sources.pure.entries import Entry
from digest.subscribers.models import Preferences
from tests.builders import World
from tests.fake_relay import FakeRelay
from tests.store.test_planning import fresh, received

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


def taken_in(world: World, *entries: Entry) -> int:
    """Take entries in as a poll does; says how many articles they made."""
    found, _ = drafts(entries, gazetteer.tagger(), home="KZ", seen_at=world.clock() - timedelta(hours=1))
    source = world.source()
    with world.db.begin() as tx:
        seen = world.clock() - timedelta(hours=1)
        return article_upsert.save(tx, source, found, seen_at=seen, language="en").new


@pytest.mark.parametrize("name", TITLES)
def test_a_title_that_is(db: Database, world: World, post: Post, relay: FakeRelay, name: str) -> None:
    world.reader(regions=["world"])
    assert taken_in(world, entry(title=TITLES[name]), entry(id="2", link="https://example.net/2")) == 2
    assert plan_due(db, fresh(world.tree), world.clock()).deliveries == 1
    assert send_due(db, post) == 1
    (sent,) = relay.handed
    assert b"\0" not in sent.message
    assert b"<script>" not in sent.message
    assert len(sent.message) < 100_000
    assert relay.handed[0].recipient


def test_an_entry_without_a_link_is_left_out_and_one_without_a_date_is_not(
    db: Database, world: World, tree: RegionTree
) -> None:
    reader = world.reader(regions=["world"])
    assert taken_in(world, entry(link=""), entry(id="2", link="https://example.net/2", published=None)) == 1
    plan_due(db, fresh(tree), world.clock())
    assert len(received(db)[reader.id]) == 1


def test_a_story_of_forty_countries_is_in_a_digest_once(db: Database, world: World, tree: RegionTree) -> None:
    codes = sorted(tree.expand(["world"]))[:40]
    reader = world.reader(regions=["world", "asia", "europe", "africa"])
    world.article(countries=["KZ"])
    moderation.retag(db, tree, 1, codes, now=world.clock() - timedelta(minutes=1))
    plan_due(db, fresh(tree), world.clock())
    assert len(received(db)[reader.id]) == 1


def test_a_reader_of_every_country_gets_each_story_once(db: Database, world: World, tree: RegionTree) -> None:
    reader = world.reader(regions=[region.slug for region in tree.all()])
    world.article(countries=["KZ", "UZ"])
    world.article(countries=["FR"])
    plan_due(db, fresh(tree), world.clock())
    assert sorted(received(db)[reader.id]) == [1, 2]


@pytest.mark.parametrize("regions", [[], ["atlantis"]])
def test_a_reader_with_no_region_left_gets_nothing_and_stops_nobody(
    db: Database, world: World, tree: RegionTree, regions: list[str]
) -> None:
    lost, other = world.reader(regions=["fr"]), world.reader()
    with db.begin() as tx:
        key = lost.preferences_key
        tx.execute(update(Preferences).where(Preferences.key == key).values(regions=regions))
    world.article(countries=["KZ", "FR"])
    plan_due(db, fresh(tree), world.clock())
    assert list(received(db)) == [other.id]
