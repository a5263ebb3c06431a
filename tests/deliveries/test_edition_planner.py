"""Planning: everybody due gets each new story exactly once, whatever happens in between."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning.edition_planner import PlanningResult, plan_due
from digest.deliveries.planning.planner import Planner
from digest.editions.models import Digest, Edition
from digest.editions.pure.edition_spec import CUTOFF_MARGIN
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.store import subscribers
from tests.builders import World
from tests.conftest import StoppedClock


def new_planner(tree: RegionTree) -> Planner:
    return Planner(tree, timedelta(hours=6))


def received(db: Database) -> dict[int, list[int]]:
    """Story ids of each subscriber's deliveries."""
    out: dict[int, list[int]] = {}
    with db.read() as tx:
        rows = tx.execute(
            select(Delivery.subscriber_id, Digest).join(Digest, Digest.id == Delivery.digest_id)
        )
        for subscriber, digest in rows:
            assert subscriber is not None
            out.setdefault(subscriber, []).extend(s for _, ids in digest.sections for s, _ in ids)
    return out


def total(db: Database, table: type[Delivery | Digest | Edition]) -> int:
    with db.read() as tx:
        return tx.scalar(select(func.count()).select_from(table)) or 0


def reload(db: Database, subscriber: Subscriber) -> Subscriber:
    with db.read() as tx:
        return subscribers.by_id(tx, subscriber.id)


def test_a_due_subscriber_gets_one_delivery(db: Database, world: World, planner: Planner) -> None:
    subscriber = world.subscriber()
    world.article()
    assert plan_due(db, planner, world.clock()) == PlanningResult(deliveries=1)
    assert list(received(db)) == [subscriber.id]


def test_planning_twice_plans_nothing_twice(db: Database, world: World, tree: RegionTree) -> None:
    world.subscriber()
    world.article()
    plan_due(db, new_planner(tree), world.clock())
    assert plan_due(db, new_planner(tree), world.clock()) == PlanningResult()
    assert total(db, Delivery) == 1


def test_two_planners_at_once_plan_nothing_twice(
    db: Database, world: World, tree: RegionTree, threads: ThreadPoolExecutor
) -> None:
    world.many_subscribers(40)
    world.article()
    done = list(threads.map(lambda _: plan_due(db, new_planner(tree), world.clock()), range(4)))
    plan_due(db, new_planner(tree), world.clock())
    assert sum(planned.deliveries for planned in done) <= 40
    assert [len(stories) for stories in received(db).values()] == [1] * 40
    assert total(db, Edition) == 1


def test_a_subscriber_with_no_news_gets_no_mail_and_the_window_moves(
    db: Database, world: World, planner: Planner
) -> None:
    subscriber = world.subscriber(regions=["ge"])
    world.article(countries=["KZ"])
    assert plan_due(db, planner, world.clock()) == PlanningResult(nothing_new=1)
    assert total(db, Delivery) == 0
    after = reload(db, subscriber)
    assert after.last_cutoff == world.clock() - CUTOFF_MARGIN
    assert after.next_due_at is not None
    assert after.next_due_at > world.clock()


def test_what_is_seen_at_the_cutoff_comes_tomorrow(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber()
    world.article("Just before the cutoff it rained", age=(CUTOFF_MARGIN.seconds + 1) / 3600)
    world.article("Right at the cutoff it hailed", age=CUTOFF_MARGIN.seconds / 3600)
    plan_due(db, new_planner(tree), clock())
    assert len(received(db)[subscriber.id]) == 1
    clock.advance(days=1)
    plan_due(db, new_planner(tree), clock())
    assert len(set(received(db)[subscriber.id])) == 2


def test_what_is_seen_at_the_windows_start_is_in_it(db: Database, world: World, planner: Planner) -> None:
    subscriber = world.subscriber()
    world.article(age=24)
    plan_due(db, planner, world.clock())
    assert len(received(db)[subscriber.id]) == 1


def test_subscribers_who_asked_for_the_same_share_a_digest(
    db: Database, world: World, planner: Planner
) -> None:
    for _ in range(5):
        world.subscriber(regions=["central-asia"])
    world.subscriber(regions=["kz"])
    world.subscriber(regions=["kz"], last_cutoff=world.clock() - timedelta(days=3))
    world.article()
    plan_due(db, planner, world.clock())
    assert (total(db, Delivery), total(db, Digest), total(db, Edition)) == (7, 3, 1)


@pytest.mark.parametrize("state", ["pending", "paused", "unsubscribed", "suppressed"])
def test_only_active_subscribers_get_anything(
    db: Database, world: World, planner: Planner, state: str
) -> None:
    world.subscriber(state=state, paused_until=world.clock() + timedelta(days=2))
    world.article()
    assert plan_due(db, planner, world.clock()) == PlanningResult()


def test_a_pause_ends_by_itself_and_the_next_digest_tells_what_came_meanwhile(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber(send_minute=13 * 60)
    lifecycle.pause(db, subscriber.public_id, clock() + timedelta(days=2), clock())
    world.article(age=0.1)
    clock.advance(days=1, hours=1)
    plan_due(db, new_planner(tree), clock())
    assert total(db, Delivery) == 0
    clock.advance(days=1)
    plan_due(db, new_planner(tree), clock())
    assert len(received(db)[subscriber.id]) == 1
    assert reload(db, subscriber).state == "active"


def test_a_slot_missed_by_too_much_merges_into_the_next_and_loses_nothing(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber(next_due_at=clock() - timedelta(hours=6, minutes=1), send_minute=6 * 60)
    world.article("An old piece of news from then", age=20)
    assert plan_due(db, new_planner(tree), clock()) == PlanningResult(postponed=1)
    world.article("A newer piece of news from now", age=0)
    clock.advance(hours=18)
    plan_due(db, new_planner(tree), clock())
    assert len(received(db)[subscriber.id]) == 2
    assert total(db, Delivery) == 1


def test_a_slot_missed_by_a_little_is_made_up_for(db: Database, world: World, planner: Planner) -> None:
    world.subscriber(next_due_at=world.clock() - timedelta(hours=5))
    world.article()
    assert plan_due(db, planner, world.clock()).deliveries == 1


def test_who_confirms_right_after_their_hour_is_served_at_once(
    db: Database, world: World, planner: Planner
) -> None:
    subscriber = world.subscriber(state="pending", send_minute=12 * 60 - 5, last_cutoff=None)
    lifecycle.confirm(
        db,
        world.confirmation_letter(subscriber),
        origin="192.0.2.1",
        wording="yes",
        secret="not needed",
        now=world.clock(),
    )
    world.article()
    assert plan_due(db, planner, world.clock()).deliveries == 1


def test_who_changes_their_hour_after_todays_digest_gets_the_next_tomorrow(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    subscriber = world.subscriber()
    world.article()
    plan_due(db, new_planner(tree), clock())
    lifecycle.change_subscription(
        db, subscriber.public_id, Subscription(("central-asia",), send_minute=18 * 60), now=clock()
    )
    world.article(age=0)
    clock.advance(hours=7)
    plan_due(db, new_planner(tree), clock())
    assert total(db, Delivery) == 1
    clock.advance(days=1)
    plan_due(db, new_planner(tree), clock())
    assert total(db, Delivery) == 2


def test_a_window_never_moves_back(db: Database, world: World, tree: RegionTree, clock: StoppedClock) -> None:
    """A subscriber served by hand after a slot's edition was closed joins that slot late: its cutoff is older."""
    world.subscriber("early@example.com")
    world.article("News that opens the slot's edition")
    plan_due(db, new_planner(tree), clock())
    clock.advance(minutes=10)
    world.article("News in between of the two cutoffs", age=0.1)
    late = world.subscriber(
        "late@example.com",
        last_cutoff=clock() - CUTOFF_MARGIN,
        next_due_at=clock() - timedelta(minutes=10),
    )
    plan_due(db, new_planner(tree), clock())
    assert reload(db, late).last_cutoff == clock() - CUTOFF_MARGIN
    clock.advance(days=1)
    plan_due(db, new_planner(tree), clock())
    assert received(db).get(late.id) is None


def test_a_region_taken_out_of_the_tree_stops_nobody(db: Database, world: World, planner: Planner) -> None:
    subscriber = world.subscriber()
    old = world.subscriber()
    with db.begin() as tx:
        tx.add(Preferences(key="old", regions=["yugoslavia", "kz"], language="en"))
        tx.flush()
        subscribers.by_id(tx, old.id).preferences_key = "old"
    world.article()
    plan_due(db, planner, world.clock())
    assert set(received(db)) == {subscriber.id, old.id}


def test_a_zone_abolished_since_stops_nobody(db: Database, world: World, planner: Planner) -> None:
    world.subscriber(zone="Europe/Atlantis", next_due_at=None)
    world.subscriber()
    world.article()
    clock = world.clock() + timedelta(hours=20)
    plan_due(db, planner, clock)
    with db.read() as tx:
        assert all(subscriber.next_due_at for subscriber in subscribers.iterate_all(tx))


def test_over_five_days_every_subscriber_gets_every_story_of_their_regions_exactly_once(
    db: Database, world: World, tree: RegionTree, clock: StoppedClock
) -> None:
    """Articles come at random times, some visible only a while after they were seen; planning is late at random."""
    rng = random.Random(8)  # noqa: S311 -- a fixed seed, so that a failure repeats
    region_choices = (["central-asia"], ["kz", "ge"], ["south-caucasus"], ["asia"], ["ge"])
    all_subscribers = [
        world.subscriber(
            regions=regions,
            send_minute=rng.randrange(96) * 15,
            zone=rng.choice(["UTC", "Asia/Tashkent", "America/New_York", "Pacific/Kiritimati"]),
            next_due_at=None,
            last_cutoff=clock(),
        )
        for regions in region_choices
        for _ in range(2)
    ]
    start, stories = clock(), Counter[str]()
    while clock() < start + timedelta(days=5):
        clock.advance(minutes=rng.choice([7, 31, 64, 200]))
        country = rng.choice(["KZ", "UZ", "GE", "AM", "FR"])
        if clock() < start + timedelta(days=3):
            # stamped a while before it can be seen
            world.article(countries=[country], age=rng.random() * CUTOFF_MARGIN.seconds / 3600)
            stories[country] += 1
        plan_due(db, new_planner(tree), clock())
    received_stories = received(db)
    for subscriber in all_subscribers:
        stories_received = received_stories.get(subscriber.id, [])
        expected = sum(
            stories[code] for code in tree.countries_of(subscriber_regions(db, subscriber)) if code in stories
        )
        assert len(stories_received) == len(set(stories_received)) == expected


def subscriber_regions(db: Database, subscriber: Subscriber) -> list[str]:
    with db.read() as tx:
        return list(subscribers.by_id(tx, subscriber.id).preferences.regions)
