"""The ranges that a sender has claimed are released when all of their results are committed, and not before."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

import pytest
from sqlalchemy import select, update

from digest.database import CoreTx, Database
from digest.deliveries.models import DeliveryRange
from digest.deliveries.sending.claimed_ranges import ClaimedRanges
from digest.deliveries.sending.result_writer import ResultWriter
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import claims, ranges
from digest.deliveries.store.claims import DeliveryResult
from digest.mail.pure.outcomes import Accepted
from tests.deliveries.planned_deliveries import deliveries


class HeldWriter:
    """A writer whose saves wait until `commit` is called; transactions are written at once."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._saves: list[tuple[Sequence[DeliveryResult], Future[None]]] = []

    def save(self, results: Sequence[DeliveryResult]) -> "Future[None]":
        future: Future[None] = Future()
        self._saves.append((results, future))
        return future

    def submit(self, write: Callable[[CoreTx], None]) -> "Future[None]":
        future: Future[None] = Future()
        with self._db.begin() as tx:
            write(tx.connection())
        future.set_result(None)
        return future

    def commit(self) -> None:
        for results, future in self._saves:
            with self._db.begin() as tx:
                claims.record_results(tx.connection(), results)
            future.set_result(None)
        self._saves = []


@pytest.fixture
def writer(db: Database) -> HeldWriter:
    return HeldWriter(db)


@pytest.fixture
def batch(db: Database, six: int, sending_context: SendingContext, writer: HeldWriter) -> ClaimedRanges:
    return ClaimedRanges(db, sending_context, "me", cast("ResultWriter", writer))


def the_range(db: Database) -> DeliveryRange:
    with db.read() as tx:
        return tx.scalars(select(DeliveryRange)).one()


def test_a_range_is_not_released_while_results_of_it_are_being_saved(
    db: Database, sending_context: SendingContext, batch: ClaimedRanges, writer: HeldWriter
) -> None:
    *sent, last = batch.claim()
    for delivery in sent:
        batch.record_outcome(delivery, Accepted("250 ok"), sending_context.clock())
    save = batch.save()
    assert save is not None
    batch.release(last)  # it may not be sent any more
    batch.write_between_saves()
    assert the_range(db).holder == "me"
    writer.commit()
    batch.write_between_saves()
    assert the_range(db).holder == ""
    assert the_range(db).counts == {"accepted": 5, "planned": 1}
    assert the_range(db).due_at is not None


def test_a_range_is_released_when_all_saves_that_run_beside_each_other_are_done(
    db: Database, sending_context: SendingContext, batch: ClaimedRanges, writer: HeldWriter
) -> None:
    now = sending_context.clock()
    claimed = batch.claim()
    for deliveries_of_group in (claimed[:2], claimed[2:5], claimed[5:]):
        for delivery in deliveries_of_group:
            batch.record_outcome(delivery, Accepted("250 ok"), now)
        last = batch.save()
    assert last is not None
    assert not last.done()
    assert the_range(db).holder == "me"
    writer.commit()
    assert last.done()
    assert (the_range(db).holder, the_range(db).counts) == ("", {"accepted": 6})


def test_at_the_end_a_save_is_awaited_before_ranges_are_released(
    db: Database,
    sending_context: SendingContext,
    batch: ClaimedRanges,
    writer: HeldWriter,
    threads: ThreadPoolExecutor,
) -> None:
    first, *_ = batch.claim()
    batch.record_outcome(first, Accepted("250 ok"), sending_context.clock())
    assert batch.save() is not None
    ending = threads.submit(batch.release_all, sending_context.clock(), "stopped")
    with pytest.raises(TimeoutError):
        ending.result(0.2)
    assert the_range(db).holder == "me"
    writer.commit()
    ending.result(10)
    assert (the_range(db).holder, the_range(db).counts) == ("", {"accepted": 1, "planned": 5})
    assert [delivery.state for delivery in deliveries(db)].count(DeliveryState.ACCEPTED) == 1


def test_a_range_that_another_sender_claims_meanwhile_is_not_taken_from_it(
    db: Database, batch: ClaimedRanges, threads: ThreadPoolExecutor
) -> None:
    batch.claim()

    def release() -> None:
        with db.begin() as tx:
            ranges.release_holder(tx, "me")

    with db.begin() as tx:  # a sender that was taken for dead releases its range, and another one claims it
        tx.execute(update(DeliveryRange).values(holder="another"))
        tx.flush()
        releasing = threads.submit(release)
        with pytest.raises(TimeoutError):
            releasing.result(0.3)
    releasing.result(10)
    assert the_range(db).holder == "another"
