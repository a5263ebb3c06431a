"""Oversight of editions: the circuit breaker, the rate, stuck deliveries, and the archive."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from digest.database import Database
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.oversight import archive, circuit_breaker
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import deliveries, oversight, ranges
from digest.editions.models import Edition
from digest.editions.states import EditionKind
from digest.mail.pure.outcomes import Refused
from tests.builders import World
from tests.conftest import StoppedClock
from tests.fake_relay import FakeRelay


@pytest.fixture
def edition(db: Database, world: World, planner: Planner) -> int:
    """An edition of 400 deliveries."""
    world.many_subscribers(400)
    world.article()
    plan_due(db, planner, world.clock())
    with db.read() as tx:
        return tx.scalars(select(Edition.id)).one()


def state(db: Database, edition: int) -> tuple[str, str]:
    with db.read() as tx:
        row = tx.get_one(Edition, edition)
        return row.state, row.reason


def test_an_edition_that_is_refused_by_too_many_stops_and_says_why(
    db: Database, edition: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    def refuse(recipient: str) -> None:
        clock.advance(seconds=0.1)
        if len(relay.relayed) % 10 == 0:
            relay.answers[recipient] = [Refused("550 5.1.1 no such user")]

    relay.before_each = refuse
    send_due(db, sending_context)
    new_state, reason = state(db, edition)
    assert new_state == "paused"
    assert "were refused" in reason
    assert 200 <= len(relay.relayed) < 260
    manual_editions.resume(db, edition)
    send_due(db, sending_context)
    assert state(db, edition) == ("sending", reason)
    with db.read() as tx:
        assert sum(deliveries.count_by_state(tx, [edition])[edition].values()) == 400 == len(relay.relayed)


def test_complaints_stop_an_edition_and_an_editor_has_the_last_word(
    db: Database, edition: int, sending_context: SendingContext, clock: StoppedClock
) -> None:
    send_due(db, sending_context)
    assert circuit_breaker.pause_if_failing(db, edition, clock(), complaints=1) == ""
    assert "complaints" in circuit_breaker.pause_if_failing(db, edition, clock(), complaints=3)
    manual_editions.resume(db, edition)
    assert circuit_breaker.pause_if_failing(db, edition, clock(), complaints=9) == ""


def test_a_paced_edition_goes_no_faster(
    db: Database, edition: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    with db.begin() as tx:
        assert oversight.set_rate(tx, edition, 20)
        assert not oversight.set_rate(tx, edition + 1, 20)
    until = clock() + timedelta(seconds=5)

    def for_five_seconds() -> bool:
        clock.advance(seconds=0.01)
        return clock() < until

    send_due(db, sending_context, should_continue=for_five_seconds)
    assert 90 <= len(relay.relayed) <= 125


def test_a_sender_claims_only_one_range_of_a_paced_edition_and_other_editions_go_on(
    world: World, planner: Planner, sending_context: SendingContext, clock: StoppedClock
) -> None:
    db, relay = world.db, sending_context.relay
    assert isinstance(relay, FakeRelay)
    world.many_subscribers(3 * ranges.MIN_RANGE_SIZE)
    world.article()
    plan_due(db, planner, clock())
    with db.begin() as tx:
        slow = tx.scalars(select(Edition.id)).one()
        oversight.set_rate(tx, slow, 1)
    other = world.subscriber()
    with db.begin() as tx:
        digest_id = tx.scalars(select(Delivery.digest_id)).first() or 0
        edition = Edition(kind=EditionKind.MANUAL, slot="hand:x", cutoff=clock(), created_at=clock())
        tx.add(edition)
        tx.flush()
        tx.add(
            Delivery(
                edition_id=edition.id,
                digest_id=digest_id,
                subscriber_id=other.id,
                planned_at=clock(),
                not_before=clock(),
            )
        )
    until, claimed_counts = clock() + timedelta(seconds=5), []

    def for_five_seconds() -> bool:
        clock.advance(seconds=0.1)
        with db.read() as tx:
            claimed = select(DeliveryRange.id).where(DeliveryRange.holder != "")
            claimed_counts.append(len(tx.scalars(claimed.where(DeliveryRange.edition_id == slow)).all()))
        return clock() < until

    send_due(db, sending_context, should_continue=for_five_seconds)
    assert max(claimed_counts) == 1
    assert other.email in {relayed.recipient for relayed in relay.relayed}


def test_what_is_long_due_is_stuck_and_tells_the_last_answer(
    db: Database, edition: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.down = True
    send_due(db, sending_context)
    with db.read() as tx:
        assert oversight.find_stuck(tx, clock(), timedelta(minutes=10)) == []
    clock.advance(minutes=20)
    with db.read() as tx:
        (row,) = oversight.find_stuck(tx, clock(), timedelta(minutes=10))
    assert (row.edition_id, row.claimed, row.count) == (edition, False, 400)
    assert "nowhere:25" in row.reason


def test_old_deliveries_become_counts_and_new_ones_stay(
    db: Database, edition: int, sending_context: SendingContext, clock: StoppedClock
) -> None:
    send_due(db, sending_context)
    with db.begin() as tx:
        first = tx.scalars(select(Delivery.id).limit(1)).one()
        tx.execute(update(Delivery).where(Delivery.id == first).values(state="planned"))
    assert archive.archive_old_deliveries(db, clock() - timedelta(days=90)) == 0
    assert archive.archive_old_deliveries(db, clock() + timedelta(days=90)) == 400
    assert archive.archive_old_deliveries(db, clock() + timedelta(days=90)) == 0
    with db.read() as tx:
        assert deliveries.count_by_state(tx, [edition])[edition] == {
            DeliveryState.ACCEPTED: 399,
            DeliveryState.EXPIRED: 1,
        }
        assert tx.scalars(select(Delivery.id)).all() == []
