"""Queries over alerts and their notices."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select, update

from digest.accounts.models import Account
from digest.database import Tx
from digest.monitoring.models import Alert, AlertNotice
from digest.monitoring.pure.alert_rules import AlertStep, OpenAlert
from digest.monitoring.states import NoticeState, NoticeWay, ProblemLevel

MAX_ANSWER_LENGTH = 300  # characters
RETRY_DELAYS = (1, 2, 5, 15, 60)  # minutes until the next attempt; the last one again and again
GIVE_UP_AFTER = timedelta(days=1)
NOTICES_AT_ONCE = 50


class DueNotice(NamedTuple):
    """A notice, its alert, and the address of its account; None for the webhook."""

    notice: AlertNotice
    alert: Alert
    email: str | None


def list_open(tx: Tx) -> Sequence[OpenAlert]:
    """The alerts that are not over, reported or not."""
    rows = tx.scalars(select(Alert).where(Alert.ended_at.is_(None)).order_by(Alert.id))
    return [
        OpenAlert(
            row.key, ProblemLevel(row.level), row.text, row.noticed_at, row.last_seen_at, row.started_at
        )
        for row in rows
    ]


def count_reported(tx: Tx) -> int:
    """How many alerts are reported and not over."""
    query = select(func.count()).select_from(Alert)
    return tx.scalar(query.where(Alert.ended_at.is_(None), Alert.started_at.is_not(None))) or 0


def save_steps(
    tx: Tx, steps: Mapping[str, AlertStep], now: datetime, *, accounts: Collection[int], webhook: bool
) -> None:
    """Write the next step of each alert, and plan its notices: one for each account, and one for the webhook."""
    rows = {row.key: row for row in tx.scalars(select(Alert).where(Alert.ended_at.is_(None)))}
    for key, step in steps.items():
        row = rows.get(key)
        if step.alert is None:
            if row is not None and step.notice is None:
                tx.delete(row)  # it was never reported
            elif row is not None:
                row.ended_at = now
        elif row is None:
            row = Alert(key=key)
            tx.add(row)
        if step.alert is not None and row is not None:
            row.level, row.text = step.alert.level, step.alert.text
            row.noticed_at, row.last_seen_at = step.alert.noticed_at, step.alert.last_seen_at
            row.started_at = step.alert.started_at
        if step.notice is not None and row is not None:
            tx.flush()
            ways = [(NoticeWay.MAIL, account_id) for account_id in accounts]
            tx.add_all(
                AlertNotice(
                    alert_id=row.id, kind=step.notice, way=way, account_id=account_id,
                    created_at=now, not_before=now,
                )
                for way, account_id in [*ways, *([(NoticeWay.WEBHOOK, None)] if webhook else [])]
            )  # fmt: skip


def due_notices(tx: Tx, now: datetime) -> Sequence[DueNotice]:
    """The notices to send now, oldest first."""
    query = (
        select(AlertNotice, Alert, Account.email)
        .join(Alert, Alert.id == AlertNotice.alert_id)
        .outerjoin(Account, Account.id == AlertNotice.account_id)
        .where(AlertNotice.state == NoticeState.PLANNED, AlertNotice.not_before <= now)
    )
    return [DueNotice(*row) for row in tx.execute(query.order_by(AlertNotice.id).limit(NOTICES_AT_ONCE))]


def record_attempt(tx: Tx, notices: Iterable[AlertNotice], now: datetime, *, error: str = "") -> None:
    """Record that notices were sent, or the error with which that failed, and when it is tried again."""
    for notice in notices:
        delay = timedelta(minutes=RETRY_DELAYS[min(notice.attempts, len(RETRY_DELAYS) - 1)])
        state = NoticeState.PLANNED if error else NoticeState.SENT
        if error and now - notice.created_at > GIVE_UP_AFTER:
            state = NoticeState.EXPIRED
        tx.execute(
            update(AlertNotice)
            .where(AlertNotice.id == notice.id)
            .values(
                state=state,
                answer=error[:MAX_ANSWER_LENGTH],
                attempts=AlertNotice.attempts + 1,
                not_before=now + delay,
            )
        )


def forget_old(tx: Tx, before: datetime) -> None:
    """Delete the alerts that ended before a moment, with their notices."""
    tx.execute(delete(Alert).where(Alert.ended_at < before))
