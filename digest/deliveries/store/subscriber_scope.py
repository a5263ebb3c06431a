"""Which subscribers a step of planning is about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement

from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState


@dataclass(frozen=True, slots=True)
class SubscriberScope:
    """Which subscribers to plan: active ones with ids in (after_id, up_to_id], restricted by when they are due."""

    due_at: datetime | None = None  # due at exactly this moment
    due_by: datetime | None = None  # due at this moment or before
    unscheduled: bool = False  # only those whose next due time is not computed yet
    after_id: int = 0
    up_to_id: int | None = None
    any_state: bool = False  # not only active ones: a preview shows what any subscriber would get if active
    first_digest: bool = False  # only those whose first digest is due

    def conditions(self) -> list[ColumnElement[bool]]:
        """The scope as SQL conditions."""
        conditions: list[ColumnElement[bool]] = [Subscriber.id > self.after_id]
        if not self.any_state:
            conditions.append(Subscriber.state == SubscriberState.ACTIVE)
        if self.up_to_id is not None:
            conditions.append(Subscriber.id <= self.up_to_id)
        if self.first_digest:
            conditions.append(Subscriber.first_digest_since.is_not(None))
        if self.unscheduled:
            conditions.append(Subscriber.next_due_at.is_(None))
        if self.due_at is not None:
            conditions.append(Subscriber.next_due_at == self.due_at)
        if self.due_by is not None:
            conditions.append(Subscriber.next_due_at <= self.due_by)
        return conditions
