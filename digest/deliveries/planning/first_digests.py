"""Plans first digests: what those who have just confirmed get at once, before their first scheduled digest.

They are deliveries of an edition like all others. Their windows move to its cutoff, so that the next digest neither
repeats nor loses a story.
"""

from datetime import datetime, timedelta

from digest.database import Database
from digest.deliveries.planning.edition_planner import (
    PlanningResult,
    plan_scope,
    schedule_subscribers,
)
from digest.deliveries.planning.planner import Planner, write_missing_digests
from digest.deliveries.store import first_digests as store
from digest.deliveries.store import plans
from digest.deliveries.store.plans import edition_spec
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.pure.calendar import slot_of
from digest.editions.pure.edition_spec import CUTOFF_MARGIN
from digest.editions.states import EditionState
from digest.editions.store import editions

# No first digest comes within this time before a scheduled one: a reader would get two mails in a row.
MIN_LEAD = timedelta(hours=1)
LIFETIME = timedelta(hours=1)  # after this it would not come "at once", so the scheduled digest has its news


def plan_first_digests(db: Database, planner: Planner, now: datetime, *, note: str = "") -> PlanningResult:
    """Plan the first digests that are due. `note` is the operator's welcome above them."""
    with db.read() as tx:
        if not store.any_due(tx):
            return PlanningResult()
    schedule_subscribers(db, now)
    with db.begin(time_limit=False) as tx:
        store.drop(tx, next_due_by=now + MIN_LEAD, since_before=now - LIFETIME)
        ranges = plans.split_scope(tx, SubscriberScope(first_digest=True), planner.batch_size)
        if not ranges:
            return PlanningResult()
        cutoff = now - CUTOFF_MARGIN
        edition = store.get_or_create_edition(tx, slot_of(now), cutoff=cutoff, now=now, note=note)
    result = PlanningResult()
    for scope in ranges:
        write_missing_digests(db, planner, edition, scope)
        with db.begin(time_limit=False) as tx:
            plans.lock_subscribers(tx, scope)
            if editions.lock_state(tx, edition.id) != EditionState.CANCELLED:
                result += plan_scope(tx, planner, edition, scope, now=now)
                plans.advance_windows(tx, scope, edition_spec(edition))
            store.end(tx, scope, edition)
    return result


def comes_first_digest(next_due: datetime, now: datetime) -> bool:
    """Whether a subscriber who confirms now gets a first digest before the one that is due at `next_due`."""
    return next_due > now + MIN_LEAD
