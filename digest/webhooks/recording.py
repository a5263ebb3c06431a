"""Records what happened, for the endpoints that want to know: in the transaction in which it happens.

A message has ids and states, and no address: when a subscriber is erased, none is left here or with a receiver. A
receiver that needs more asks the API.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from digest.database import Tx
from digest.webhooks import store
from digest.webhooks.states import EventType, MessageState


def record(tx: Tx, event: EventType, now: datetime, **data: Any) -> None:
    """Plan a message about an event for each endpoint that wants it. Without endpoints this is one small query."""
    record_many(tx, event, now, [data])


def record_many(tx: Tx, event: EventType, now: datetime, items: Iterable[Mapping[str, Any]]) -> None:
    """Plan messages about several events of one kind."""
    endpoint_ids = store.wanting(tx, event)
    if endpoint_ids:
        store.add_messages(
            tx, (_message(endpoint_id, event, now, data) for data in items for endpoint_id in endpoint_ids)
        )


def _message(endpoint_id: int, event: EventType, now: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint_id,
        "public_id": f"msg_{secrets.token_urlsafe(18)}",
        "event": event,
        "data": dict(data),
        "created_at": now,
        "not_before": now,
        "state": MessageState.PLANNED,
        "attempts": 0,
    }
