"""Takes an import back within a day: what it added and what it suppressed, but nothing that somebody has done since."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.clock import Clock
from digest.database import Database, Tx
from digest.errors import ConflictError, NewsroomText
from digest.subscribers.imports.import_run import BATCH_SIZE, CLAIM_TIME
from digest.subscribers.imports.row_saving import SUPPRESSION_DETAIL
from digest.subscribers.models import SubscriberImport, Suppression
from digest.subscribers.states import (
    SUBSCRIBED_STATES,
    ImportState,
    KeptFor,
    SubscriberState,
    SuppressionReason,
)
from digest.subscribers.store import imports, suppressions
from digest.subscribers.store.imports import UndoableChange
from digest.webhooks.recording import record_many
from digest.webhooks.states import EventType

UNDO_TIME = timedelta(days=1)
REMOVED, LIFTED, RESTORED = "removed", "lifted", "restored"  # keys of the counts, beside those of `KeptFor`


def can_undo(row: SubscriberImport, now: datetime) -> bool:
    """Whether an import has ended, not been undone, and is not older than a day."""
    has_ended = row.state in (ImportState.DONE, ImportState.FAILED)
    return has_ended and row.finished_at is not None and now - row.finished_at <= UNDO_TIME


def require_undoable(row: SubscriberImport, now: datetime) -> None:
    """Raise ConflictError if an import can't be undone any more."""
    if row.state == ImportState.UNDONE:
        raise ConflictError(NewsroomText("Import %(number)s has been undone already.", number=row.id))
    if not can_undo(row, now):
        raise ConflictError(
            NewsroomText(
                "Import %(number)s can't be undone: that is possible for a day after it has ended.",
                number=row.id,
            )
        )


def preview(db: Database, import_id: int) -> Counter[str]:
    """How many changes undoing would take back, and how many it would leave for each reason."""
    counts: Counter[str] = Counter()
    after = 0
    with db.read() as tx:
        while batch := imports.changes(tx, import_id, after=after, limit=BATCH_SIZE):
            counts.update(_verdict(each) for each in batch)
            after = batch[-1].change.id
    return counts


def start(db: Database, import_id: int, now: datetime) -> None:
    """Begin to undo an import. Raises ConflictError if that is not possible any more."""
    with db.begin() as tx:
        row = imports.by_id(tx, import_id, locked=True)
        require_undoable(row, now)
        row.state, row.position, row.attempts, row.claimed_until = ImportState.UNDOING, 0, 0, None
        row.total, row.undo_counts, row.error = imports.count_changes(tx, import_id), {}, ""


def undo_all(db: Database, import_id: int, clock: Clock) -> Counter[str]:
    """Undo what is left to undo, batch by batch; returns the counts of all batches."""
    while True:
        with db.begin() as tx:
            row = imports.by_id(tx, import_id, locked=True)
            if row.state != ImportState.UNDOING:
                raise ConflictError(f"Import {import_id} is not being undone.")
            batch = imports.changes(tx, import_id, after=0, limit=BATCH_SIZE, locked=True)
            counts = Counter(row.undo_counts) + _undo_batch(tx, batch, clock())
            row.undo_counts, row.position = dict(counts), row.position + len(batch)
            row.attempts, row.claimed_until = 0, clock() + CLAIM_TIME
            if not batch:
                row.state, row.undone_at, row.claimed_until = ImportState.UNDONE, clock(), None
                return counts


def _undo_batch(tx: Tx, batch: Sequence[UndoableChange], now: datetime) -> Counter[str]:
    verdicts = [(each, _verdict(each)) for each in batch]
    removed = [each for each, verdict in verdicts if verdict == REMOVED]
    joined = [each for each in removed if each.change.state in SUBSCRIBED_STATES]
    record_many(tx, EventType.SUBSCRIBER_ERASED, now, ({"id": each.change.subscriber_id} for each in joined))
    done: list[int] = []
    for each, verdict in verdicts:
        if verdict in (LIFTED, RESTORED):
            suppressions.remove(tx, each.change.address_hash or "")
            done.append(each.change.id)
            if verdict == RESTORED:
                _restore(each)
        elif verdict != REMOVED:
            each.change.kept_for = verdict
    restored = [each.change.subscriber_id for each, verdict in verdicts if verdict == RESTORED]
    record_many(tx, EventType.SUBSCRIBER_CHANGED, now, ({"id": number} for number in restored))
    tx.flush()
    imports.remove_changes(tx, done)
    imports.remove_subscribers(tx, [each.change.subscriber_id or 0 for each in removed])
    return Counter(verdict for _each, verdict in verdicts)


def _verdict(each: UndoableChange) -> str:
    """What undoing does about a change: the key of its count."""
    if each.change.address_hash is not None:
        return _verdict_of_suppression(each)
    subscriber, stop = each.subscriber, each.suppression
    if subscriber is None or each.has_acted:
        return KeptFor.ACTED
    if subscriber.state == SubscriberState.SUPPRESSED and stop is not None:
        # The address bounced: nobody did anything. Its suppression stays.
        return REMOVED if stop.reason == SuppressionReason.BOUNCED else KeptFor.COMPLAINED
    was_imported = imports.subscription_mark(subscriber) == each.change.subscription
    return REMOVED if subscriber.state == each.change.state and was_imported else KeptFor.CHANGED


def _verdict_of_suppression(each: UndoableChange) -> str:
    if each.suppression is None:
        return KeptFor.CHANGED  # lifted by hand
    if not _is_from_import(each.suppression):
        return KeptFor.STOPPED_AGAIN
    if each.subscriber is None:
        return LIFTED
    return RESTORED if each.subscriber.state == SubscriberState.SUPPRESSED else LIFTED


def _is_from_import(stop: Suppression) -> bool:
    return stop.detail.startswith(SUPPRESSION_DETAIL.strip())


def _restore(each: UndoableChange) -> None:
    """Give a subscriber back the state from before the import. Who paused until a day that is past is active again."""
    if each.subscriber is not None and each.change.state is not None:
        each.subscriber.state, each.subscriber.left_at = each.change.state, each.change.left_at
        each.subscriber.next_due_at = None
