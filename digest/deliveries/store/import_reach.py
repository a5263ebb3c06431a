"""Whom digests have reached since an import added them."""

from sqlalchemy import func, select

from digest.database import Tx
from digest.deliveries.models import Delivery
from digest.deliveries.states import DeliveryState
from digest.subscribers.models import ImportChange


def count_reached(tx: Tx, import_id: int) -> int:
    """How many subscribers whom an import added have got a digest: nothing calls it back."""
    added = select(ImportChange.subscriber_id).where(
        ImportChange.import_id == import_id, ImportChange.address_hash.is_(None)
    )
    query = select(func.count(Delivery.subscriber_id.distinct())).where(
        Delivery.subscriber_id.in_(added), Delivery.state == DeliveryState.ACCEPTED
    )
    return tx.scalar(query) or 0
