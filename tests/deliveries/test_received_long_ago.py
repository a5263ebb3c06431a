"""What a subscriber with an old window received is looked for as far back as that window reaches."""

from datetime import timedelta

from digest.articles import moderation
from digest.database import Database
from digest.deliveries.planning.edition_planner import plan_due
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import StoppedClock
from tests.deliveries.digest_history import article_of, shown_by_digest
from tests.deliveries.test_edition_planner import new_planner


def test_who_has_the_oldest_window_of_an_edition_gets_nothing_again(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    rare = world.subscriber(regions=["central-asia"])
    world.article("A bridge between two countries", ["KZ"])
    plan_due(db, new_planner(tree), clock())
    first_day = clock()
    clock.advance(days=9)
    key = article_of(db, "A bridge between two countries")
    moderation.retag(db, tree, key, ["KZ", "GE"], now=clock() - timedelta(hours=2))
    world.article("Something new in the south", ["GE"])
    # Both are due now: one with a window of five days, in which the first story is a late arrival, one of a day.
    daily = world.subscriber(regions=["ge"])
    with db.begin() as tx:
        row = tx.get_one(Subscriber, rare.id)
        row.preferences_key = daily.preferences_key
        row.last_cutoff, row.next_due_at = first_day + timedelta(days=4), clock()
    plan_due(db, new_planner(tree), clock())
    received = shown_by_digest(db, rare)
    assert [len(stories) for stories in received] == [1, 1]
    assert not set(received[0]) & set(received[1])
    assert shown_by_digest(db, daily) == [received[1]]
