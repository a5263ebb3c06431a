"""Queries over mails to accounts: add, claim, record the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update

from digest.accounts.models import Account, AccountLetter
from digest.accounts.states import (
    KINDS_WITH_LINK,
    OPEN_ACCOUNT_LETTER_STATES,
    AccountLetterKind,
    AccountLetterState,
)
from digest.database import CoreTx, Tx

MAX_ANSWER_LENGTH = 500  # characters of a mail server's reply


class AddressedAccountLetter(NamedTuple):
    """A mail to an account, and the account."""

    letter: AccountLetter
    account: Account


@dataclass(frozen=True, slots=True)
class AccountLetterResult:
    """What became of a claimed mail. `attempts` and `in_doubt` replace its own."""

    state: AccountLetterState
    answer: str
    not_before: datetime
    attempts: int
    in_doubt: bool = False


def add(tx: Tx, account_id: int, kind: AccountLetterKind, *, now: datetime) -> None:
    """Plan a mail to an account."""
    tx.add(AccountLetter(account_id=account_id, kind=kind, created_at=now, not_before=now))


def count_links_since(tx: Tx, account_id: int, since: datetime) -> int:
    """How many mails with a link to choose a password were planned for an account since a moment."""
    query = select(func.count()).select_from(AccountLetter)
    of_account = query.where(AccountLetter.account_id == account_id, AccountLetter.kind.in_(KINDS_WITH_LINK))
    return tx.scalar(of_account.where(AccountLetter.created_at > since)) or 0


def any_due(tx: Tx, now: datetime) -> bool:
    """Whether there is a mail to claim. It is called often, and takes no lock."""
    due = select(AccountLetter.id).where(
        AccountLetter.state.in_(OPEN_ACCOUNT_LETTER_STATES), AccountLetter.not_before <= now
    )
    return tx.scalar(due.limit(1)) is not None


def claim(tx: Tx, now: datetime, *, lease: timedelta, limit: int) -> Sequence[AddressedAccountLetter]:
    """Claim due mails, and claimed ones whose lease has ended, until `now + lease`."""
    due = (
        select(AccountLetter.id)
        .where(AccountLetter.state.in_(OPEN_ACCOUNT_LETTER_STATES), AccountLetter.not_before <= now)
        .order_by(AccountLetter.not_before)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    ids = tx.scalars(
        update(AccountLetter)
        .where(AccountLetter.id.in_(select(due.c.id)), AccountLetter.not_before <= now)
        .values(state=AccountLetterState.CLAIMED, not_before=now + lease, attempts=AccountLetter.attempts + 1)
        .returning(AccountLetter.id)
    ).all()
    query = select(AccountLetter, Account).join(Account, Account.id == AccountLetter.account_id)
    return [AddressedAccountLetter(*row) for row in tx.execute(query.where(AccountLetter.id.in_(ids)))]


def release_claimed(tx: Tx) -> None:
    """Release all claimed mails, after the one sender of letters has died."""
    tx.execute(
        update(AccountLetter)
        .where(AccountLetter.state == AccountLetterState.CLAIMED)
        .values(state=AccountLetterState.PLANNED, not_before=AccountLetter.created_at)
        .execution_options(synchronize_session=False)
    )


def record_result(tx: Tx | CoreTx, letter: AccountLetter, result: AccountLetterResult) -> None:
    """Write the result of a claimed mail. Changes nothing if another process has taken over the claim."""
    own_claim = (  # each claim adds one to the attempts, so their number identifies a claim
        AccountLetter.id == letter.id,
        AccountLetter.state == AccountLetterState.CLAIMED,
        AccountLetter.attempts == letter.attempts,
    )
    tx.execute(
        update(AccountLetter)
        .where(*own_claim)
        .values(
            state=result.state,
            answer=result.answer[:MAX_ANSWER_LENGTH],
            not_before=result.not_before,
            attempts=result.attempts,
            in_doubt=result.in_doubt,
        )
        .execution_options(synchronize_session=False)
    )
