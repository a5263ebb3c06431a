"""Pages of the deliveries of an edition, for programs that read all of them."""

from collections.abc import Sequence

from sqlalchemy import select

from digest.database import Tx, page_after
from digest.deliveries.models import Delivery
from digest.deliveries.states import DeliveryState


def deliveries_after(
    tx: Tx, edition_id: int, state: DeliveryState | None, *, after: int | None, limit: int
) -> Sequence[Delivery]:
    """The deliveries of an edition with larger ids than `after`, by id; one more than `limit` if there are more."""
    query = select(Delivery).where(Delivery.edition_id == edition_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return page_after(tx, query, Delivery.id, after=after, limit=limit)
