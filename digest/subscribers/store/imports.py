"""Queries of imports: their files, remarks about rows, and what they changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy import insert as sql_insert

from digest.database import Tx, chunked, is_one_of
from digest.errors import NotFoundError
from digest.subscribers.models import (
    Consent,
    ImportChange,
    ImportFile,
    ImportRemark,
    Letter,
    Subscriber,
    SubscriberImport,
    Suppression,
)
from digest.subscribers.states import WORKING_IMPORT_STATES, ConsentAction, ImportOutcome, ImportState

MAX_LISTED = 50  # imports on the page
MARKED_COLUMNS = (  # what somebody gets, when, and where
    Subscriber.preferences_key,
    Subscriber.cadence,
    Subscriber.weekday,
    Subscriber.send_minute,
    Subscriber.zone,
    Subscriber.email_key,
)


def add(tx: Tx, row: SubscriberImport) -> int:
    """Add an import; returns its id."""
    tx.add(row)
    tx.flush()
    return row.id


def find(tx: Tx, import_id: int, *, locked: bool = False) -> SubscriberImport | None:
    """The import with this id, if there is one."""
    return tx.get(SubscriberImport, import_id, with_for_update=locked or None)


def by_id(tx: Tx, import_id: int, *, locked: bool = False) -> SubscriberImport:
    """The import with this id; `locked` until the end of the transaction. Raises NotFoundError."""
    row = find(tx, import_id, locked=locked)
    if row is None:
        raise NotFoundError(f"There is no import {import_id}.")
    return row


def newest(tx: Tx, limit: int = MAX_LISTED) -> Sequence[SubscriberImport]:
    """The newest imports."""
    return tx.scalars(select(SubscriberImport).order_by(SubscriberImport.id.desc()).limit(limit)).all()


def due(tx: Tx, now: datetime) -> Sequence[int]:
    """The imports that have work to do and that no process has, the oldest first."""
    free = SubscriberImport.claimed_until.is_(None) | (SubscriberImport.claimed_until < now)
    where = SubscriberImport.state.in_(WORKING_IMPORT_STATES), free
    return tx.scalars(select(SubscriberImport.id).where(*where).order_by(SubscriberImport.id)).all()


def claim(tx: Tx, import_id: int, *, until: datetime, now: datetime) -> SubscriberImport | None:
    """Take an import that has work to do, until `until`; None if another process has it."""
    free = SubscriberImport.claimed_until.is_(None) | (SubscriberImport.claimed_until < now)
    where = SubscriberImport.id == import_id, SubscriberImport.state.in_(WORKING_IMPORT_STATES), free
    values = {"claimed_until": until, "attempts": SubscriberImport.attempts + 1}
    claimed = tx.execute(update(SubscriberImport).where(*where).values(values).returning(SubscriberImport.id))
    return by_id(tx, import_id) if claimed.all() else None


def add_files(tx: Tx, import_id: int, files: Iterable[tuple[str, bytes]]) -> None:
    """Keep the packed files of an import until it ends."""
    tx.add_all(ImportFile(import_id=import_id, name=name, octets=octets) for name, octets in files)


def files(tx: Tx, import_id: int) -> Sequence[ImportFile]:
    """The files of an import that have not been deleted, in their order."""
    return tx.scalars(
        select(ImportFile).where(ImportFile.import_id == import_id).order_by(ImportFile.id)
    ).all()


def remove_files(tx: Tx, import_id: int) -> None:
    """Delete the files of an import."""
    tx.execute(delete(ImportFile).where(ImportFile.import_id == import_id))


def replace_remarks(tx: Tx, import_id: int, remarks: Iterable[Mapping[str, Any]]) -> None:
    """Store the remarks about the rows of an import in place of earlier ones."""
    tx.execute(delete(ImportRemark).where(ImportRemark.import_id == import_id))
    for chunk in chunked({"import_id": import_id, **remark} for remark in remarks):
        tx.execute(sql_insert(ImportRemark), chunk)


def remarks(
    tx: Tx, import_id: int, kinds: Collection[ImportOutcome] = (), limit: int | None = None
) -> Sequence[ImportRemark]:
    """The remarks of these kinds (of all without any), by file and line."""
    where = [ImportRemark.import_id == import_id]
    if kinds:
        where.append(ImportRemark.kind.in_(kinds))
    order = ImportRemark.file, ImportRemark.line, ImportRemark.id
    return tx.scalars(select(ImportRemark).where(*where).order_by(*order).limit(limit)).all()


def forget_address(tx: Tx, email_key: str) -> None:
    """Delete the remarks that name an address."""
    named = func.lower(ImportRemark.text).contains(email_key, autoescape=True)
    tx.execute(delete(ImportRemark).where(named))


def record_added(tx: Tx, import_id: int, subscriber_ids: Iterable[int]) -> None:
    """Remember which subscribers an import added, and as what."""
    for chunk in chunked(subscriber_ids):
        columns = Subscriber.id, Subscriber.state, Subscriber.left_at, *MARKED_COLUMNS
        rows = [
            {
                "import_id": import_id,
                "subscriber_id": row[0],
                "state": row[1],
                "left_at": row[2],
                "subscription": _mark(row[3:]),
            }
            for row in tx.execute(select(*columns).where(is_one_of(tx, Subscriber.id, chunk)))
        ]
        tx.execute(sql_insert(ImportChange), rows)


def record_suppressed(tx: Tx, import_id: int, address_hash: str, subscriber: Subscriber | None) -> None:
    """Remember that an import is about to suppress an address, and what its subscriber has now."""
    tx.add(
        ImportChange(
            import_id=import_id,
            address_hash=address_hash,
            subscriber_id=subscriber.id if subscriber else None,
            state=subscriber.state if subscriber else None,
            left_at=subscriber.left_at if subscriber else None,
        )
    )


def subscription_mark(row: Subscriber) -> str:
    """A text that is another one once somebody has changed what they get or when, or their address."""
    return _mark(getattr(row, column.key) for column in MARKED_COLUMNS)


def _mark(values: Iterable[object]) -> str:
    return " ".join(map(str, values))


def count_changes(tx: Tx, import_id: int) -> int:
    """How many changes of an import could still be undone."""
    where = ImportChange.import_id == import_id, ImportChange.kept_for == ""
    return tx.scalar(select(func.count()).select_from(ImportChange).where(*where)) or 0


class UndoableChange(NamedTuple):
    """A change of an import, its subscriber, and what has happened since."""

    change: ImportChange
    subscriber: Subscriber | None
    suppression: Suppression | None
    has_acted: bool  # there is a consent of their own, or a letter to them


def changes(
    tx: Tx, import_id: int, *, after: int, limit: int, locked: bool = False
) -> Sequence[UndoableChange]:
    """The next changes of an import that could still be undone, in the order of their ids."""
    where = ImportChange.import_id == import_id, ImportChange.kept_for == "", ImportChange.id > after
    found = tx.scalars(select(ImportChange).where(*where).order_by(ImportChange.id).limit(limit)).all()
    ids = [row.subscriber_id for row in found if row.subscriber_id is not None]
    query = select(Subscriber).where(is_one_of(tx, Subscriber.id, ids))
    people = {row.id: row for row in tx.scalars(query.with_for_update() if locked else query)}
    stops = _suppressions(tx, [row.address_hash for row in found if row.address_hash], ids)
    acted = _with_own_acts(tx, ids)
    return [
        UndoableChange(
            row,
            people.get(row.subscriber_id or 0),
            stops.get(row.address_hash or row.subscriber_id),
            row.subscriber_id in acted,
        )
        for row in found
    ]


def _suppressions(
    tx: Tx, hashes: Collection[str], subscriber_ids: Collection[int]
) -> dict[str | int | None, Suppression]:
    """Suppressions by the hash of the address, and by the subscriber."""
    by_hash = tx.scalars(select(Suppression).where(is_one_of(tx, Suppression.address_hash, hashes)))
    found: dict[str | int | None, Suppression] = {row.address_hash: row for row in by_hash}
    by_subscriber = tx.scalars(
        select(Suppression).where(is_one_of(tx, Suppression.subscriber_id, subscriber_ids))
    )
    return found | {row.subscriber_id: row for row in by_subscriber}


def _with_own_acts(tx: Tx, subscriber_ids: Collection[int]) -> set[int]:
    own = is_one_of(tx, Consent.subscriber_id, subscriber_ids), Consent.action != ConsentAction.IMPORTED
    letters = select(Letter.subscriber_id).where(is_one_of(tx, Letter.subscriber_id, subscriber_ids))
    return {*tx.scalars(select(Consent.subscriber_id).where(*own)), *tx.scalars(letters)}


def remove_subscribers(tx: Tx, subscriber_ids: Sequence[int]) -> None:
    """Delete subscribers. The database also deletes what refers to them, and the changes that added them."""
    for chunk in chunked(subscriber_ids):
        tx.execute(delete(Subscriber).where(is_one_of(tx, Subscriber.id, chunk)))


def remove_changes(tx: Tx, change_ids: Sequence[int]) -> None:
    """Delete changes that have been undone."""
    for chunk in chunked(change_ids):
        tx.execute(delete(ImportChange).where(is_one_of(tx, ImportChange.id, chunk)))


def kept(tx: Tx, import_id: int, limit: int) -> Sequence[tuple[str, Subscriber]]:
    """The first subscribers whom undoing left as they are, each with the reason."""
    where = ImportChange.import_id == import_id, ImportChange.kept_for != ""
    joined = select(ImportChange.kept_for, Subscriber).join(
        Subscriber, Subscriber.id == ImportChange.subscriber_id
    )
    rows = tx.execute(joined.where(*where).order_by(ImportChange.id).limit(limit))
    return [(row[0], row[1]) for row in rows]


def ended_before(tx: Tx, moment: datetime) -> Sequence[int]:
    """The imports that ended before `moment`."""
    return tx.scalars(select(SubscriberImport.id).where(SubscriberImport.finished_at < moment)).all()


def drop_changes(tx: Tx, import_ids: Collection[int]) -> None:
    """Delete what would be needed to undo these imports."""
    tx.execute(delete(ImportChange).where(ImportChange.import_id.in_(import_ids)))


def drop_remarks(tx: Tx, import_ids: Collection[int]) -> None:
    """Delete the remarks about the rows of these imports."""
    tx.execute(delete(ImportRemark).where(ImportRemark.import_id.in_(import_ids)))


def remove(tx: Tx, import_id: int) -> None:
    """Delete an import that has not begun, with its files."""
    tx.execute(delete(SubscriberImport).where(SubscriberImport.id == import_id))


def unused(tx: Tx, before: datetime) -> Sequence[int]:
    """The imports from before `before` that were uploaded and never begun."""
    waiting = SubscriberImport.state.in_((ImportState.DRAFT, ImportState.CHECKING, ImportState.CHECKED))
    return tx.scalars(select(SubscriberImport.id).where(waiting, SubscriberImport.created_at < before)).all()
