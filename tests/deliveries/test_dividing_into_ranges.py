"""How deliveries are divided into ranges, which editions lack some, and when a range is due again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.models import DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import deliveries, ranges
from tests.builders import World
from tests.conftest import NOON
from tests.deliveries.test_loading_claims import Edition

HOUR = timedelta(hours=1)


def divide(db: Database) -> int:
    with db.begin() as tx:
        return ranges.divide(tx)


def parts(db: Database, *edition_ids: int) -> list[DeliveryRange]:
    with db.read() as tx:
        return sorted(ranges.of_editions(tx, edition_ids), key=lambda part: part.id)


def test_each_delivery_is_in_one_range_however_often_they_are_divided(db: Database, world: World) -> None:
    edition, other = Edition(db, world), Edition(db, world)
    for count in (2, 2, 1):
        for _ in range(count):
            edition.add()
        assert divide(db) == 1
        assert divide(db) == 0
    other.add()
    divide(db)
    assert [part.counts for part in parts(db, edition.id)] == [{"planned": 2}, {"planned": 2}, {"planned": 1}]
    assert len(parts(db, other.id)) == 1
    assert len(parts(db, edition.id, other.id)) == 4
    assert parts(db) == []


def test_only_an_edition_whose_newest_deliveries_are_in_no_range_is_looked_at(
    db: Database, world: World
) -> None:
    covered, empty = Edition(db, world), Edition(db, world)
    covered.add()
    divide(db)
    with db.read() as tx:
        assert ranges.not_fully_covered(tx, [covered.id, empty.id]) == [empty.id]
    empty.add()
    with db.read() as tx:
        assert ranges.not_fully_covered(tx, [empty.id]) == [empty.id]


def test_all_deliveries_of_an_edition_are_listed_and_looked_for_near_their_ranges(
    db: Database, world: World
) -> None:
    edition, other, undivided = Edition(db, world), Edition(db, world), Edition(db, world)
    for number in range(3):
        edition.add()
        other.add()
        divide(db)
        for each in (edition, other, undivided):
            with db.read() as tx:
                rows, total = deliveries.edition_deliveries(tx, each.id, "")
            assert len(rows) == total == (0 if each is undivided else number + 1)
    undivided.add()
    edition.add()  # is in no range yet
    with db.read() as tx:
        for each, count in ((edition, 4), (other, 3), (undivided, 1)):
            assert len(deliveries.edition_deliveries(tx, each.id, "planned")[0]) == count
        assert [len(ranges.ids_of_edition(tx, each.id)) for each in (edition, other, undivided)] == [1, 1, 0]
    divide(db)
    with db.read() as tx:
        assert [len(ranges.ids_of_edition(tx, each.id)) for each in (edition, other)] == [2, 1]


def test_an_edition_has_so_many_ranges_that_all_senders_share_it(
    db: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "RANGES_PER_EDITION", 4)
    monkeypatch.setattr(ranges, "MIN_RANGE_SIZE", 1)
    edition = Edition(db, world)
    for number in range(8):
        edition.add(number % 2)
    assert divide(db) == 4
    assert [part.counts for part in parts(db, edition.id)] == [{"planned": 2}] * 4


def test_a_range_is_due_again_when_the_first_of_its_deliveries_is(db: Database, world: World) -> None:
    edition = Edition(db, world)
    edition.add(not_before=NOON + 2 * HOUR)
    edition.add(not_before=NOON + HOUR)
    edition.add(not_before=NOON - HOUR, state=DeliveryState.ACCEPTED)
    divide(db)
    (part,) = parts(db, edition.id)
    assert part.due_at == NOON + HOUR
    for not_before, due_at in ((None, NOON + HOUR), (NOON, NOON + HOUR), (NOON + 3 * HOUR, NOON + 3 * HOUR)):
        with db.begin() as tx:
            tx.get_one(DeliveryRange, part.id).holder = "me"
            tx.flush()
            ranges.release(tx, part, "me", NOON, not_before=not_before, reason="why")
        with db.read() as tx:
            released = tx.scalars(select(DeliveryRange)).one()
        assert (released.due_at, released.holder, released.reason) == (due_at, "", "why")
        assert released.counts == {"planned": 2, "accepted": 1}


def test_ranges_that_nobody_has_and_that_are_not_done_are_open(db: Database, world: World) -> None:
    edition = Edition(db, world)
    for state in (DeliveryState.PLANNED, DeliveryState.ACCEPTED, DeliveryState.PLANNED):
        edition.add(state=state)
        divide(db)
    first, _, last = parts(db, edition.id)
    with db.begin() as tx:
        assert [part.id for part in ranges.unclaimed_open(tx, [edition.id])] == [first.id, last.id]
        tx.get_one(DeliveryRange, first.id).holder = "me"
        tx.flush()
        assert [part.id for part in ranges.unclaimed_open(tx, [edition.id])] == [last.id]
        assert len(tx.scalars(select(DeliveryRange).where(ranges.is_open())).all()) == 2
        ranges.release_holder(tx, "me")
        assert tx.get_one(DeliveryRange, first.id).holder == ""
