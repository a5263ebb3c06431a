"""Writes the audit trail, and the log of security events.

A security event has a stable name (`states.SecurityEvent`), which programs that watch the log can rely on. The log has
the id of the account and the network, but no address.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.accounts.states import Face, SecurityEvent
from digest.accounts.store import audit as store
from digest.database import Tx

security_log = logging.getLogger("digest.security")

WARNINGS = frozenset((
    SecurityEvent.SIGN_IN_FAILED, SecurityEvent.SIGN_IN_DELAYED, SecurityEvent.SECOND_FACTOR_FAILED,
    SecurityEvent.CONFIRMATION_FAILED, SecurityEvent.RECOVERY_CODE_USED, SecurityEvent.ACCESS_DENIED,
))  # fmt: skip
SECRET_FIELDS = frozenset(("password", "secret", "token", "code"))  # never stored as a value before or after
PROGRAM = "dateline"  # who does what nobody asked for
MAX_VALUE_LENGTH = 500  # characters of a value before or after


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and how. `name` is an account's address, or the user and machine of a command."""

    name: str
    face: Face = Face.NEWSROOM
    network: str = ""
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an action changed: the page about it, and its values before and after."""

    link: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


NO_DETAILS = Change()


def record(
    tx: Tx, actor: Actor, action: str, target: str = "", *, now: datetime, change: Change = NO_DETAILS
) -> None:
    """Add to the audit trail what `actor` did."""
    store.add(
        tx, actor.name, action, target, now=now, face=actor.face, network=actor.network, event="",
        link=change.link, before=_storable(change.before), after=_storable(change.after),
    )  # fmt: skip


def record_task(tx: Tx, action: str, target: str, *, now: datetime, change: Change) -> None:
    """Add what a task of the worker did, on behalf of the account that last changed what is at `change.link`."""
    actor = Actor(store.last_actor(tx, change.link) or PROGRAM, Face.TASK)
    record(tx, actor, action, target, now=now, change=change)


def record_security_event(
    tx: Tx,
    actor: Actor,
    event: SecurityEvent,
    target: str = "",
    *,
    now: datetime,
    change: Change = NO_DETAILS,
) -> None:
    """Add a security event to the audit trail and to the log."""
    action = event.value.partition(".")[2].replace("_", " ")
    store.add(
        tx, actor.name, action, target, now=now, face=actor.face, network=actor.network, event=event.value,
        link=change.link, before=_storable(change.before), after=_storable(change.after),
    )  # fmt: skip
    level = logging.WARNING if event in WARNINGS else logging.INFO
    fields = {"event": event.value, "account_id": actor.account_id, "network": actor.network}
    security_log.log(
        level, "%s account=%s network=%s", event.value, actor.account_id, actor.network, extra=fields
    )


def differences(before: dict[str, Any], after: dict[str, Any]) -> Change:
    """The values that differ, without a link."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return Change(
        before={name: before.get(name) for name in changed}, after={name: after.get(name) for name in changed}
    )


def _storable(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values that JSON and both databases can hold: short, without secrets and without NUL."""
    if values is None:
        return None
    return {name: "…" if name in SECRET_FIELDS else _short(value) for name, value in values.items()}


def _short(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_short(item) for item in list(value)[:100]]
    return str(value).replace("\x00", "")[:MAX_VALUE_LENGTH]
