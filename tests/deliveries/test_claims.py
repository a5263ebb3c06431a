"""Claims: one holder has a delivery at a time, and the late answer of a lost claim changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import claims, deliveries
from digest.deliveries.store.claims import ClaimedDelivery, DeliveryResult
from tests.builders import World
from tests.conftest import StoppedClock

LEASE = timedelta(minutes=5)


def claim(db: Database, holder: str, now: datetime, limit: int = 100) -> list[ClaimedDelivery]:
    with db.begin() as tx:
        return list(claims.claim(tx, holder, now, lease=LEASE, limit=limit))


def accepted(claimed: ClaimedDelivery, now: datetime) -> DeliveryResult:
    return DeliveryResult(
        claimed.id, DeliveryState.ACCEPTED, "250 ok", now, now, in_doubt=False, attempts=claimed.attempts
    )


def states(db: Database) -> list[str]:
    with db.read() as tx:
        return list(tx.scalars(select(Delivery.state).order_by(Delivery.id)))


def edition_id(db: Database) -> int:
    with db.read() as tx:
        return tx.scalars(select(Delivery.edition_id)).first() or 0


@pytest.fixture
def planned(db: Database, world: World, planner: Planner) -> int:
    """Three deliveries that are due."""
    for _ in range(3):
        world.subscriber()
    world.article()
    return plan_due(db, planner, world.clock()).deliveries


def test_four_claimers_at_once_never_get_the_same_delivery(
    db: Database, world: World, planner: Planner, threads: ThreadPoolExecutor
) -> None:
    world.many_subscribers(60)
    world.article()
    plan_due(db, planner, world.clock())

    def claim_all(holder: int) -> list[int]:
        ids: list[int] = []
        while chunk := claim(db, f"holder{holder}", world.clock(), limit=7):
            assert len(chunk) <= 7
            ids += [delivery.id for delivery in chunk]
        return ids

    claimed = [key for keys in threads.map(claim_all, range(4)) for key in keys]
    # A claimer that waited for another's row may get fewer. The rest is there for the next claim.
    claimed += claim_all(5)
    assert len(claimed) == len(set(claimed)) == 60


def test_what_is_claimed_is_not_there_for_others(db: Database, world: World, planned: int) -> None:
    assert len(claim(db, "one", world.clock(), limit=2)) == 2
    assert len(claim(db, "two", world.clock())) == 1
    assert claim(db, "three", world.clock()) == []


def test_an_expired_lease_is_claimed_again_and_counts_as_an_attempt(
    db: Database, clock: StoppedClock, planned: int
) -> None:
    claim(db, "one", clock())
    clock.advance(minutes=4.9)
    assert claim(db, "two", clock()) == []
    clock.advance(minutes=0.2)
    assert [delivery.attempts for delivery in claim(db, "two", clock())] == [2, 2, 2]


def test_a_late_answer_of_a_lost_claim_changes_nothing(
    db: Database, clock: StoppedClock, planned: int
) -> None:
    first = claim(db, "one", clock())
    clock.advance(minutes=6)
    claim(db, "two", clock())
    with db.begin() as tx:
        claims.record_results(tx.connection(), "one", [accepted(delivery, clock()) for delivery in first])
    assert states(db) == ["claimed"] * 3


def test_an_answer_is_taken_once(db: Database, clock: StoppedClock, planned: int) -> None:
    first = claim(db, "one", clock())
    with db.begin() as tx:
        claims.record_results(tx.connection(), "one", [accepted(delivery, clock()) for delivery in first])
        late = [
            DeliveryResult(d.id, DeliveryState.PLANNED, "late", clock(), None, in_doubt=False, attempts=0)
            for d in first
        ]
        claims.record_results(tx.connection(), "one", late)
    assert states(db) == ["accepted"] * 3


def test_an_answer_and_its_times_are_found_again(db: Database, clock: StoppedClock, planned: int) -> None:
    claimed, now = claim(db, "a", clock()), clock().replace(microsecond=0) + timedelta(minutes=1)
    with db.begin() as tx:
        claims.record_results(tx.connection(), "a", [accepted(delivery, now) for delivery in claimed[:2]])
    with db.read() as tx:
        ended = select(Delivery).where(Delivery.finished_at == now, Delivery.not_before == now)
        rows = tx.scalars(ended.where(Delivery.answer == "250 ok", Delivery.attempts == 1)).all()
    assert {row.id for row in rows} == {delivery.id for delivery in claimed[:2]}


def test_a_paused_edition_is_not_claimed_until_it_is_resumed(
    db: Database, world: World, planned: int
) -> None:
    manual_editions.pause(db, edition_id(db))
    assert claim(db, "one", world.clock()) == []
    manual_editions.resume(db, edition_id(db))
    assert len(claim(db, "one", world.clock())) == 3


def test_a_cancelled_edition_is_not_claimed_and_its_rest_is_cancelled(
    db: Database, world: World, planned: int
) -> None:
    assert manual_editions.cancel(db, edition_id(db), world.clock()) == 3
    assert claim(db, "one", world.clock()) == []
    assert states(db) == ["cancelled"] * 3


def test_of_a_cancelled_edition_what_a_lost_worker_held_is_cancelled_when_its_lease_ends(
    db: Database, clock: StoppedClock, planned: int
) -> None:
    claim(db, "lost", clock(), limit=1)
    assert manual_editions.cancel(db, edition_id(db), clock()) == 2
    assert sorted(states(db)) == ["cancelled", "cancelled", "claimed"]
    clock.advance(minutes=6)
    with db.begin() as tx:
        assert len(deliveries.cancel_unsent(tx, clock())) == 1
    assert states(db) == ["cancelled"] * 3


def test_an_edition_ends_when_its_last_delivery_does(db: Database, clock: StoppedClock, planned: int) -> None:
    claimed = claim(db, "one", clock())
    with db.begin() as tx:
        assert deliveries.finish_editions(tx, clock()) == []
        claims.record_results(tx.connection(), "one", [accepted(delivery, clock()) for delivery in claimed])
        assert deliveries.finish_editions(tx, clock()) == [edition_id(db)]


def test_what_waits_is_counted_only_while_it_can_be_sent(db: Database, world: World, planned: int) -> None:
    with db.read() as tx:
        assert deliveries.count_due(tx, world.clock()) == 3
    manual_editions.pause(db, edition_id(db))
    with db.read() as tx:
        assert deliveries.count_due(tx, world.clock()) == 0
