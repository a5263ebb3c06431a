"""Queries over what accounts did on the desk and can undo, the last step first."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from digest.accounts.models import UndoStep
from digest.database import Tx
from digest.errors import ConflictError, NewsroomText

MAX_STEPS = 20  # of an account
KEPT_FOR = timedelta(days=1)  # as long as a story is on the desk


def add(tx: Tx, step: UndoStep) -> int:
    """Store a step; the oldest of the account goes if there are too many. Returns its id."""
    tx.add(step)
    tx.flush()
    newest = select(UndoStep.id).where(UndoStep.account_id == step.account_id).order_by(UndoStep.id.desc())
    kept = newest.limit(MAX_STEPS).subquery()
    too_old = delete(UndoStep).where(
        UndoStep.account_id == step.account_id, UndoStep.id.not_in(select(kept.c.id))
    )
    tx.execute(too_old, execution_options={"synchronize_session": False})
    return step.id


def newest_first(tx: Tx, account_id: int, now: datetime) -> Sequence[UndoStep]:
    """What an account can undo."""
    steps = select(UndoStep).where(UndoStep.account_id == account_id, UndoStep.at >= now - KEPT_FOR)
    return tx.scalars(steps.order_by(UndoStep.id.desc())).all()


def take(tx: Tx, account_id: int, step_id: int, now: datetime) -> UndoStep:
    """Take the last step of an account away, to undo it: only one request can. Raises ConflictError."""
    steps = newest_first(tx, account_id, now)
    if all(step.id != step_id for step in steps):
        raise ConflictError(NewsroomText("This has been undone already, or it is too late to undo it."))
    if steps[0].id != step_id:
        raise ConflictError(NewsroomText("You have changed something else since. Undo that first."))
    taken = delete(UndoStep).where(UndoStep.id == step_id).returning(UndoStep.id)
    if tx.scalar(taken, execution_options={"synchronize_session": False}) is None:
        raise ConflictError(NewsroomText("This has been undone already, or it is too late to undo it."))
    return steps[0]


def put_back(tx: Tx, step: UndoStep) -> None:
    """Offer a step again that could not be undone for a reason that may pass."""
    fields = {"account_id": step.account_id, "message": step.message, "about": step.about}
    tx.add(UndoStep(id=step.id, at=step.at, fields=step.fields, **fields))


def prune(tx: Tx, now: datetime) -> int:
    """Delete the steps that can't be undone any more; returns how many."""
    old = delete(UndoStep).where(UndoStep.at < now - KEPT_FOR).returning(UndoStep.id)
    return len(tx.scalars(old, execution_options={"synchronize_session": False}).all())
