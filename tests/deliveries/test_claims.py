"""Claims: one sender has a range at a time, ranges cover each delivery once, and an answer counts once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from digest.database import Database
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import claims, deliveries, ranges
from digest.deliveries.store.claims import ClaimedDelivery, DeliveryResult
from tests.builders import World
from tests.conftest import StoppedClock


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges of two deliveries."""
    monkeypatch.setattr(ranges, "MIN_RANGE_SIZE", 2)
    monkeypatch.setattr(ranges, "MAX_RANGE_SIZE", 2)


@pytest.fixture
def planned(db: Database, world: World, planner: Planner) -> int:
    """Three deliveries that are due."""
    for _ in range(3):
        world.subscriber()
    world.article()
    return plan_due(db, planner, world.clock()).deliveries


def claim(db: Database, holder: str, now: datetime) -> list[ClaimedDelivery]:
    """Claim a range; its deliveries, or none."""
    with db.begin() as tx:
        ranges.divide(tx)
        part = ranges.claim(tx, holder, now)
        return list(claims.load_claimed(tx, part, now)) if part else []


def claim_all(db: Database, holder: str, now: datetime) -> list[ClaimedDelivery]:
    """Claim range after range until none is left."""
    claimed: list[ClaimedDelivery] = []
    while chunk := claim(db, holder, now):
        assert len(chunk) <= 2
        claimed += chunk
    return claimed


def release_all(db: Database, holder: str, now: datetime, *, not_before: datetime | None = None) -> None:
    with db.begin() as tx:
        for part in tx.scalars(select(DeliveryRange).where(DeliveryRange.holder == holder)).all():
            ranges.release(tx, part, holder, now, not_before=not_before)


def record(db: Database, *results: DeliveryResult) -> None:
    with db.begin() as tx:
        claims.record_results(tx.connection(), results)


def accepted(claimed: ClaimedDelivery, now: datetime) -> DeliveryResult:
    return DeliveryResult(
        claimed.id, DeliveryState.ACCEPTED, "250 ok", now, now, in_doubt=False, attempts=claimed.attempts
    )


def deferred(claimed: ClaimedDelivery, until: datetime) -> DeliveryResult:
    return DeliveryResult(
        claimed.id, DeliveryState.PLANNED, "451 later", until, None, in_doubt=False, attempts=claimed.attempts
    )


def states(db: Database) -> list[str]:
    with db.read() as tx:
        return list(tx.scalars(select(Delivery.state).order_by(Delivery.id)))


def edition_id(db: Database) -> int:
    with db.read() as tx:
        return tx.scalars(select(Delivery.edition_id)).first() or 0


def counts(db: Database) -> dict[DeliveryState, int]:
    with db.read() as tx:
        return deliveries.count_by_state(tx, [edition_id(db)])[edition_id(db)]


def test_four_claimers_at_once_never_get_the_same_delivery(
    db: Database, world: World, planner: Planner, threads: ThreadPoolExecutor
) -> None:
    world.many_subscribers(60)
    world.article()
    plan_due(db, planner, world.clock())
    claimed = [
        delivery.id
        for chunk in threads.map(lambda n: claim_all(db, f"holder{n}", world.clock()), range(4))
        for delivery in chunk
    ]
    # A claimer that waited for another's row may get fewer. The rest is there for the next claim.
    claimed += [delivery.id for delivery in claim_all(db, "holder5", world.clock())]
    assert len(claimed) == len(set(claimed)) == 60


def test_ranges_cover_each_delivery_once_however_they_are_planned(
    db: Database, world: World, planner: Planner, clock: StoppedClock
) -> None:
    for regions in (["ir"], ["central-asia"], ["ir"], ["ge", "ir"], ["central-asia"]):
        world.subscriber(regions=regions)
    for code in ("IR", "KZ", "GE"):
        world.article(f"News of {code} for today", countries=[code])
    plan_due(db, planner, clock())
    with db.begin() as tx:
        ranges.divide(tx)
    for regions in (["ir"], ["central-asia"]):  # late for the same slot, with digests that exist already
        world.subscriber(regions=regions)
    plan_due(db, planner, clock())
    with db.begin() as tx:
        ranges.divide(tx)
        parts = ranges.of_editions(tx, [edition_id(db)])
        covered = Counter(
            key for part in parts for key in tx.scalars(select(Delivery.id).where(*ranges.in_range(part)))
        )
        everything = list(tx.scalars(select(Delivery.id)))
    assert len(parts) >= 4
    assert covered == Counter(everything)


def test_what_is_claimed_is_not_there_for_others(db: Database, world: World, planned: int) -> None:
    assert len(claim(db, "one", world.clock())) == 2
    assert len(claim(db, "two", world.clock())) == 1
    assert claim(db, "three", world.clock()) == []


def test_a_range_is_claimed_again_when_its_first_deferred_delivery_is_due(
    db: Database, clock: StoppedClock, planned: int
) -> None:
    first, second, third = claim_all(db, "one", clock())
    record(
        db,
        deferred(first, clock() + timedelta(minutes=9)),
        deferred(second, clock() + timedelta(minutes=5)),
        accepted(third, clock()),
    )
    release_all(db, "one", clock())
    assert claim(db, "two", clock()) == []
    clock.advance(minutes=5)
    assert [(d.id, d.attempts) for d in claim(db, "two", clock())] == [(second.id, 2)]
    release_all(db, "two", clock(), not_before=clock() + timedelta(minutes=1))
    assert claim(db, "three", clock()) == []
    clock.advance(minutes=4)
    assert {d.id for d in claim(db, "three", clock())} == {first.id, second.id}


def test_what_a_dead_sender_had_claimed_is_released(db: Database, clock: StoppedClock, planned: int) -> None:
    first = claim(db, "dead", clock())
    record(db, accepted(first[0], clock()))
    with db.begin() as tx:
        ranges.release_holder(tx, "dead")
    claimed = claim_all(db, "two", clock())
    assert len(claimed) == 2
    assert first[0].id not in {delivery.id for delivery in claimed}


def test_the_release_of_a_lost_claim_changes_nothing(db: Database, clock: StoppedClock, planned: int) -> None:
    claim(db, "one", clock())
    with db.begin() as tx:
        part = tx.scalars(select(DeliveryRange).where(DeliveryRange.holder == "one")).one()
        tx.execute(update(DeliveryRange).where(DeliveryRange.id == part.id).values(holder="two"))
        ranges.release(tx, part, "one", clock())
        assert tx.scalars(select(DeliveryRange.holder).where(DeliveryRange.id == part.id)).one() == "two"


def test_an_answer_is_taken_once(db: Database, clock: StoppedClock, planned: int) -> None:
    claimed = claim_all(db, "one", clock())
    record(db, *(accepted(delivery, clock()) for delivery in claimed))
    record(db, *(deferred(delivery, clock()) for delivery in claimed))
    assert states(db) == ["accepted"] * 3


def test_an_answer_and_its_times_are_found_again(db: Database, clock: StoppedClock, planned: int) -> None:
    claimed, now = claim_all(db, "a", clock()), clock().replace(microsecond=0) + timedelta(minutes=1)
    record(db, *(accepted(delivery, now) for delivery in claimed[:2]))
    with db.read() as tx:
        ended = select(Delivery).where(Delivery.finished_at == now, Delivery.not_before == now)
        rows = tx.scalars(ended.where(Delivery.answer == "250 ok", Delivery.attempts == 1)).all()
    assert {row.id for row in rows} == {delivery.id for delivery in claimed[:2]}


def test_the_counts_add_up_at_every_moment(db: Database, clock: StoppedClock, planned: int) -> None:
    assert counts(db) == {"planned": 3}
    first, second = claim(db, "one", clock())
    assert counts(db) == {"planned": 3}
    record(db, accepted(first, clock()))
    assert counts(db) == {"planned": 2, "accepted": 1}
    record(db, deferred(second, clock() + timedelta(minutes=5)))
    release_all(db, "one", clock())
    assert counts(db) == {"planned": 2, "accepted": 1}
    with db.begin() as tx:
        assert deliveries.count_final_since(tx, clock() - timedelta(days=1)) == {"accepted": 1}


def test_a_paused_edition_is_not_claimed_until_it_is_resumed(
    db: Database, world: World, planned: int
) -> None:
    manual_editions.pause(db, edition_id(db))
    assert claim(db, "one", world.clock()) == []
    manual_editions.resume(db, edition_id(db))
    assert len(claim_all(db, "one", world.clock())) == 3


def test_a_cancelled_edition_is_not_claimed_and_its_rest_is_cancelled(
    db: Database, world: World, planned: int
) -> None:
    assert manual_editions.cancel(db, edition_id(db), world.clock()) == 3
    assert claim(db, "one", world.clock()) == []
    assert states(db) == ["cancelled"] * 3
    assert counts(db) == {"cancelled": 3}


def test_of_a_cancelled_edition_what_a_sender_has_claimed_is_cancelled_when_it_is_released(
    db: Database, clock: StoppedClock, planned: int
) -> None:
    claimed = claim(db, "one", clock())
    assert manual_editions.cancel(db, edition_id(db), clock()) == 1
    assert sorted(states(db)) == ["cancelled", "planned", "planned"]
    record(db, accepted(claimed[0], clock()))  # it was on its way to the mail server
    manual_editions.cancel_deliveries_of_cancelled_editions(db, clock())
    assert sorted(states(db)) == ["accepted", "cancelled", "planned"]
    release_all(db, "one", clock())
    manual_editions.cancel_deliveries_of_cancelled_editions(db, clock())
    assert sorted(states(db)) == ["accepted", "cancelled", "cancelled"]
    assert counts(db) == {"accepted": 1, "cancelled": 2}


def test_an_edition_ends_when_its_last_delivery_does(db: Database, clock: StoppedClock, planned: int) -> None:
    claimed = claim_all(db, "one", clock())
    with db.begin() as tx:
        assert deliveries.finish_editions(tx, clock()) == []
    record(db, *(accepted(delivery, clock()) for delivery in claimed))
    release_all(db, "one", clock())
    with db.begin() as tx:
        assert deliveries.finish_editions(tx, clock()) == [edition_id(db)]


def test_an_edition_whose_last_readers_were_erased_ends(
    db: Database, clock: StoppedClock, planned: int
) -> None:
    with db.begin() as tx:
        ranges.divide(tx)
        key = edition_id(db)
        tx.execute(delete(Delivery))
        part = ranges.claim(tx, "one", clock())
        while part is not None:
            ranges.release(tx, part, "one", clock())
            part = ranges.claim(tx, "one", clock())
        assert deliveries.finish_editions(tx, clock()) == [key]


@pytest.mark.parametrize("paused", [False, True])
def test_deliveries_are_due_only_while_they_can_be_sent(
    db: Database, clock: StoppedClock, planned: int, paused: bool
) -> None:
    if paused:
        manual_editions.pause(db, edition_id(db))
    with db.begin() as tx:
        assert deliveries.any_due(tx, clock()) is not paused
        assert not deliveries.any_due(tx, clock() - timedelta(seconds=1))
