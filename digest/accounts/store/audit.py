"""Queries over the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select

from digest.accounts.models import AuditEntry
from digest.accounts.states import Face
from digest.database import Tx

PAGE_SIZE = 100  # entries per page of the audit trail
LATEST = 50  # entries about one thing, in which the last change of a field is looked for
BATCH_SIZE = 500  # entries that an export reads at a time
MAX_ACTION_LENGTH = 32  # characters; the column's length, which PostgreSQL enforces
MAX_TARGET_LENGTH = 500  # characters


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """Which entries are asked for. Empty values do not filter."""

    account: str = ""  # part of the address
    text: str = ""  # part of the action, target or event
    face: str = ""
    since: datetime | None = None
    until: datetime | None = None
    security_only: bool = False


def add(tx: Tx, account: str, action: str, target: str, *, now: datetime, **details: Any) -> None:
    """Add an entry. `details` are face, event, network, link, before and after."""
    tx.add(AuditEntry(
        at=now, account=account[:MAX_TARGET_LENGTH], action=action[:MAX_ACTION_LENGTH],
        target=target[:MAX_TARGET_LENGTH], **details,
    ))  # fmt: skip


def was_recorded(tx: Tx, action: str) -> bool:
    """Whether the trail has an entry with an action."""
    return tx.scalar(select(AuditEntry.id).where(AuditEntry.action == action).limit(1)) is not None


def audit_trail(
    tx: Tx, *, page: int = 1, filters: AuditFilters | None = None
) -> tuple[Sequence[AuditEntry], int]:
    """A page of the matching entries, newest first, and the number of all that match."""
    conditions = _conditions(filters or AuditFilters())
    query = select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc())
    rows = tx.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return rows, tx.scalar(select(func.count()).select_from(AuditEntry).where(*conditions)) or 0


def batch(tx: Tx, filters: AuditFilters, after_id: int) -> Sequence[AuditEntry]:
    """The next matching entries after an id, oldest first: at most BATCH_SIZE."""
    query = select(AuditEntry).where(*_conditions(filters), AuditEntry.id > after_id)
    return tx.scalars(query.order_by(AuditEntry.id).limit(BATCH_SIZE)).all()


def last_actor(tx: Tx, link: str) -> str:
    """The account that last changed, in the newsroom or by a command, what is at `link`; "" if nobody did."""
    query = select(AuditEntry.account).where(AuditEntry.link == link, AuditEntry.face != Face.TASK)
    return tx.scalar(query.order_by(AuditEntry.id.desc()).limit(1)) or ""


def latest_at(tx: Tx, link: str) -> Sequence[AuditEntry]:
    """The latest entries about what is at `link`, newest first."""
    query = select(AuditEntry).where(AuditEntry.link == link).order_by(AuditEntry.id.desc())
    return tx.scalars(query.limit(LATEST)).all()


def prune(tx: Tx, before: datetime, limit: int) -> int:
    """Delete up to `limit` entries of before a moment, oldest first. Returns how many."""
    oldest = select(AuditEntry.id).where(AuditEntry.at < before).order_by(AuditEntry.at).limit(limit)
    query = delete(AuditEntry).where(AuditEntry.id.in_(oldest)).returning(AuditEntry.id)
    return len(tx.scalars(query, execution_options={"synchronize_session": False}).all())


def _conditions(filters: AuditFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.account:
        conditions.append(AuditEntry.account.icontains(filters.account, autoescape=True))
    if filters.text:
        columns = (AuditEntry.action, AuditEntry.target, AuditEntry.event)
        conditions.append(or_(*(column.icontains(filters.text, autoescape=True) for column in columns)))
    if filters.face in set(Face):
        conditions.append(AuditEntry.face == Face(filters.face))
    if filters.since is not None:
        conditions.append(AuditEntry.at >= filters.since)
    if filters.until is not None:
        conditions.append(AuditEntry.at < filters.until)
    if filters.security_only:
        conditions.append(AuditEntry.event != "")
    return conditions
