"""Who plans subscribers keeps others from planning and changing them, which SQLite's single writer does by itself."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text, update

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning import first_digests, manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.pure.audience import Audience
from digest.deliveries.store import plans
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState
from tests.builders import World
from tests.waiting import wait_until

pytestmark = pytest.mark.parametrize("db", ["postgresql"], indirect=True)


def plan_manual(db: Database, planner: Planner, world: World) -> None:
    edition_id = manual_editions.create(db, Audience("everyone"), note="", now=world.clock())
    manual_editions.plan(db, planner, edition_id, world.clock())


PLANNERS: dict[str, Callable[[Database, Planner, World], object]] = {
    "scheduled": lambda db, planner, world: plan_due(db, planner, world.clock()),
    "manual": plan_manual,
    "first": lambda db, planner, world: first_digests.plan_first_digests(db, planner, world.clock()),
}


def test_the_subscribers_of_a_scope_are_locked_until_the_transaction_ends(db: Database, world: World) -> None:
    for _ in range(3):
        world.subscriber()

    def free() -> tuple[list[int], bool]:
        """The subscribers that another transaction can change now, and whether it could plan."""
        with db.begin() as tx:
            unlocked = select(Subscriber.id).order_by(Subscriber.id).with_for_update(skip_locked=True)
            can_plan = tx.scalar(text("select pg_try_advisory_xact_lock(hashtext('planning'))"))
            return list(tx.scalars(unlocked)), bool(can_plan)

    with db.begin() as tx:
        plans.lock_subscribers(tx, SubscriberScope(after_id=1, up_to_id=2))
        assert free() == ([1, 3], False)
    assert free() == ([1, 2, 3], True)


@pytest.mark.parametrize("name", PLANNERS)
def test_who_leaves_while_planning_begins_gets_no_mail(
    db: Database, world: World, planner: Planner, threads: ThreadPoolExecutor, name: str
) -> None:
    """Planning waits for the one who changes the subscriber, and then plans for those who are left."""
    leaving, staying = (world.subscriber(first_digest_since=world.clock()) for _ in range(2))
    if name == "first":
        with db.begin() as tx:
            tx.execute(update(Subscriber).values(next_due_at=world.clock().replace(hour=23)))
    world.article()

    def waits() -> bool:
        with db.read() as tx:
            return bool(tx.scalar(text("select count(*) from pg_locks where not granted")))

    with db.begin() as tx:
        left = update(Subscriber).where(Subscriber.id == leaving.id)
        tx.execute(left.values(state=SubscriberState.UNSUBSCRIBED))
        planning = threads.submit(PLANNERS[name], db, planner, world)
        wait_until(lambda: waits() or planning.done(), "planning waits for the change")
    planning.result()
    with db.read() as tx:
        assert list(tx.scalars(select(Delivery.subscriber_id))) == [staying.id]
        assert tx.scalar(select(func.count()).select_from(Delivery)) == 1
