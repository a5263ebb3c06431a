"""The editions of slots: each slot of 15 minutes has one scheduled edition, whoever creates it first."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update

from digest.database import Tx, dialect_insert, insert_missing
from digest.editions.models import Edition
from digest.editions.states import PENDING_REVIEW_STATES, EditionKind, EditionState
from digest.editions.store.edition_life import settle_look

SLOT_NAME = "%Y-%m-%dT%H:%MZ"  # in UTC


def get_or_create_scheduled(tx: Tx, slot: datetime, *, cutoff: datetime, now: datetime) -> Edition:
    """The edition of a slot, created by the first planner. A review ends, but an edition on hold stays on hold."""
    name = slot_name(slot)
    row = _scheduled_row(name, EditionState.SENDING, cutoff=cutoff, now=now)
    insert_missing(tx, Edition, [row], keys=["slot"])
    end_review = update(Edition).where(Edition.slot == name, Edition.state == EditionState.REVIEW)
    tx.execute(end_review.values(state=EditionState.SENDING, cutoff=cutoff))
    settle_look(tx, Edition.slot == name)
    query = select(Edition).where(Edition.slot == name, Edition.kind == EditionKind.SCHEDULED)
    return tx.scalars(query).one()


def open_review(tx: Tx, slot: datetime, now: datetime) -> int | None:
    """Open a slot's edition to editors before its time. Returns its id; None when the edition exists already."""
    row = _scheduled_row(slot_name(slot), EditionState.REVIEW, cutoff=slot, now=now)
    statement = dialect_insert(tx, Edition).values(**row).on_conflict_do_nothing(index_elements=["slot"])
    created = tx.execute(statement.returning(Edition.id)).first()
    return created[0] if created else None


def id_of_slot(tx: Tx, slot: datetime) -> int:
    """The id of the edition of a slot that has one."""
    return tx.scalars(select(Edition.id).where(Edition.slot == slot_name(slot))).one()


def cancel_pending_review(tx: Tx, slot: datetime, now: datetime) -> None:
    """Cancel a slot's edition if it is in review or on hold. Its subscribers get their news at their next slots."""
    statement = update(Edition).where(
        Edition.slot == slot_name(slot), Edition.state.in_(PENDING_REVIEW_STATES)
    )
    tx.execute(statement.values(state=EditionState.CANCELLED, finished_at=now))


def slot_name(slot: datetime) -> str:
    """The unique name of a scheduled slot in the database."""
    return slot.astimezone(UTC).strftime(SLOT_NAME)


def _scheduled_row(name: str, state: EditionState, *, cutoff: datetime, now: datetime) -> dict[str, Any]:
    return {
        "kind": EditionKind.SCHEDULED,
        "slot": name,
        "state": state,
        "cutoff": cutoff,
        "created_at": now,
        "audience": {"kind": "due"},
        "note": "",
    }
