"""Pauses an edition that fails, before it harms the sender's reputation. An editor then decides what to do."""

import logging
from collections.abc import Mapping
from datetime import datetime

from digest.accounts.audit import PROGRAM, Actor, Change, record
from digest.accounts.states import Face
from digest.database import Database
from digest.deliveries.pure.refusal_rules import MAX_REFUSED_SHARE, MIN_ANSWERS, RefusalCounts, stop_reason
from digest.deliveries.states import DeliveryState, RefusalKind
from digest.deliveries.store import deliveries, oversight, refusals
from digest.editions.states import EditionState
from digest.errors import NewsroomText
from digest.webhooks import recording
from digest.webhooks.states import EventType

log = logging.getLogger(__name__)
# Big mailbox providers block senders above 0.3 % complaints (Google's and Yahoo's sender rules of 2024).
MAX_COMPLAINT_SHARE = 0.003
MIN_REFUSED, MIN_COMPLAINTS = 20, 3


def failure_reason(counts: Mapping[DeliveryState, int], complaints: int = 0) -> str:
    """Why an edition should be paused, in words; "" when it may continue. `counts` are its deliveries by state."""
    accepted, refused = counts.get(DeliveryState.ACCEPTED, 0), counts.get(DeliveryState.REFUSED, 0)
    answered = accepted + refused
    enough = answered >= MIN_ANSWERS and refused >= MIN_REFUSED
    if enough and refused > MAX_REFUSED_SHARE * answered:
        share = refused / answered
        return NewsroomText(
            "%(refused)s of %(answered)s mails were refused (%(share)s; at most %(max_refused_share)s may be)",
            refused=refused,
            answered=answered,
            share=f"{share:.1%}",
            max_refused_share=f"{MAX_REFUSED_SHARE:.0%}",
        )
    if complaints >= MIN_COMPLAINTS and complaints > MAX_COMPLAINT_SHARE * accepted:
        share = complaints / max(accepted, 1)
        return NewsroomText(
            "%(complaints)s complaints about %(accepted)s mails (%(share)s; at most %(max_complaint_share)s may be)",
            complaints=complaints,
            accepted=accepted,
            share=f"{share:.2%}",
            max_complaint_share=f"{MAX_COMPLAINT_SHARE:.1%}",
        )
    return ""


def pause_if_failing(db: Database, edition_id: int, now: datetime, *, complaints: int = 0) -> str:
    """Pause an edition if it fails; returns the reason when it was paused now, else "".

    An edition that was paused before and that an editor resumed is left alone: the editor knows the reason.
    """
    with db.read() as tx:
        counts = deliveries.count_by_state(tx, [edition_id])[edition_id]
        by_kind = refusals.count_by_kind(tx, edition_id)
        example = refusals.example(tx, edition_id, RefusalKind.SENDER)
    answered = counts.get(DeliveryState.ACCEPTED, 0) + counts.get(DeliveryState.REFUSED, 0)
    reason = stop_reason(RefusalCounts(answered, by_kind), example) or failure_reason(counts, complaints)
    return reason if reason and pause_edition(db, edition_id, reason, now) else ""


def pause_edition(db: Database, edition_id: int, reason: str, now: datetime) -> bool:
    """Pause an edition that is being sent, and store the reason; returns whether it did (see `pause_with_reason`)."""
    with db.begin() as tx:
        paused = oversight.pause_with_reason(tx, edition_id, reason)
        if paused:
            change = Change(f"/admin/editions/{edition_id}", after={"reason": reason})
            actor = Actor(PROGRAM, Face.TASK)
            record(tx, actor, "edition paused", f"edition {edition_id}", now=now, change=change)
            recording.record(tx, EventType.EDITION_STOPPED, now, id=edition_id, state=EditionState.PAUSED)
    if paused:
        values = (edition_id, now.isoformat(timespec="seconds"), reason)
        fields = {"edition": edition_id, "state": str(EditionState.PAUSED)}
        log.warning("edition %d paused at %s: %s", *values, extra=fields)
    return paused
