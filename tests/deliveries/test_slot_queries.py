"""The rows of sender slots: a change counts only if nobody has changed the row since it was seen."""

from dataclasses import replace

from digest.database import Database
from digest.deliveries.store import slots
from digest.deliveries.store.slots import SlotState

LETTERS, TWO = range(1), range(1, 3)


def read(db: Database, numbers: range = TWO) -> list[SlotState]:
    with db.begin() as tx:
        return list(slots.read_slots(tx, numbers))


def test_slots_are_made_as_they_are_needed_and_letters_have_their_own(db: Database) -> None:
    assert read(db) == [SlotState(1, "", 0, ""), SlotState(2, "", 0, "")]
    assert read(db, LETTERS) == [SlotState(0, "", 0, "")]
    assert [slot.number for slot in read(db, range(1, 5))] == [1, 2, 3, 4]
    assert [slot.number for slot in read(db)] == [1, 2, 3, 4]  # those above may be taken


def test_a_slot_is_taken_cleared_and_given_back_only_as_it_was_seen(db: Database) -> None:
    first, second = read(db)
    for changed in (replace(first, holder="x"), replace(first, renewals=1), replace(first, number=9)):
        with db.begin() as tx:
            assert not slots.take(tx, changed, "me", "1@host")
            assert not slots.clear(tx, changed)
    with db.begin() as tx:
        assert slots.take(tx, first, "me", "1@host")
        assert not slots.take(tx, first, "you", "2@host")
    taken = SlotState(1, "me", 1, "1@host")
    assert read(db) == [taken, second]
    with db.begin() as tx:
        assert slots.renew(tx, 1, "me")
        assert not slots.renew(tx, 1, "you")
        assert not slots.renew(tx, 2, "me")
    assert read(db)[0] == replace(taken, renewals=2)
    with db.begin() as tx:
        assert not slots.clear(tx, taken)
        slots.give_back(tx, 1, "you")
        slots.give_back(tx, 2, "me")
    assert read(db)[0].holder == "me"
    held = read(db)[0]
    with db.begin() as tx:
        assert slots.clear(tx, held)
    assert read(db)[0] == SlotState(1, "", held.renewals + 1, "")
    with db.begin() as tx:
        assert slots.take(tx, second, "me", "1@host")
        slots.give_back(tx, 2, "me")
    assert read(db)[1] == SlotState(2, "", 1, "")


def test_free_slots_above_the_number_of_senders_go(db: Database) -> None:
    *_, last = read(db, range(1, 5))
    with db.begin() as tx:
        slots.take(tx, last, "me", "")
        slots.drop_above(tx, 2)
    assert [slot.number for slot in read(db)] == [1, 2, 4]
    with db.begin() as tx:
        slots.give_back(tx, 4, "me")
        slots.drop_above(tx, 2)
    assert [slot.number for slot in read(db)] == [1, 2]
