"""A reader says stop: by the one click of RFC 8058, or on the page. Either way it ends what is still planned."""

from datetime import datetime
from typing import Literal

from digest.database import Database
from digest.feedback import store
from digest.subscribers import lifecycle


def unsubscribe(db: Database, public_id: str, *, origin: Literal["one-click", "page"], now: datetime) -> bool:
    """Stop sending to a subscriber; false when they had left already, which is as good.

    Raises NotFoundError when they were erased. Deliveries planned for them are skipped when their turn comes.
    """
    left = lifecycle.leave(db, public_id, now)
    if left is None:
        return False
    with db.begin() as tx:
        store.add(tx, left, "unsubscribe", origin, now=now)
    return True
