"""The digests before and after a digest: those of the same preferences whose windows come before and after its own."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Select, select

from digest.database import Tx
from digest.editions.models import Digest, Edition
from digest.editions.states import EditionKind, EditionState

REGULAR_KINDS = (EditionKind.SCHEDULED, EditionKind.FIRST)
STARTED_STATES = (EditionState.SENDING, EditionState.PAUSED, EditionState.SENT)
FARTHEST = timedelta(days=40)  # a weekly digest that had no news for some weeks


class Neighbours(NamedTuple):
    """The public ids of the digests before and after; "" where there is none."""

    previous: str
    next: str


def neighbours(tx: Tx, digest: Digest) -> Neighbours:
    """The regular digests around a digest that went out, for whoever has these preferences."""
    cutoff = select(Edition.cutoff).where(Edition.id == digest.edition_id).scalar_subquery()
    earlier = _regular(digest).where(
        Digest.window_start > digest.window_start - FARTHEST, Edition.cutoff <= digest.window_start
    )
    later = _regular(digest).where(
        Digest.window_start >= cutoff, Digest.window_start < digest.window_start + FARTHEST
    )
    return Neighbours(
        tx.scalar(earlier.order_by(Edition.cutoff.desc(), Digest.id.desc()).limit(1)) or "",
        tx.scalar(later.order_by(Digest.window_start, Edition.cutoff, Digest.id).limit(1)) or "",
    )


def _regular(digest: Digest) -> Select[str]:
    return (
        select(Digest.public_id)
        .join(Edition, Edition.id == Digest.edition_id)
        .where(
            Digest.preferences_key == digest.preferences_key,
            Digest.without == "",
            Digest.id != digest.id,
            Edition.kind.in_(REGULAR_KINDS),
            Edition.state.in_(STARTED_STATES),
        )
    )
