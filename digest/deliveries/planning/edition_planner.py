"""Plans editions: composes the digests of the news so far, and plans a delivery for each subscriber who gets one.

A range of subscribers is planned in one transaction: their deliveries appear and their windows move together, or not at
all. So a crash loses nothing and repeats nothing, and two planners at once do no harm. Subscribers with the same
preferences and window are one group. A digest is composed once for its group, and written for all of it at once.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.story_assignment import regroup
from digest.database import Database, Tx
from digest.deliveries.planning.personal_digests import write_personal_digests
from digest.deliveries.planning.planner import (
    AudienceMatcher,
    Planner,
    compose_digests,
    late_arrivals_by_group,
    match_everybody,
    save_digests,
    write_missing_digests,
)
from digest.deliveries.store import plans
from digest.deliveries.store.plans import PlannedSlot, ScheduleKey, edition_spec
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.models import Edition
from digest.editions.pure.calendar import first_due, is_too_late, next_due, slot_of
from digest.editions.pure.edition_spec import CUTOFF_MARGIN
from digest.editions.states import EditionState
from digest.editions.store import candidates, editions, scheduled
from digest.subscribers.store import subscribers
from digest.webhooks.recording import record
from digest.webhooks.states import EventType

log = logging.getLogger(__name__)
REVIEW_LEAD_TIME = timedelta(minutes=30)  # how long before its slot an edition opens for review


@dataclass(frozen=True, slots=True)
class PlanningResult:
    """What planning did, in numbers of subscribers."""

    deliveries: int = 0
    nothing_new: int = 0
    postponed: int = 0  # their slot was missed by too much, and they wait for their next one

    def __add__(self, other: "PlanningResult") -> "PlanningResult":
        return PlanningResult(
            self.deliveries + other.deliveries,
            self.nothing_new + other.nothing_new,
            self.postponed + other.postponed,
        )


def plan_due(db: Database, planner: Planner, now: datetime) -> PlanningResult:
    """Plan everybody who is due."""
    schedule_subscribers(db, now)
    result = PlanningResult()
    with db.read(time_limit=False) as tx:
        moments = plans.due_moments(tx, now)
        opens = any(not candidates.has_digests(tx, scheduled.slot_name(slot_of(due))) for due in moments)
    if opens:
        regroup(db, planner.recent_reports, now)
    for due in moments:
        late = is_too_late(due, now, planner.max_lateness)
        result += _postpone(db, due, now) if late else _plan_slot(db, planner, due, now)
    return result


def open_reviews(db: Database, now: datetime) -> int:
    """Open the editions of the slots that begin within REVIEW_LEAD_TIME for review; returns how many were opened."""
    with db.begin(time_limit=False) as tx:
        slots = {slot_of(due) for due in plans.due_moments(tx, now + REVIEW_LEAD_TIME) if due > now}
        return sum(scheduled.open_review(tx, slot, now) is not None for slot in sorted(slots))


def schedule_subscribers(db: Database, now: datetime) -> int:
    """Compute when new, changed and resumed subscribers are due; returns how many these were."""
    with db.begin(time_limit=False) as tx:
        subscribers.resume_paused(tx, now)

    def due_at(key: ScheduleKey) -> datetime:
        return first_due(key.schedule, now=now, last_slot=key.last_slot)

    return _reschedule(db, SubscriberScope(unscheduled=True), due_at)


def _postpone(db: Database, due: datetime, now: datetime) -> PlanningResult:
    """Move the subscribers who are due at `due` to their next slot. Their windows stay, so no news is lost."""
    with db.begin() as tx:  # an edition that is still on hold ends now
        scheduled.cancel_pending_review(tx, slot_of(due), now)

    def due_at(key: ScheduleKey) -> datetime:
        return next_due(key.schedule, after=now, last_slot=key.last_slot)

    return PlanningResult(postponed=_reschedule(db, SubscriberScope(due_at=due), due_at))


def _reschedule(db: Database, whole_scope: SubscriberScope, due_at: Callable[[ScheduleKey], datetime]) -> int:
    """Write when these subscribers are due next, a range of them per transaction; returns how many they are."""
    with db.read(time_limit=False) as tx:
        ranges = plans.split_scope(tx, whole_scope)
    count = 0
    for scope in ranges:
        with db.begin(time_limit=False) as tx:
            plans.lock_subscribers(tx, scope)
            count += plans.count(tx, scope)
            plans.reschedule(tx, scope, {key: due_at(key) for key in plans.schedules(tx, scope)})
    return count


def _plan_slot(db: Database, planner: Planner, due: datetime, now: datetime) -> PlanningResult:
    slot = slot_of(due)
    with db.begin() as tx:
        edition = scheduled.get_or_create_scheduled(tx, slot, cutoff=now - CUTOFF_MARGIN, now=now)
    if edition.state == EditionState.ON_HOLD:  # its subscribers wait until it is too late
        return PlanningResult()
    if edition.state == EditionState.CANCELLED:
        return _postpone(db, due, now)
    result = PlanningResult()
    with db.read(time_limit=False) as tx:
        ranges = plans.split_scope(tx, SubscriberScope(due_at=due), planner.batch_size)
    for scope in ranges:
        write_missing_digests(db, planner, edition, scope)
        with db.begin(time_limit=False) as tx:
            plans.lock_subscribers(tx, scope)
            if editions.lock_state(tx, edition.id) == EditionState.CANCELLED:
                break
            result += plan_scope(tx, planner, edition, scope, now=now)
            next_slots = {
                key: next_due(key.schedule, after=now, last_slot=slot) for key in plans.schedules(tx, scope)
            }
            plans.reschedule(tx, scope, next_slots, planned_for=PlannedSlot(slot, edition.cutoff))
    else:
        _log_plan(edition.id, result)
        if result.deliveries:
            with db.begin() as tx:
                record(tx, EventType.EDITION_PLANNED, now, id=edition.id, deliveries=result.deliveries)
        return result
    return result + _postpone(db, due, now)  # those who are not planned yet keep their news


def _log_plan(edition_id: int, result: PlanningResult) -> None:
    values = (edition_id, result.deliveries, result.nothing_new)
    fields = {"edition": edition_id, "deliveries": result.deliveries}
    log.info("edition %d is planned: %d deliveries; nothing new for %d", *values, extra=fields)


def plan_scope(
    tx: Tx,
    planner: Planner,
    edition: Edition,
    scope: SubscriberScope,
    *,
    now: datetime,
    matches: AudienceMatcher = match_everybody,
) -> PlanningResult:
    """Plan what these subscribers get from an edition. The caller moves their windows in the same transaction."""
    spec = edition_spec(edition)
    composed_groups = planner.composed_groups(spec)
    member_count = count_members(tx, scope, matches)
    if edition.frozen_at is None:  # a frozen edition has all of its digests, and gets no more
        missing = [group for group in plans.count_groups(tx, scope, spec) if group not in composed_groups]
        composed = compose_digests(tx, planner, spec, missing, matches)
        save_digests(tx, edition.id, composed)
        composed_groups |= late_arrivals_by_group(composed)
    personal_digests = write_personal_digests(tx, planner, edition, scope)
    planned = plans.insert_deliveries(tx, scope, spec, now, personal_digests=personal_digests)
    if planned:  # all earlier deliveries of the edition may have been sent already
        editions.set_state(tx, edition.id, EditionState.SENDING, only_from=[EditionState.SENT])
    return PlanningResult(deliveries=planned, nothing_new=member_count - planned)


def count_members(tx: Tx, scope: SubscriberScope, matches: AudienceMatcher = match_everybody) -> int:
    """How many of these subscribers are in the audience."""
    if matches is match_everybody:
        return plans.count(tx, scope)
    counts = plans.count_by_preferences(tx, scope)
    preferences = subscribers.preferences_by_key(tx, sorted(counts))
    return sum(count for key, count in counts.items() if matches(preferences[key]))
