"""Grouping the open window anew: what nobody has seen may be joined and split; what was sent or arranged stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from digest.articles import moderation
from digest.articles.models import Article, Story
from digest.articles.recent_reports import RecentReports
from digest.articles.store import retention
from digest.articles.story_assignment import RegroupCounts, regroup
from digest.database import Database
from digest.regions.tree import region_tree
from tests.builders import World
from tests.conftest import StoppedClock

DAM = "Papanov dam near Shardara breaks and floods villages"
DAM_TEXT = (
    "Governor Bekturov said that the Papanov dam gave way at night."
    " Rescuers took families to schools in Shardara."
)
DAM_TOO = "Villages flooded after dam breaks near Shardara"
DAM_TOO_TEXT = (
    "Families were taken to schools in Shardara when the Papanov dam gave way, Governor Bekturov said."
)
TIGER = "Tiger seen on the Ili for the first time since 1948"
TIGER_TEXT = (
    "Rangers filmed the animal at a ford of the river. It may have come from the reserve at the lake."
)


@pytest.fixture
def world(db: Database, clock: StoppedClock) -> World:
    """A world with thirty reports about other events, so that common words are known."""
    world = World(db, region_tree.load(), clock)
    world.articles(30, countries=())
    return world


def add(world: World, title: str, text: str, source: str) -> int:
    """Add a report; its article's id."""
    url = world.article(title, source=source, text=text).url
    with world.db.read() as tx:
        return tx.scalars(select(Article.id).where(Article.url == url)).one()


def story_of(db: Database, article_id: int) -> int:
    with db.read() as tx:
        story_id = tx.scalars(select(Article.story_id).where(Article.id == article_id)).one()
        assert story_id is not None
        return story_id


def story(db: Database, story_id: int) -> Story:
    with db.read() as tx:
        return tx.scalars(select(Story).where(Story.id == story_id)).one()


def put_apart(db: Database, article_id: int) -> int:
    """Give an article a story of its own, as if it had been placed before the others came."""
    with db.begin() as tx:
        article = tx.get_one(Article, article_id)
        article.story = Story(first_seen_at=article.seen_at, title_key="")
        tx.flush()
        return article.story.id


def put_together(db: Database, article_id: int, story_id: int) -> None:
    with db.begin() as tx:
        tx.get_one(Article, article_id).story_id = story_id


def run(world: World) -> RegroupCounts:
    return regroup(world.db, RecentReports(), world.clock())


def test_unsent_stories_of_one_event_are_joined_and_links_to_both_stay_valid(world: World) -> None:
    one, two, three = (add(world, DAM, DAM_TEXT, "Post"), add(world, DAM_TOO, DAM_TOO_TEXT, "Wire"),
        add(world, DAM, DAM_TEXT, "Voice"))  # fmt: skip
    larger = story_of(world.db, one)
    smaller = put_apart(world.db, two)
    before = story(world.db, larger).version
    assert run(world).moved == 1
    assert {story_of(world.db, article) for article in (one, two, three)} == {larger}
    assert story(world.db, smaller).merged_into == larger
    assert story(world.db, larger).version == before + 1


def test_an_unsent_story_of_two_events_is_split(world: World) -> None:
    dam, too = add(world, DAM, DAM_TEXT, "Post"), add(world, DAM_TOO, DAM_TOO_TEXT, "Wire")
    tiger = add(world, TIGER, TIGER_TEXT, "Post")
    put_together(world.db, tiger, story_of(world.db, dam))
    counts = run(world)
    assert (counts.moved, counts.new_stories) == (1, 1)
    assert story_of(world.db, dam) == story_of(world.db, too) != story_of(world.db, tiger)


def test_grouping_anew_a_second_time_changes_nothing(world: World) -> None:
    for source in ("Post", "Wire"):
        add(world, DAM, DAM_TEXT, source)
        add(world, TIGER, TIGER_TEXT, source)
    run(world)
    versions = {row.id: row.version for row in all_stories(world.db)}
    assert run(world).moved == 0
    assert {row.id: row.version for row in all_stories(world.db)} == versions


def all_stories(db: Database) -> list[Story]:
    with db.read() as tx:
        return list(tx.scalars(select(Story)))


def test_what_an_editor_splits_stays_apart_and_merging_undoes_it(world: World) -> None:
    one, two = add(world, DAM, DAM_TEXT, "Post"), add(world, DAM_TOO, DAM_TOO_TEXT, "Wire")
    first, new = story_of(world.db, one), moderation.split(world.db, two)
    run(world)
    assert (story_of(world.db, one), story_of(world.db, two)) == (first, new)
    moderation.merge(world.db, first, new)
    run(world)
    assert story_of(world.db, one) == story_of(world.db, two)


def test_what_an_editor_merges_stays_together_and_splitting_undoes_it(world: World) -> None:
    dam, tiger = add(world, DAM, DAM_TEXT, "Post"), add(world, TIGER, TIGER_TEXT, "Post")
    merged = moderation.merge(world.db, story_of(world.db, dam), story_of(world.db, tiger))
    run(world)
    assert story_of(world.db, dam) == story_of(world.db, tiger) == merged
    moderation.split(world.db, tiger)
    run(world)
    assert story_of(world.db, dam) != story_of(world.db, tiger)


def test_a_hidden_story_takes_later_reports_so_that_they_stay_hidden(
    world: World, clock: StoppedClock
) -> None:
    dam = add(world, DAM, DAM_TEXT, "Post")
    moderation.hide(world.db, dam, clock())
    clock.advance(hours=3)
    later = add(world, DAM_TOO, DAM_TOO_TEXT, "Wire")
    run(world)
    assert story(world.db, story_of(world.db, later)).hidden


def test_a_pinned_story_keeps_its_id(world: World, clock: StoppedClock) -> None:
    one, two = add(world, DAM, DAM_TEXT, "Post"), add(world, DAM_TOO, DAM_TOO_TEXT, "Wire")
    pinned = put_apart(world.db, two)
    add(world, DAM, DAM_TEXT, "Voice")
    moderation.change_pin(world.db, pinned, "pin", clock())
    run(world)
    assert story_of(world.db, one) == story_of(world.db, two) == pinned


def test_a_sent_story_loses_no_report(world: World) -> None:
    dam, tiger = add(world, DAM, DAM_TEXT, "Post"), add(world, TIGER, TIGER_TEXT, "Post")
    sent = story_of(world.db, dam)
    put_together(world.db, tiger, sent)
    with world.db.begin() as tx:
        retention.mark_kept(tx, [sent], sent_at=world.clock())
    run(world)
    assert story_of(world.db, dam) == story_of(world.db, tiger) == sent


def test_only_the_first_edition_counts_and_a_test_edition_sends_nothing(world: World) -> None:
    sent = story_of(world.db, add(world, DAM, DAM_TEXT, "Post"))
    with world.db.begin() as tx:
        retention.mark_kept(tx, [sent])
    assert story(world.db, sent).sent_at is None
    for days in (0, 1):
        with world.db.begin() as tx:
            retention.mark_kept(tx, [sent], sent_at=world.clock() + timedelta(days=days))
    assert story(world.db, sent).sent_at == world.clock()
    with world.db.begin() as tx:
        retention.unmark_sent(tx, [sent], world.clock() + timedelta(days=1))
    assert story(world.db, sent).sent_at == world.clock()


def test_reports_that_are_older_than_the_window_are_left_alone(world: World, clock: StoppedClock) -> None:
    one, two = add(world, DAM, DAM_TEXT, "Post"), add(world, DAM_TOO, DAM_TOO_TEXT, "Wire")
    put_apart(world.db, two)
    clock.advance(hours=100)
    assert run(world) == RegroupCounts(0, 0, 0)
    assert story_of(world.db, one) != story_of(world.db, two)


def test_an_index_that_was_kept_finds_the_same_as_a_new_one(world: World, clock: StoppedClock) -> None:
    kept = RecentReports()
    one = add(world, DAM, DAM_TEXT, "Post")
    regroup(world.db, kept, clock())
    clock.advance(hours=60)
    two = add(world, TIGER, TIGER_TEXT, "Wire")
    regroup(world.db, kept, clock())
    clock.advance(hours=30)
    three = add(world, TIGER, TIGER_TEXT, "Post")
    with world.db.begin() as tx:
        tx.delete(tx.get_one(Article, one))  # as when its source is deleted
    regroup(world.db, kept, clock())
    assert run(world).moved == 0
    assert story_of(world.db, two) == story_of(world.db, three)
