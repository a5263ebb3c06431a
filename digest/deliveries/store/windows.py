"""Queries over what readers had of earlier editions."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from digest.database import PlainTx, Tx
from digest.deliveries.models import Delivery
from digest.deliveries.store.plans import Closing, Scope, pieces
from digest.editions.models import Digest, Edition
from digest.subscribers.models import Subscriber

# What a reader never had: it does not count as shown, unless an earlier try of it was in doubt.
NOT_HAD = ("cancelled", "expired", "refused", "skipped")


def give_back_windows(tx: Tx, edition_id: int) -> int:
    """Of an edition that is cancelled: whoever has not got it yet has their window back, and so the news in it. Says
    how many. Those who were served since keep what they have."""
    return _give_back(tx, Delivery.edition_id == edition_id, Delivery.state == "planned")


def give_back(tx: Tx | PlainTx, delivery_ids: Iterable[int]) -> int:
    """The same for deliveries that ended and were not had: the next digest has their news, unless one was planned
    since."""
    # Nearly always there are none, and then not even a condition is built: a sender asks after each round of answers.
    some_ids = pieces(delivery_ids)
    return sum(_give_back(tx, Delivery.id.in_(some), Delivery.state.in_(NOT_HAD)) for some in some_ids)


def _give_back(tx: Tx | PlainTx, *which: ColumnElement[bool]) -> int:
    waiting = (
        select(Delivery.subscriber_id, Digest.window_start, Edition.cutoff)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(*which, Edition.hours == 0, Delivery.in_doubt.is_(False))
        .cte("waiting")
    )
    statement = (
        update(Subscriber)
        .where(Subscriber.id == waiting.c.subscriber_id, Subscriber.last_cutoff == waiting.c.cutoff)
        .values(last_cutoff=waiting.c.window_start)
        .returning(Subscriber.id)  # of a statement that begins with WITH, SQLite's driver counts no rows
    )
    return len(tx.scalars(statement, execution_options={"synchronize_session": False}).all())


def had(
    tx: Tx, scope: Scope, closing: Closing, *, keys: Collection[str], since: datetime
) -> Sequence[tuple[int, str, datetime, int]]:
    """Who of these readers may have had stories of the window before: reader, preferences, window start and digest.

    For the preferences in `keys` all digests planned since a moment count; for others those of editions that moved
    no window and reach into the reader's.
    """
    start = closing.start()
    found: list[tuple[int, str, datetime, int]] = []
    query = (
        select(Subscriber.id, Subscriber.preferences_key, start, Delivery.digest_id)
        .join(Delivery, Delivery.subscriber_id == Subscriber.id)
        .where(*scope.where(), Delivery.edition_id != closing.id)
        .where(or_(Delivery.state.not_in(NOT_HAD), Delivery.in_doubt))
    )
    for some in pieces(sorted(keys)):
        recent = query.where(Subscriber.preferences_key.in_(some), Delivery.planned_at >= since)
        found += [(r[0], r[1], r[2], r[3]) for r in tx.execute(recent)]
    overlapping = list(tx.scalars(select(Edition.id).where(Edition.hours > 0, Edition.cutoff > since)))
    if overlapping:
        inside = query.join(Edition, Edition.id == Delivery.edition_id)
        inside = inside.where(Delivery.edition_id.in_(overlapping), Edition.cutoff > start)
        found += [(r[0], r[1], r[2], r[3]) for r in tx.execute(inside)]
    return found


def reached(tx: Tx, edition_id: int) -> int:
    """How many readers a frozen edition would reach now: those with one of its digests' preferences and windows."""
    edition = tx.get_one(Edition, edition_id)
    shared = and_(
        Digest.edition_id == edition_id,
        Digest.preferences_key == Subscriber.preferences_key,
        Digest.window_start == Closing.of(edition).start(),
        Digest.without == "",
    )
    query = select(func.count()).select_from(Subscriber).join(Digest, shared)
    return tx.scalar(query.where(Subscriber.state == "active")) or 0
