"""What a sender loads of a range that it has claimed, whether it may still send it, and what it writes about it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import claims
from digest.deliveries.store.claims import ClaimStatus, DeliveryResult, postgresql_parameters
from digest.editions.states import EditionKind, EditionState
from digest.editions.store import editions
from digest.editions.store.editions import DigestKey, DigestRow
from digest.subscribers.states import SubscriberState
from tests.builders import World
from tests.conftest import NOON

SECOND = timedelta(seconds=1)


class Edition:
    """An edition with two digests, and deliveries in the order in which they are added."""

    def __init__(self, db: Database, world: World) -> None:
        self.db, self.world, self.deliveries = db, world, list[int]()
        with db.begin() as tx:
            edition = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=NOON, cutoff=NOON)
            edition.state, edition.rate = EditionState.SENDING, 7
            self.id = edition.id
        self.digests = []
        for name in ("first", "second"):
            subscriber = world.subscriber(regions=["kz"] if name == "first" else ["ge"])
            row = DigestRow(subscriber.preferences_key, NOON, name, (), "hash")
            key = DigestKey(subscriber.preferences_key, NOON, "")
            with db.begin() as tx:
                editions.save_digests(tx, self.id, [row])
                self.digests.append(editions.digest_ids(tx, self.id, [key])[key])

    def add(
        self, digest: int = 0, *, state: DeliveryState = DeliveryState.PLANNED, not_before: datetime = NOON,
        subscriber: SubscriberState | None = SubscriberState.ACTIVE,
    ) -> int:  # fmt: skip
        reader = self.world.subscriber(state=subscriber) if subscriber else None
        with self.db.begin() as tx:
            row = Delivery(
                edition_id=self.id, digest_id=self.digests[digest], subscriber_id=reader.id if reader else None,
                state=state, planned_at=NOON, not_before=not_before, test_address="" if reader else "t@example.org",
            )  # fmt: skip
            tx.add(row)
            tx.flush()
            self.deliveries.append(row.id)
            return row.id

    def part(self, first: int = 0, last: int = -1) -> DeliveryRange:
        """The range of all deliveries from the place `first` to `last`, in the order of their ids."""
        return DeliveryRange(
            edition_id=self.id, after_id=self.deliveries[first] - 1, up_to_id=self.deliveries[last],
            first_digest_id=0, first_id=0, last_digest_id=10**6, last_id=0,
        )  # fmt: skip


@pytest.fixture
def edition(db: Database, world: World) -> Edition:
    return Edition(db, world)


def load(db: Database, part: DeliveryRange) -> list[int]:
    with db.read() as tx:
        return [each.id for each in claims.load_claimed(tx, part, NOON)]


def test_deliveries_of_one_digest_are_loaded_together_and_in_their_order(
    db: Database, edition: Edition
) -> None:
    one, two, three, four = edition.add(1), edition.add(0), edition.add(1), edition.add(0)
    assert load(db, edition.part()) == [two, four, one, three]
    assert load(db, edition.part(1, 2)) == [two, three]


def test_only_what_is_planned_and_due_is_loaded(db: Database, edition: Edition) -> None:
    due = edition.add()
    edition.add(not_before=NOON + SECOND)
    for state in DeliveryState:
        if state != DeliveryState.PLANNED:
            edition.add(state=state)
    test = edition.add(subscriber=None)
    assert load(db, edition.part()) == [due, test]
    with db.read() as tx:
        first, last = claims.load_claimed(tx, edition.part(), NOON)
    assert (first.attempts, first.test_address, first.subscriber_state) == (1, "", SubscriberState.ACTIVE)
    assert (last.test_address, last.email, last.subscriber_state) == ("t@example.org", None, None)


def test_the_status_of_each_planned_delivery_of_a_range_is_asked_for(db: Database, edition: Edition) -> None:
    active, paused = edition.add(), edition.add(subscriber=SubscriberState.PAUSED)
    test, ended, outside = (
        edition.add(subscriber=None),
        edition.add(state=DeliveryState.ACCEPTED),
        edition.add(),
    )
    with db.read() as tx:
        found = claims.claim_statuses(tx, edition.part(0, 3))
    assert found == {
        active: ClaimStatus(edition.id, EditionState.SENDING, 7, SubscriberState.ACTIVE),
        paused: ClaimStatus(edition.id, EditionState.SENDING, 7, SubscriberState.PAUSED),
        test: ClaimStatus(edition.id, EditionState.SENDING, 7, None),
    }
    assert [found[each].may_send for each in (active, paused, test)] == [True, False, True]
    assert not ClaimStatus(1, EditionState.PAUSED, 0, SubscriberState.ACTIVE).may_send
    assert ended not in found
    assert outside not in found


def result(delivery: int, answer: str = "250 ok", **changes: object) -> DeliveryResult:
    values = DeliveryResult(delivery, DeliveryState.ACCEPTED, answer, NOON, NOON, in_doubt=False, attempts=1)
    return values._replace(**changes)  # type: ignore[arg-type]


def test_results_are_written_with_their_own_answers_cut_and_without_nul(
    db: Database, edition: Edition
) -> None:
    one, two, three = edition.add(), edition.add(), edition.add()
    doubt = result(three, "reset", state=DeliveryState.IN_DOUBT, in_doubt=True, attempts=2)
    with db.begin() as tx:
        claims.record_results(tx.connection(), [result(one, "x" * 600), result(two, "a\0b"), doubt])
    with db.begin() as tx:
        claims.record_results(tx.connection(), [result(one, "late", state=DeliveryState.REFUSED)])
    with db.read() as tx:
        rows = tx.scalars(select(Delivery).order_by(Delivery.id)).all()
    assert [(row.state, row.answer, row.in_doubt, row.attempts) for row in rows] == [
        ("accepted", "x" * 500, False, 1), ("accepted", "a b", False, 1), ("in_doubt", "reset", True, 2),
    ]  # fmt: skip


def test_equal_results_are_one_statement() -> None:
    later = NOON + SECOND
    waiting = result(3, "451", state=DeliveryState.PLANNED, not_before=later, finished_at=None, in_doubt=True)
    assert list(postgresql_parameters([result(1, "a"), result(2, "b"), waiting])) == [
        ("accepted", NOON.isoformat(), NOON.isoformat(), "false", "1", '[[1, "a"], [2, "b"]]'),
        ("planned", later.isoformat(), "", "true", "1", '[[3, "451"]]'),
    ]
