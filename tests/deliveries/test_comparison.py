"""What an editor saw of an edition is kept, and compared with what it is now, on both databases."""

import pytest

from digest.articles import moderation
from digest.articles.store import articles
from digest.database import Database
from digest.deliveries.planning import freezing, manual_editions
from digest.deliveries.planning.planner import Planner
from digest.deliveries.previews import comparison
from digest.deliveries.previews.comparison import Comparison
from digest.deliveries.pure.audience import Audience
from digest.editions.kept_composers import KeptComposers
from digest.editions.store import editions
from digest.errors import ConflictError, NotFoundError
from tests.builders import World
from tests.conftest import StoppedClock

ME = "me@example.org"


@pytest.fixture
def draft(db: Database, world: World, planner: Planner, clock: StoppedClock) -> int:
    """A draft with two stories and two readers, that somebody has seen."""
    world.article("A caravan reached the market", ["KZ"])
    world.article("A bridge was opened to carts", ["UZ"])
    for _ in range(2):
        world.subscriber()
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=clock(), draft=True)
    comparison.remember(db, planner, edition_id, author=ME, now=clock())
    return edition_id


def compared(db: Database, planner: Planner, edition_id: int, clock: StoppedClock) -> Comparison:
    found = comparison.compare_with_seen(db, composers(planner), edition_id, clock())
    assert found
    return found


def composers(planner: Planner) -> KeptComposers:
    return KeptComposers(planner.tree, articles.current_stories)


def mails_now(db: Database, planner: Planner, edition_id: int, clock: StoppedClock) -> int:
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
    return comparison.count_mails(db, planner, edition, clock())


def kinds(found: Comparison) -> list[tuple[str, str]]:
    return [(str(each.kind), each.title) for each in found.stories]


def test_nothing_has_changed_until_something_has(
    db: Database, planner: Planner, draft: int, clock: StoppedClock
) -> None:
    found = compared(db, planner, draft, clock)
    assert (found.author, found.at, found.mails) == (ME, clock(), 2)
    assert mails_now(db, planner, draft, clock) == 2
    assert kinds(found) == []


def test_news_hidden_stories_and_new_readers_are_changes_until_they_are_seen(
    db: Database, planner: Planner, draft: int, clock: StoppedClock, world: World
) -> None:
    clock.advance(minutes=30)
    moderation.hide(db, 1, clock())
    world.article("A tunnel was dug", ["KG"], age=0.1)
    world.subscriber()
    found = compared(db, planner, draft, clock)
    assert sorted(kinds(found)) == [("added", "A tunnel was dug"), ("gone", "A caravan reached the market")]
    assert (found.mails, mails_now(db, planner, draft, clock)) == (2, 3)
    comparison.remember(db, planner, draft, author="you@example.org", now=clock())
    found = compared(db, planner, draft, clock)
    assert (kinds(found), found.author, found.mails) == ([], "you@example.org", 3)


def test_a_frozen_edition_is_compared_with_what_there_would_be_now(
    db: Database, planner: Planner, draft: int, clock: StoppedClock, world: World
) -> None:
    freezing.freeze(db, draft, clock())
    freezing.write_digests(db, planner, draft, clock())
    world.article("A tunnel was dug", ["KG"], age=0)
    assert kinds(compared(db, planner, draft, clock)) == [("added", "A tunnel was dug")]
    assert mails_now(db, planner, draft, clock) == 2


def test_what_was_never_seen_has_nothing_to_compare_with_and_what_is_sent_no_more(
    db: Database, planner: Planner, draft: int, clock: StoppedClock
) -> None:
    other = manual_editions.create(db, Audience("everyone"), note="", now=clock(), draft=True)
    assert comparison.compare_with_seen(db, composers(planner), other, clock()) is None
    manual_editions.cancel(db, draft, clock())
    with pytest.raises(ConflictError):
        comparison.compare_with_seen(db, composers(planner), draft, clock())
    with pytest.raises(NotFoundError):
        comparison.remember(db, planner, 99, author=ME, now=clock())
