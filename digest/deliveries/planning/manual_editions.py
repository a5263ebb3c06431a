"""Creates, plans and tests manual editions, and counts their audience. Pauses, resumes and cancels any edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from digest.articles.story_assignment import regroup
from digest.database import Database, Tx
from digest.deliveries.planning.edition_planner import (
    PlanningResult,
    count_members,
    plan_scope,
)
from digest.deliveries.planning.planner import (
    AudienceMatcher,
    Planner,
    compose_digests,
    match_everybody,
    write_missing_digests,
)
from digest.deliveries.pure.audience import Audience
from digest.deliveries.store import deliveries, plans, windows
from digest.deliveries.store.plans import GroupKey, edition_spec
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.pure.calendar import slot_of
from digest.editions.pure.edition_spec import CUTOFF_MARGIN, EditionSpec, PreferencesSpec
from digest.editions.states import CANCELLABLE_STATES, EditionKind, EditionState
from digest.editions.store import editions, scheduled
from digest.errors import ConflictError, NewsroomText
from digest.subscribers.pure.subscription import Subscription, existing_regions
from digest.subscribers.store import subscribers
from digest.webhooks.recording import record
from digest.webhooks.states import EventType

HOLD_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """How many subscribers an edition would reach now."""

    subscribers: int  # in the audience
    deliveries: int  # subscribers in the audience for whom there is news
    digests: int


def count_audience(
    db: Database, planner: Planner, audience: Audience, now: datetime, *, hours: int = 0
) -> AudienceCount:
    """Count the subscribers whom an edition would reach, with the code that plans. Writes nothing."""
    spec = EditionSpec(None, now - CUTOFF_MARGIN, hours)
    matches, subscriber_count = audience_matcher(planner, audience), 0
    deliveries_by_group: dict[GroupKey, int] = {}
    has_digest: dict[GroupKey, bool] = {}
    with db.read() as tx:
        for scope in plans.split_scope(tx, audience_scope(audience, now), planner.batch_size):
            subscriber_count += count_members(tx, scope, matches)
            counts = plans.count_groups(tx, scope, spec)
            missing = [group for group in counts if group not in has_digest]
            composed = compose_digests(tx, planner, spec, missing, matches)
            has_digest |= {group: digest is not None for group, digest in composed.items()}
            for group, count in counts.items():
                if has_digest[group]:
                    deliveries_by_group[group] = deliveries_by_group.get(group, 0) + count
    return AudienceCount(subscriber_count, sum(deliveries_by_group.values()), len(deliveries_by_group))


def create(
    db: Database,
    audience: Audience,
    *,
    note: str,
    now: datetime,
    idempotency_key: str = "",
    hours: int = 0,
    draft: bool = False,
) -> int:
    """Create a manual edition, either to be planned by a task or as a draft for an editor; returns its id.

    If that task is lost, Celery beat starts another one. A second click with the same `idempotency_key` creates no
    edition, and returns the id of the first. `hours` leaves out older news; 0 is all since a subscriber's last digest.
    """
    with db.begin() as tx:
        edition = editions.create_manual(
            tx,
            EditionKind.MANUAL,
            audience.as_json(),
            note=note,
            now=now,
            cutoff=now - CUTOFF_MARGIN,
            idempotency_key=idempotency_key,
            hours=hours,
        )
        if draft and edition.created_at == now:  # created by this call, not by an earlier click
            editions.set_state(tx, edition.id, EditionState.DRAFT, only_from=[EditionState.PLANNING])
        return edition.id


def plan(db: Database, planner: Planner, edition_id: int, now: datetime) -> PlanningResult:
    """Plan a manual edition, range by range. A run after a crash continues where the last one stopped."""
    with db.read(time_limit=False) as tx:
        edition = editions.by_id(tx, edition_id)
        if edition.state != EditionState.PLANNING:
            return PlanningResult()
        begun = edition.frozen_at is not None or editions.count_digests(tx, edition_id) > 0
        audience = Audience.from_json(edition.audience)
        ranges = plans.split_scope(tx, audience_scope(audience, edition.created_at), planner.batch_size)
    if not begun:
        regroup(db, planner.recent_reports, now)
    matches, result = audience_matcher(planner, audience), PlanningResult()
    for scope in ranges:
        if edition.frozen_at is None:
            write_missing_digests(db, planner, edition, scope, matches)
        with db.begin(time_limit=False) as tx:
            plans.lock_subscribers(tx, scope)
            if editions.lock_state(tx, edition_id) != EditionState.PLANNING:
                return result  # it was cancelled meanwhile, so the remaining subscribers keep their windows
            result += plan_scope(tx, planner, edition, scope, now=now, matches=matches)
            plans.advance_windows(tx, scope, edition_spec(edition))
    with db.begin() as tx:
        editions.set_state(tx, edition_id, EditionState.SENDING, only_from=[EditionState.PLANNING])
        record(tx, EventType.EDITION_PLANNED, now, id=edition_id, deliveries=result.deliveries)
    return result


def send_test(
    db: Database, planner: Planner, audience: Audience, *, note: str, now: datetime, idempotency_key: str = ""
) -> int:
    """Plan a test edition. Its one address gets what a subscriber to the audience's regions would get.

    Returns the edition's id. A second click with the same `idempotency_key` creates no edition, and returns the id of
    the first. Raises ConflictError when nothing was published about the regions in the audience's window.
    """
    subscription = Subscription(audience.regions, audience.language, content=audience.content)
    with db.begin() as tx:
        edition = editions.create_manual(
            tx,
            EditionKind.TEST,
            audience.as_json(),
            note=note,
            now=now,
            cutoff=now,
            idempotency_key=idempotency_key,
        )
        if edition.state != EditionState.PLANNING:
            return edition.id
        subscribers.ensure_preferences(tx, subscription)
        group = GroupKey(subscription.preferences_key, now - timedelta(minutes=audience.window_minutes))
        content = (subscription.size, subscription.content, group.preferences_key)
        preferences = PreferencesSpec(subscription.regions, subscription.language, *content)
        composed = planner.compose_test(tx, edition_spec(edition), group, preferences)
        if composed is None:
            raise ConflictError(
                NewsroomText(
                    "Nothing was published about these regions in that time, so there is no digest to send."
                )
            )
        editions.save_digests(tx, edition.id, [composed.digest])
        ids = editions.digest_ids(tx, edition.id, [composed.digest.key])
        digest_id = ids[composed.digest.key]
        deliveries.insert_test_delivery(tx, edition.id, digest_id, audience.address, now)
        editions.set_state(tx, edition.id, EditionState.SENDING, only_from=[EditionState.PLANNING])
        return edition.id


def pause(db: Database, edition_id: int) -> None:
    """Pause an edition, so that none of its deliveries are claimed. An edition in review is put on hold."""
    with db.begin() as tx:
        if not editions.set_state(tx, edition_id, EditionState.ON_HOLD, only_from=[EditionState.REVIEW]):
            _set_state(tx, edition_id, EditionState.PAUSED, only_from=[EditionState.SENDING])


def hold_slot(db: Database, slot: datetime, now: datetime) -> int:
    """Put the edition of a slot that has not begun on hold, before it opens for review. Returns its id.

    Raises ConflictError if nobody is due in the slot within HOLD_AHEAD, or if its edition can't be put on hold.
    """
    with db.begin() as tx:
        coming = {slot_of(due) for due in plans.due_moments(tx, now + HOLD_AHEAD) if due > now}
        if slot not in coming:
            raise ConflictError(
                NewsroomText("Nobody is due in this slot any more, so there is nothing to put on hold.")
            )
        edition_id = scheduled.open_review(tx, slot, now) or scheduled.id_of_slot(tx, slot)
        _set_state(tx, edition_id, EditionState.ON_HOLD, only_from=[EditionState.REVIEW])
        return edition_id


def resume(db: Database, edition_id: int) -> None:
    """Let an edition that is paused or on hold continue."""
    with db.begin() as tx:
        if not editions.set_state(tx, edition_id, EditionState.REVIEW, only_from=[EditionState.ON_HOLD]):
            _set_state(tx, edition_id, EditionState.SENDING, only_from=[EditionState.PAUSED])


def cancel(db: Database, edition_id: int, now: datetime) -> int:
    """Cancel an edition and its unsent deliveries; returns how many deliveries were cancelled.

    Subscribers who did not receive it get its news in their next digest.
    """
    with db.begin() as tx:
        _set_state(tx, edition_id, EditionState.CANCELLED, only_from=CANCELLABLE_STATES, now=now)
        windows.restore_windows_of_edition(tx, edition_id)
        record(tx, EventType.EDITION_STOPPED, now, id=edition_id, state=EditionState.CANCELLED)
        return len(deliveries.cancel_unsent(tx, now, edition_id=edition_id))


def cancel_deliveries_of_cancelled_editions(db: Database, now: datetime) -> None:
    """Cancel deliveries that were claimed when their edition was cancelled, and that the sender has released since.

    Their subscribers get the news in their next digest.
    """
    with db.begin() as tx:
        windows.restore_windows(tx, deliveries.cancel_unsent(tx, now))


def audience_scope(audience: Audience, now: datetime) -> SubscriberScope:
    """The subscribers that an audience is chosen from."""
    return SubscriberScope(due_by=now) if audience.kind == "due" else SubscriberScope()


def audience_matcher(planner: Planner, audience: Audience) -> AudienceMatcher:
    """A function that returns whether preferences belong to the audience. For regions, one shared country is enough."""
    if audience.kind != "regions":
        return match_everybody
    tree = planner.tree
    countries = tree.countries_of(audience.regions)
    return lambda preferences: bool(
        tree.countries_of(existing_regions(preferences.regions, tree)) & countries
    )


def _either(first: str, second: str) -> str:
    return NewsroomText("%(first)s or %(second)s", first=first, second=second)


def _set_state(
    tx: Tx,
    edition_id: int,
    state: EditionState,
    *,
    only_from: Sequence[EditionState],
    now: datetime | None = None,
) -> None:
    if not editions.set_state(tx, edition_id, state, only_from=only_from, now=now):
        current = editions.by_id(tx, edition_id).state
        possible: Sequence[str] = only_from
        raise ConflictError(
            NewsroomText(
                "Edition %(edition_id)s is %(current)s; only %(names)s editions can become %(state)s.",
                edition_id=edition_id,
                current=current,
                names=reduce(_either, possible),
                state=state,
            )
        )
