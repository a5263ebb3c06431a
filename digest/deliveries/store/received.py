"""The digests of a subscriber."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from digest.database import Tx
from digest.deliveries.models import Delivery
from digest.deliveries.states import DeliveryState
from digest.editions.models import Digest, Edition


class PastDigest(NamedTuple):
    """A digest that was planned for a subscriber: the cutoff of its news, its subject, its web edition, its state."""

    cutoff: datetime
    subject: str
    public_id: str
    state: DeliveryState


def digests_of(
    tx: Tx, subscriber_id: int, *, limit: int, states: Collection[DeliveryState] = tuple(DeliveryState)
) -> Sequence[PastDigest]:
    """The last digests of a subscriber whose deliveries are in one of `states`, newest first.

    Those that are older than RETENTION_DAYS are missing: of these only counts are left.
    """
    query = (
        select(Edition.cutoff, Digest.subject, Digest.public_id, Delivery.state)
        .join(Digest, Digest.id == Delivery.digest_id)
        .join(Edition, Edition.id == Delivery.edition_id)
        .where(Delivery.subscriber_id == subscriber_id, Delivery.state.in_(states))
    )
    rows = tx.execute(query.order_by(Delivery.id.desc()).limit(limit))
    return [PastDigest(*row) for row in rows]
