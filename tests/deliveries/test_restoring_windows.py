"""Whose window goes back to where it was, so that the next digest has the news again: of those who did not get it."""

from datetime import datetime, timedelta

import pytest

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.states import NOT_RECEIVED_STATES, DeliveryState
from digest.deliveries.store import windows
from digest.editions.states import EditionKind
from digest.editions.store import editions
from digest.editions.store.editions import DigestKey, DigestRow
from digest.subscribers.store import subscribers
from tests.builders import World
from tests.conftest import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = NOON - DAY


class Reader:
    """A subscriber with a delivery of an edition that closed at noon, over the news of a day."""

    def __init__(
        self, db: Database, world: World, state: DeliveryState, *, hours: int = 0, in_doubt: bool = False,
        cutoff: datetime = NOON, start: datetime = START,
    ) -> None:  # fmt: skip
        self.db = db
        self.row = world.subscriber(last_cutoff=cutoff)
        with db.begin() as tx:
            edition = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=NOON, cutoff=NOON)
            edition.hours = hours
            editions.save_digests(
                tx, edition.id, [DigestRow(self.row.preferences_key, start, "x", (), "hash")]
            )
            key = DigestKey(self.row.preferences_key, start, "")
            delivery = Delivery(
                edition_id=edition.id, digest_id=editions.digest_ids(tx, edition.id, [key])[key], state=state,
                subscriber_id=self.row.id, planned_at=NOON, not_before=NOON, in_doubt=in_doubt,
            )  # fmt: skip
            tx.add(delivery)
            tx.flush()
            self.edition, self.delivery = edition.id, delivery.id

    @property
    def cutoff(self) -> datetime | None:
        """Where the window begins now."""
        with self.db.read() as tx:
            return subscribers.by_id(tx, self.row.id).last_cutoff


def restore(db: Database, *readers: Reader) -> int:
    with db.begin() as tx:
        return windows.restore_windows(tx, [reader.delivery for reader in readers])


@pytest.mark.parametrize("state", list(DeliveryState))
def test_who_did_not_get_the_digest_gets_the_news_again(
    db: Database, world: World, state: DeliveryState
) -> None:
    reader = Reader(db, world, state)
    is_restored = state in NOT_RECEIVED_STATES
    assert restore(db, reader) == is_restored
    assert reader.cutoff == (START if is_restored else NOON)


def test_each_goes_back_to_the_start_of_their_own_digest_and_nobody_else_does(
    db: Database, world: World
) -> None:
    one = Reader(db, world, DeliveryState.REFUSED, start=NOON - 2 * DAY)
    other, third = Reader(db, world, DeliveryState.REFUSED), Reader(db, world, DeliveryState.REFUSED)
    assert restore(db, one, other) == 2
    assert (one.cutoff, other.cutoff, third.cutoff) == (NOON - 2 * DAY, START, NOON)
    assert restore(db) == 0


def test_a_window_stays_that_did_not_move_moved_again_or_may_have_been_read(
    db: Database, world: World
) -> None:
    looks_back = Reader(db, world, DeliveryState.REFUSED, hours=24)
    in_doubt = Reader(db, world, DeliveryState.REFUSED, in_doubt=True)
    moved = Reader(db, world, DeliveryState.REFUSED, cutoff=NOON + HOUR)
    assert restore(db, looks_back, in_doubt, moved) == 0
    assert (looks_back.cutoff, in_doubt.cutoff, moved.cutoff) == (NOON, NOON, NOON + HOUR)


def test_a_cancelled_edition_gives_back_what_it_had_not_sent(db: Database, world: World) -> None:
    planned, accepted = Reader(db, world, DeliveryState.PLANNED), Reader(db, world, DeliveryState.ACCEPTED)
    other = Reader(db, world, DeliveryState.PLANNED)
    with db.begin() as tx:
        assert windows.restore_windows_of_edition(tx, planned.edition) == 1
        assert windows.restore_windows_of_edition(tx, accepted.edition) == 0
    assert (planned.cutoff, accepted.cutoff, other.cutoff) == (START, NOON, NOON)
