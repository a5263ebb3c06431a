"""How the mails of each day ended, from the counts of ranges and archived editions: no delivery is read."""

from collections import Counter, defaultdict
from datetime import datetime

from sqlalchemy import func, select

from digest.database import Tx, utc_day
from digest.deliveries.models import ArchivedDeliveryCount, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.editions.models import Edition
from digest.editions.states import EditionKind


def outcomes_by_day(
    tx: Tx, since: datetime, until: datetime | None = None
) -> dict[str, Counter[DeliveryState]]:
    """How many mails are in each state, by the UTC day of their edition, before `until`; tests are left out.

    What senders are busy with counts as it did when they claimed it, so the newest minutes may be missing.
    """
    day = utc_day(tx, Edition.created_at)
    of_period = [Edition.created_at >= since, Edition.kind != EditionKind.TEST]
    if until is not None:
        of_period.append(Edition.created_at < until)
    counts: defaultdict[str, Counter[DeliveryState]] = defaultdict(Counter)
    ranges = select(day, DeliveryRange.counts).join(Edition, Edition.id == DeliveryRange.edition_id)
    for of_day, by_state in tx.execute(ranges.where(*of_period)):
        counts[of_day].update({DeliveryState(state): count for state, count in by_state.items()})
    archived = ArchivedDeliveryCount
    query = select(day, archived.state, func.sum(archived.count)).join(
        Edition, Edition.id == archived.edition_id
    )
    for of_day, state, count in tx.execute(query.where(*of_period).group_by(day, archived.state)):
        counts[of_day][state] += int(count)
    return counts
