"""Which range a sender claims, and in which order: one that is due, free, and of an edition that is being sent."""

from datetime import datetime, timedelta

import pytest

from digest.database import Database
from digest.deliveries.models import DeliveryRange
from digest.deliveries.store import ranges
from digest.editions.states import EditionKind, EditionState
from digest.editions.store import editions
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)


def add_edition(db: Database, state: EditionState = EditionState.SENDING) -> int:
    with db.begin() as tx:
        edition = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=NOON, cutoff=NOON)
        edition.state = state
        return edition.id


def add_range(db: Database, edition: int, due_at: datetime | None, holder: str = "") -> int:
    places = {
        "after_id": 0,
        "up_to_id": 9,
        "first_digest_id": 1,
        "first_id": 1,
        "last_digest_id": 1,
        "last_id": 9,
    }
    with db.begin() as tx:
        part = DeliveryRange(edition_id=edition, due_at=due_at, holder=holder, **places)
        tx.add(part)
        tx.flush()
        return part.id


def claim_all(db: Database, holder: str = "me", *, except_editions: tuple[int, ...] = ()) -> list[int]:
    """The ids of all ranges that can be claimed at noon, in the order in which they are claimed."""
    ids = []
    with db.begin() as tx:
        while part := ranges.claim(tx, holder, NOON, except_editions=except_editions):
            assert part.holder == holder
            ids.append(part.id)
    return ids


def test_the_earlier_edition_comes_first_and_within_it_what_has_been_due_for_longest(db: Database) -> None:
    first, second = add_edition(db), add_edition(db)
    of_second = add_range(db, second, NOON - 9 * MINUTE)
    late, early = add_range(db, first, NOON - MINUTE), add_range(db, first, NOON - 5 * MINUTE)
    same_time = add_range(db, first, NOON - MINUTE)
    assert claim_all(db) == [early, late, same_time, of_second]
    assert claim_all(db, "another") == []


def test_a_range_is_due_from_its_moment_on(db: Database) -> None:
    edition = add_edition(db)
    due = add_range(db, edition, NOON)
    add_range(db, edition, NOON + timedelta(microseconds=1))
    add_range(db, edition, None)
    assert claim_all(db) == [due]


def test_a_range_that_a_sender_has_is_claimed_by_nobody_else(db: Database) -> None:
    edition = add_edition(db)
    add_range(db, edition, NOON - MINUTE, holder="another")
    free = add_range(db, edition, NOON)
    assert claim_all(db) == [free]


@pytest.mark.parametrize("state", [state for state in EditionState if state != EditionState.SENDING])
def test_nothing_is_claimed_of_an_edition_that_is_not_being_sent(db: Database, state: EditionState) -> None:
    add_range(db, add_edition(db, state), NOON - MINUTE)
    assert claim_all(db) == []


def test_editions_that_a_sender_leaves_out_are_left_to_others(db: Database) -> None:
    slow, other = add_edition(db), add_edition(db)
    of_slow, of_other = add_range(db, slow, NOON - MINUTE), add_range(db, other, NOON)
    assert claim_all(db, except_editions=(slow,)) == [of_other]
    assert claim_all(db, "another") == [of_slow]
