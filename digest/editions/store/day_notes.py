"""Queries over the notes of days."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from digest.database import Tx, lock_for_transaction
from digest.editions.models import DayNoteVersion
from digest.editions.pure.calendar import local_day_bounds
from digest.editions.pure.day_notes import DayNote, notes_in_force


def in_force(tx: Tx, at: datetime) -> Sequence[DayNote]:
    """The notes that a digest composed at this moment gets, if they are for its readers."""
    query = select(DayNoteVersion).where(DayNoteVersion.ends_at > at, DayNoteVersion.starts_at <= at)
    return notes_in_force(map(_note, tx.scalars(query.order_by(DayNoteVersion.id))))


def by_ids(tx: Tx, ids: Collection[int]) -> Mapping[int, DayNote]:
    """Notes by id; those that are deleted are missing."""
    if not ids:
        return {}
    rows = tx.scalars(select(DayNoteVersion).where(DayNoteVersion.id.in_(ids)))
    return {row.id: _note(row) for row in rows}


def lock_notes(tx: Tx) -> None:
    """Make other changes wait until this transaction ends: each is compared with the note before it."""
    lock_for_transaction(tx, "day notes")


def add(tx: Tx, region: str, text: str, subject: str, *, author: str, zone: str, now: datetime) -> DayNote:
    """Store the note of a region for today in a zone. It replaces the region's note; empty, it takes it back."""
    starts_at, ends_at = local_day_bounds(now, zone)
    row = DayNoteVersion(
        region=region,
        text=text,
        subject=subject,
        author=author,
        created_at=now,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    tx.add(row)
    tx.flush()
    return _note(row)


def prune(tx: Tx, before: datetime, limit: int) -> int:
    """Delete up to `limit` notes that ended before a moment; returns how many were deleted."""
    old = select(DayNoteVersion.id).where(DayNoteVersion.ends_at < before).limit(limit)
    deleted = delete(DayNoteVersion).where(DayNoteVersion.id.in_(old)).returning(DayNoteVersion.id)
    return len(tx.scalars(deleted, execution_options={"synchronize_session": False}).all())


def _note(row: DayNoteVersion) -> DayNote:
    return DayNote(row.id, row.region, row.text, row.subject, row.author, row.created_at, row.ends_at)
