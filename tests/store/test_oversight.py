"""Looking after editions as a whole: stopping by themselves, pace, what is stuck, and folding."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.oversight import archive, circuit_breaker
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import Planner, plan_due
from digest.deliveries.sending.delivery_sender import CHUNK, send_due
from digest.deliveries.sending.sending_context import Post
from digest.deliveries.store import claims as store
from digest.deliveries.store import oversight
from digest.editions.models import Edition
from digest.mail.pure.outcomes import Refused
from tests.builders import World
from tests.conftest import StoppedClock
from tests.fake_relay import FakeRelay


@pytest.fixture
def edition(db: Database, world: World, planner: Planner) -> int:
    """An edition of 400 deliveries."""
    world.crowd(400)
    world.article()
    plan_due(db, planner, world.clock())
    with db.read() as tx:
        return tx.scalars(select(Edition.id)).one()


def state(db: Database, edition: int) -> tuple[str, str]:
    with db.read() as tx:
        found = tx.get_one(Edition, edition)
        return found.state, found.reason


def test_an_edition_that_is_refused_by_too_many_stops_and_says_why(
    db: Database, edition: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    def refuse(recipient: str) -> None:
        clock.forward(seconds=0.1)
        if len(relay.handed) % 10 == 0:
            relay.answers[recipient] = [Refused("550 5.1.1 no such user")]

    relay.before = refuse
    send_due(db, post)
    stopped, reason = state(db, edition)
    assert stopped == "paused"
    assert "were refused" in reason
    assert 200 <= len(relay.handed) < 260
    manual_editions.resume(db, edition)
    send_due(db, post)
    assert state(db, edition) == ("sending", reason)
    with db.read() as tx:
        assert sum(store.counts(tx, [edition])[edition].values()) == 400 == len(relay.handed)


def test_complaints_stop_an_edition_and_an_editor_has_the_last_word(
    db: Database, edition: int, post: Post, clock: StoppedClock
) -> None:
    send_due(db, post)
    assert circuit_breaker.stop_if_failing(db, edition, clock(), complaints=1) == ""
    assert "complaints" in circuit_breaker.stop_if_failing(db, edition, clock(), complaints=3)
    manual_editions.resume(db, edition)
    assert circuit_breaker.stop_if_failing(db, edition, clock(), complaints=9) == ""


def test_a_paced_edition_goes_no_faster(
    db: Database, edition: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    with db.begin() as tx:
        assert oversight.set_rate(tx, edition, 20)
        assert not oversight.set_rate(tx, edition + 1, 20)
    until = clock() + timedelta(seconds=5)

    def for_five_seconds() -> bool:
        clock.forward(seconds=0.01)
        return clock() < until

    send_due(db, post, go_on=for_five_seconds)
    assert 90 <= len(relay.handed) <= 125


def test_of_a_paced_edition_a_sender_takes_a_chunk_and_not_all_and_others_go_on(
    world: World, planner: Planner, post: Post, clock: StoppedClock
) -> None:
    db, relay = world.db, post.relay
    assert isinstance(relay, FakeRelay)
    world.crowd(CHUNK + 50)
    world.article()
    plan_due(db, planner, clock())
    with db.begin() as tx:
        slow = tx.scalars(select(Edition.id)).one()
        oversight.set_rate(tx, slow, 1)
    other = world.reader()
    with db.begin() as tx:
        digest = tx.scalars(select(Delivery.digest_id)).first() or 0
        edition = Edition(kind="manual", slot="hand:x", state="sending", cutoff=clock(), created_at=clock())
        tx.add(edition)
        tx.flush()
        store.plan(tx, [store.DeliveryRow(edition.id, digest, other.id, clock())])
    until, held = clock() + timedelta(seconds=5), []

    def for_five_seconds() -> bool:
        clock.forward(seconds=0.1)
        with db.read() as tx:
            held.append(len(tx.scalars(select(Delivery.id).where(Delivery.state == "claimed")).all()))
        return clock() < until

    send_due(db, post, go_on=for_five_seconds)
    assert max(held) <= CHUNK + 1
    assert other.email in {handed.recipient for handed in relay.handed}


def test_what_is_long_due_is_stuck_and_tells_the_last_answer(
    db: Database, edition: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.down = True
    send_due(db, post)
    with db.read() as tx:
        assert oversight.stuck(tx, clock(), timedelta(minutes=10)) == []
    clock.forward(minutes=20)
    with db.read() as tx:
        (row,) = oversight.stuck(tx, clock(), timedelta(minutes=10))
    assert (row.edition_id, row.state, row.count) == (edition, "planned", 400)
    assert "nowhere:25" in row.reason


def test_old_deliveries_become_counts_and_new_ones_stay(
    db: Database, edition: int, post: Post, clock: StoppedClock
) -> None:
    send_due(db, post)
    with db.begin() as tx:
        first = tx.scalars(select(Delivery.id).limit(1)).one()
        tx.execute(update(Delivery).where(Delivery.id == first).values(state="planned"))
        before = store.counts(tx, [edition])[edition]
    assert archive.fold_old(db, clock() - timedelta(days=90)) == 0
    assert archive.fold_old(db, clock() + timedelta(days=90)) == 400
    assert archive.fold_old(db, clock() + timedelta(days=90)) == 0
    with db.read() as tx:
        assert store.counts(tx, [edition])[edition] == {"accepted": before["accepted"], "expired": 1}
        assert tx.scalars(select(Delivery.id)).all() == []
