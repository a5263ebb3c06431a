"""Counts attempts at accounts, and says who must wait. Every attempt counts as a failure until it has succeeded.

So parallel attempts can't pass the limit: each one is counted, under one lock an account, before its password is looked
at. `pure/sign_in_delays.py` has the rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from digest.accounts.audit import Actor, Change, record_security_event
from digest.accounts.pure import sign_in_delays
from digest.accounts.pure.secrets_at_rest import subject_hash
from digest.accounts.pure.sign_in_delays import ANYWHERE, DEVICE_PREFIX, FailureCount
from digest.accounts.states import Face, SecurityEvent
from digest.accounts.store import failures as store
from digest.accounts.store.accounts import account_key, find_by_email
from digest.database import Database, Tx
from digest.networks import network_steps

AttemptKind = Literal[
    "password", "code"
]  # codes are counted apart: a right password must not reset their count


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """Where an attempt comes from: the client's IP address, and the id of a device that is known to the account."""

    address: str | None
    device: str = ""

    @property
    def network(self) -> str:
        """The narrow network, as it is stored and logged."""
        return network_steps(self.address)[0]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was counted. `wait` is how long its origin must wait, and `only_wide` whether that is because of
    failures in many networks, which a second factor excuses."""

    subject: str
    kind: AttemptKind
    origins: tuple[str, ...]
    wait: timedelta
    only_wide: bool


def begin(
    db: Database,
    key: str,
    email: str,
    origin: RequestOrigin,
    *,
    kind: AttemptKind = "password",
    now: datetime,
) -> Attempt:
    """Count an attempt, unless its origin must wait. `key` is the SECRET_KEY."""
    narrow, wide = network_steps(origin.address)
    origins = sign_in_delays.origins_of_attempt(narrow, wide, origin.device)
    subject = subject_hash(key, account_key(email))
    with db.begin() as tx:
        store.lock_subject(tx, subject)
        counts = _load(tx, subject, kind, origins, now)
        waiting, wait = sign_in_delays.waiting_time(counts, origins, now)
        only_wide = bool(waiting) and sign_in_delays.waiting_time(counts, origins[:1], now)[0] == ""
        attempt = Attempt(subject, kind, origins, wait, only_wide)
        if not wait or only_wide:
            _count(tx, attempt, counts, narrow, now)
            _record_new_delay(tx, email, origin, counts, now=now, free_of=narrow)
    return attempt


def succeed(db: Database, attempt: Attempt, now: datetime) -> None:
    """Take back what `begin` counted: the own origin starts anew, the wider ones lose this attempt."""
    with db.begin() as tx:
        store.lock_subject(tx, attempt.subject)
        own, *wider = attempt.origins
        store.forget(tx, attempt.subject, [f"{attempt.kind}:{own}"])
        _take_back(tx, attempt, wider, now)
        store.delete_older(tx, now - sign_in_delays.MEMORY)


def withdraw(db: Database, attempt: Attempt, now: datetime) -> None:
    """Take back an attempt at which nothing was looked at. The failures before it stay counted."""
    with db.begin() as tx:
        store.lock_subject(tx, attempt.subject)
        _take_back(tx, attempt, attempt.origins, now)


def _take_back(tx: Tx, attempt: Attempt, names: Iterable[str], now: datetime) -> None:
    counts = _load(tx, attempt.subject, attempt.kind, attempt.origins, now)
    for name in names:
        if (count := counts.get(name)) is not None:
            _save(tx, attempt, name, FailureCount(max(0, count.failures - 1), count.wait_until), now)


def _load(
    tx: Tx, subject: str, kind: str, origins: tuple[str, ...], now: datetime
) -> dict[str, FailureCount]:
    names = [f"{kind}:{name}" for name in origins]
    rows = store.of_subject(tx, subject, names, since=now - sign_in_delays.MEMORY)
    return {row.origin.partition(":")[2]: FailureCount(row.failures, row.wait_until) for row in rows}


def _count(tx: Tx, attempt: Attempt, counts: dict[str, FailureCount], narrow: str, now: datetime) -> None:
    for name in attempt.origins:
        free = sign_in_delays.free_failures(name, narrow)
        counts[name] = sign_in_delays.count_failure(counts.get(name), free, now)
        _save(tx, attempt, name, counts[name], now)


def _save(tx: Tx, attempt: Attempt, name: str, count: FailureCount, now: datetime) -> None:
    store.save(
        tx, attempt.subject, f"{attempt.kind}:{name}",
        failures=count.failures, last_at=now, wait_until=count.wait_until or now,
    )  # fmt: skip


def _record_new_delay(
    tx: Tx,
    email: str,
    origin: RequestOrigin,
    counts: dict[str, FailureCount],
    *,
    now: datetime,
    free_of: str,
) -> None:
    """Record the first failure after which an origin must wait; those that follow only make it wait longer."""
    for name, count in counts.items():
        if count.failures == sign_in_delays.free_failures(name, free_of):
            account = find_by_email(tx, email)
            actor = Actor(
                account.email if account else "",
                Face.NEWSROOM,
                origin.network,
                account.id if account else None,
            )
            place = "known device" if name.startswith(DEVICE_PREFIX) else name
            record_security_event(
                tx, actor, SecurityEvent.SIGN_IN_DELAYED, "" if account else "unknown address", now=now,
                change=Change(after={"origin": "many networks" if name == ANYWHERE else place,
                                     "failures": count.failures}),
            )  # fmt: skip
