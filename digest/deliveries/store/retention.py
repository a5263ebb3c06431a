"""Queries that delete old editions with their digests."""

from datetime import datetime

from sqlalchemy import delete, func, select

from digest.database import Tx
from digest.deliveries.models import Delivery
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionState

ENDED_STATES = (EditionState.SENT, EditionState.CANCELLED)


def prune_digests(tx: Tx, before: datetime, limit: int) -> int:
    """Delete up to `limit` digests of the oldest edition that ended and was closed before a moment.

    The edition goes with its last digests. One that still has deliveries stays until these are counts. Returns the
    number of deleted rows; 0 when there is nothing to delete.
    """
    has_deliveries = select(Delivery.id).where(Delivery.edition_id == Edition.id).exists()
    oldest = select(Edition.id).where(
        Edition.created_at < before,
        Edition.cutoff < before,
        Edition.state.in_(ENDED_STATES),
        ~has_deliveries,
    )
    edition_id = tx.scalar(oldest.order_by(Edition.created_at).limit(1))
    if edition_id is None:
        return 0
    some = select(Digest.id).where(Digest.edition_id == edition_id).limit(limit)
    no_sync = {"synchronize_session": False}
    deleted = len(
        tx.scalars(
            delete(Digest).where(Digest.id.in_(some)).returning(Digest.id), execution_options=no_sync
        ).all()
    )
    if deleted < limit:
        tx.execute(delete(Edition).where(Edition.id == edition_id), execution_options=no_sync)
        deleted += 1
    return deleted


def oldest_cutoff_with_digests(tx: Tx) -> datetime | None:
    """The earliest cutoff of the editions that have digests; None when none has."""
    has_digests = select(Digest.id).where(Digest.edition_id == Edition.id).exists()
    return tx.scalar(select(func.min(Edition.cutoff)).where(has_digests))
