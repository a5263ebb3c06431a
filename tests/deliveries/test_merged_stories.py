"""Two stories made one by an editor: what was composed, had or cached of either shows the one, once, as it is now."""

from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from digest.articles import moderation
from digest.articles.models import Article
from digest.articles.store import articles
from digest.articles.store import retention as kept
from digest.database import Database
from digest.deliveries.planning import freezing, manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.errors import ConflictError
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.deliveries.test_edition_planner import new_planner
from tests.deliveries.test_freezing import create_frozen
from tests.fake_relay import FakeRelay

DAM = "A dam is finished above the valley"
LAKE = "Villagers watch their lake fill"


def stories(db: Database) -> list[int]:
    """The stories of the articles, in the articles' order."""
    with db.read() as tx:
        return [story for story in tx.scalars(select(Article.story_id).order_by(Article.id)) if story]


def test_a_story_that_was_given_away_is_not_joined_again(db: Database, world: World) -> None:
    world.article(DAM)
    world.article(LAKE)
    one, two = stories(db)
    assert moderation.merge(db, one, two) == one
    with db.begin() as tx:
        kept.mark_kept(tx, [two])  # a digest that was being composed had it
    with pytest.raises(ConflictError, match=f"Story {two} is part of story {one} already"):
        moderation.merge(db, one, two)
    with db.read() as tx:
        assert {story.id for story in articles.current_stories(tx, [one, two]).values()} == {one}


def test_a_story_joined_twice_is_known_as_what_it_is_now(db: Database, world: World) -> None:
    for title in (DAM, LAKE, "The valley's last bus leaves"):
        world.article(title)
    one, two, three = stories(db)
    moderation.merge(db, two, three)
    moderation.merge(db, one, two)
    moderation.hide(db, 1, world.clock())
    with db.read() as tx:
        marks = articles.story_versions(tx, [one, two, three])
        assert articles.merge_targets(tx, [one, two, three]) == {two: one, three: one}
    assert set(marks.values()) == {marks[one]}
    assert marks[three][1]  # what senders keep of the third is out of date: hidden


def test_stories_joined_after_planning_are_in_the_mail_once(
    db: Database, world: World, tree: RegionTree, sending_context: SendingContext, relay: FakeRelay
) -> None:
    world.subscriber()
    world.article(DAM)
    world.article(LAKE)
    assert plan_due(db, new_planner(tree), world.clock()).deliveries == 1
    moderation.merge(db, *stories(db))
    send_due(db, sending_context)
    mail = message_from_bytes(relay.relayed[0].message, policy=policy.default)
    text = mail.get_body(("plain",))
    assert text is not None
    assert [text.get_content().count(title) for title in (DAM, LAKE)] == [0, 1]  # the newer one leads


def test_who_had_a_story_by_hand_does_not_get_it_again_once_it_is_part_of_another(
    db: Database, world: World, tree: RegionTree
) -> None:
    """A sample of the last hours moves no window; the joined story would come again with the next digest."""
    world.subscriber()
    world.article(DAM, age=3)
    world.article(LAKE)
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=world.clock(), hours=2)
    assert manual_editions.plan(db, new_planner(tree), edition_id, world.clock()).deliveries == 1
    dam, lake = stories(db)
    with db.begin() as tx:
        kept.mark_kept(tx, [dam])  # others have had it
    assert moderation.merge(db, lake, dam) == dam
    assert plan_due(db, new_planner(tree), world.clock()).deliveries == 0


def test_an_edition_frozen_before_two_stories_were_joined_is_not_sent(
    db: Database, world: World, tree: RegionTree
) -> None:
    world.subscriber()
    world.article(DAM, ["NO"], age=3)
    world.article(LAKE)
    dam, lake = stories(db)
    with db.begin() as tx:
        articles.increment_story_versions(
            tx, [lake]
        )  # so that both have the same version once they are joined
    edition_id = create_frozen(db, tree, world)
    assert moderation.merge(db, dam, lake) == lake
    with pytest.raises(ConflictError, match="not what was frozen"):
        freezing.release(db, edition_id, world.clock())
