"""The rules of notes on subscribers, on both databases."""

from datetime import timedelta

import pytest

from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.subscribers import notes
from digest.subscribers.notes import MAX_LENGTH, MAX_NOTES, UNDO_TIME, Writer
from digest.subscribers.store import listing
from digest.subscribers.store import notes as store
from digest.subscribers.store.listing import SubscriberFilter
from tests.builders import World
from tests.conftest import NOON

ANNA, BELA, BOSS = (
    Writer("anna@example.org"),
    Writer("bela@example.org"),
    Writer("boss@example.org", changes_all=True),
)


@pytest.fixture
def reader(db: Database, world: World) -> int:
    return world.subscriber().id


def texts(db: Database, subscriber_id: int) -> list[str]:
    with db.read() as tx:
        return [note.text for note in store.of_subscriber(tx, subscriber_id)]


def test_notes_are_plain_text_of_several_lines(db: Database, reader: int) -> None:
    notes.add(db, reader, "\r\n one\x00\r\ntwo\u202e  lines\r\n", writer=ANNA, now=NOON)
    assert texts(db, reader) == ["one\ntwo lines"]


@pytest.mark.parametrize("text", ["", " \n\t", "x" * (MAX_LENGTH + 1)])
def test_empty_and_too_long_notes_are_refused(db: Database, reader: int, text: str) -> None:
    with pytest.raises(InvalidInputError):
        notes.add(db, reader, text, writer=ANNA, now=NOON)
    assert texts(db, reader) == []


def test_a_subscriber_has_a_limited_number_of_notes(db: Database, reader: int) -> None:
    for _ in range(MAX_NOTES):
        notes.add(db, reader, "Rang.", writer=ANNA, now=NOON)
    with pytest.raises(ConflictError):
        notes.add(db, reader, "Rang.", writer=ANNA, now=NOON)


def test_only_the_writer_and_those_who_may_change_all_do(db: Database, reader: int) -> None:
    note = notes.add(db, reader, "Rang.", writer=ANNA, now=NOON)
    with pytest.raises(ConflictError):
        notes.change(db, reader, note, lambda _tx, _note: "Never rang.", writer=BELA, now=NOON)
    with pytest.raises(ConflictError):
        notes.delete(db, reader, note, writer=BELA, now=NOON)
    assert notes.change(db, reader, note, lambda _tx, _note: "Rang twice.", writer=BOSS, now=NOON)
    assert notes.change(db, reader, note, lambda _tx, _note: "Rang.", writer=ANNA, now=NOON)


def test_a_deleted_note_can_be_restored_for_an_hour_and_then_goes_for_good(db: Database, reader: int) -> None:
    kept, note = (notes.add(db, reader, text, writer=ANNA, now=NOON) for text in ("Kept.", "Rang."))
    notes.delete(db, reader, note, writer=ANNA, now=NOON)
    with pytest.raises(NotFoundError):
        notes.change(db, reader, note, lambda _tx, _note: "Wrote.", writer=ANNA, now=NOON)
    assert notes.forget_deleted(db, NOON + UNDO_TIME) == 0
    with pytest.raises(ConflictError):
        notes.restore(db, reader, note, writer=BELA, now=NOON)
    notes.restore(db, reader, note, writer=ANNA, now=NOON + UNDO_TIME)
    assert texts(db, reader) == ["Rang.", "Kept."]
    notes.delete(db, reader, note, writer=ANNA, now=NOON)
    late = NOON + UNDO_TIME + timedelta(seconds=1)
    with pytest.raises(NotFoundError):
        notes.restore(db, reader, note, writer=ANNA, now=late)
    assert notes.forget_deleted(db, late) == 1
    with db.read() as tx:
        assert store.count(tx, reader) == 1
        assert [note.id for note in store.of_subscriber(tx, reader)] == [kept]


def test_those_with_notes_are_listed(db: Database, reader: int, world: World) -> None:
    without = world.subscriber().id
    note = notes.add(db, reader, "Rang.", writer=ANNA, now=NOON)
    chosen = SubscriberFilter(with_notes=True)
    with db.read() as tx:
        assert listing.ids(tx, chosen, limit=9) == [reader]
        assert listing.ids(tx, SubscriberFilter(), limit=9) == [reader, without]
    notes.delete(db, reader, note, writer=ANNA, now=NOON)
    with db.read() as tx:
        assert listing.count(tx, chosen) == 0
