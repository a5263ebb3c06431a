"""What the newsroom writes down about a subscriber: who may change it, and how long a deleted note can be restored.

Notes are personal data: they are erased with their subscriber, who gets them on asking for what is stored. No page for
readers shows them, and neither logs nor the audit trail have their words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Database, Tx, lock_row
from digest.errors import ConflictError, InvalidInputError, NewsroomText, NotFoundError
from digest.line_text import clean_lines
from digest.subscribers.models import SubscriberNote
from digest.subscribers.store import notes as store
from digest.subscribers.store import subscribers

MAX_LENGTH = 2_000  # characters of a note
MAX_NOTES = 30  # on one subscriber: their page shows all
UNDO_TIME = timedelta(hours=1)  # after this a deleted note is removed for good


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody of the newsroom: their address, and whether they may change the notes of others."""

    email: str
    changes_all: bool = False

    def may_change(self, note: SubscriberNote) -> bool:
        """Whether the note is theirs to change and delete."""
        return self.changes_all or note.author == self.email


def add(db: Database, subscriber_id: int, text: str, *, writer: Writer, now: datetime) -> int:
    """Write a note on a subscriber; returns its id. Raises InvalidInputError, ConflictError, NotFoundError."""
    words = _checked(text)
    with db.begin() as tx:
        subscribers.by_id(tx, subscriber_id)
        if store.count(tx, subscriber_id) >= MAX_NOTES:
            raise ConflictError(
                NewsroomText("There are %(most)s notes already. Delete one or add to one.", most=MAX_NOTES)
            )
        return store.add(tx, subscriber_id, words, author=writer.email, now=now).id


def change(
    db: Database,
    subscriber_id: int,
    note_id: int,
    decide: Callable[[Tx, SubscriberNote], str],
    *,
    writer: Writer,
    now: datetime,
) -> bool:
    """Change the words of a note to those that `decide` returns; false if they are the same.

    Raises errors for words, note and writer, and what `decide` raises, with nothing changed.
    """
    with db.begin() as tx:
        note = _own(tx, subscriber_id, note_id, writer)
        lock_row(tx, note)
        if note.deleted_at is not None:
            raise _gone()
        words = _checked(decide(tx, note))
        if note.text == words:
            return False
        note.text, note.changed_by, note.changed_at = words, writer.email, now
        return True


def delete(db: Database, subscriber_id: int, note_id: int, *, writer: Writer, now: datetime) -> None:
    """Delete a note; for `UNDO_TIME` it can be restored. Raises NotFoundError, ConflictError."""
    with db.begin() as tx:
        note = _own(tx, subscriber_id, note_id, writer)
        note.deleted_at = note.deleted_at or now


def restore(db: Database, subscriber_id: int, note_id: int, *, writer: Writer, now: datetime) -> None:
    """Bring a deleted note back. Raises NotFoundError if it is too late, ConflictError if it is not theirs."""
    with db.begin() as tx:
        note = _own(tx, subscriber_id, note_id, writer)
        if note.deleted_at is not None and note.deleted_at < now - UNDO_TIME:
            raise _gone()
        note.deleted_at = None


def forget_deleted(db: Database, now: datetime) -> int:
    """Remove for good what can't be restored any more; returns how many notes."""
    with db.begin() as tx:
        return store.remove_deleted(tx, now - UNDO_TIME)


def _own(tx: Tx, subscriber_id: int, note_id: int, writer: Writer) -> SubscriberNote:
    note = store.by_id(tx, subscriber_id, note_id)
    if not writer.may_change(note):
        raise ConflictError(
            NewsroomText("Only %(author)s and managers can change this note.", author=note.author)
        )
    return note


def _gone() -> NotFoundError:
    return NotFoundError(NewsroomText("This note is deleted."))


def _checked(text: str) -> str:
    words = clean_lines(text)
    if not words:
        raise InvalidInputError(NewsroomText("Write something first."))
    if len(words) > MAX_LENGTH:
        raise InvalidInputError(NewsroomText("At most %(max)d characters.", max=MAX_LENGTH))
    return words
