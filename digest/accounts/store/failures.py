"""Queries over failed sign-ins."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from digest.accounts.models import SignInFailures
from digest.database import Tx, lock_for_transaction


def lock_subject(tx: Tx, subject: str) -> None:
    """Make the attempts at one account wait for each other until the end of the transaction."""
    lock_for_transaction(tx, f"sign-in {subject}")


def of_subject(tx: Tx, subject: str, origins: Iterable[str], *, since: datetime) -> Sequence[SignInFailures]:
    """The counts of these origins whose last failure is not older than `since`."""
    return tx.scalars(
        select(SignInFailures).where(
            SignInFailures.subject == subject,
            SignInFailures.origin.in_(tuple(origins)),
            SignInFailures.last_at >= since,
        )
    ).all()


def save(
    tx: Tx, subject: str, origin: str, *, failures: int, last_at: datetime, wait_until: datetime
) -> None:
    """Write the count of an origin."""
    tx.merge(SignInFailures(
        subject=subject, origin=origin, failures=failures, last_at=last_at, wait_until=wait_until
    ))  # fmt: skip


def forget(tx: Tx, subject: str, origins: Iterable[str]) -> None:
    """Delete the counts of these origins, after a success."""
    tx.execute(
        delete(SignInFailures).where(
            SignInFailures.subject == subject, SignInFailures.origin.in_(tuple(origins))
        )
    )


def delete_older(tx: Tx, before: datetime) -> None:
    """Delete the counts whose last failure is older than `before`."""
    tx.execute(delete(SignInFailures).where(SignInFailures.last_at < before))
