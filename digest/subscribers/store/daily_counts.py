"""How many subscribers joined and left each day. Indexes make it cost as much as the days that are asked for."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from digest.database import Tx, utc_day
from digest.subscribers.models import Subscriber


def joined_by_day(tx: Tx, since: datetime, until: datetime | None = None) -> dict[str, int]:
    """How many confirmed their subscription, by UTC day. Those whose data was erased are missing."""
    return _count_by_day(tx, Subscriber.confirmed_at, since, until)


def left_by_day(tx: Tx, since: datetime, until: datetime | None = None) -> dict[str, int]:
    """How many unsubscribed, were unsubscribed or complained, by UTC day. Those who came back are missing."""
    return _count_by_day(tx, Subscriber.left_at, since, until)


def _count_by_day(
    tx: Tx, column: InstrumentedAttribute[datetime | None], since: datetime, until: datetime | None
) -> dict[str, int]:
    day = utc_day(tx, column)
    query = select(day, func.count()).where(column >= since).group_by(day)
    if until is not None:
        query = query.where(column < until)
    return {row[0]: row[1] for row in tx.execute(query)}
