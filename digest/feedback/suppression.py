"""Who is never written to: put on the list with the reason, and taken off it again when that was a mistake."""

from datetime import datetime
from typing import Literal

from digest.database import Database, Tx
from digest.errors import NotFoundError
from digest.feedback import store as feedback
from digest.feedback.pure.report_fields import ADDRESS
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import Address, address_hash
from digest.subscribers.store import subscribers as store
from digest.subscribers.store import suppressions

Reason = Literal["bounced", "complained", "editor", "imported"]
LONGEST_DETAIL = 500  # characters


def suppress(tx: Tx, reader: Subscriber, reason: Reason, *, secret: str, detail: str, now: datetime) -> bool:
    """Never write to a reader again; false when they were suppressed already."""
    key = address_hash(secret, reader.email_key)
    suppressions.keep(tx, key, reason, _nameless(detail), subscriber_id=reader.id, now=now)
    if reason == "complained":  # which also is a no: only by asking again do they come back
        reader.left_at = now
    if reader.state == "suppressed":
        return False
    reader.state, reader.next_due_at = "suppressed", None
    return True


def leave(reader: Subscriber, now: datetime) -> bool:
    """A reader goes; false when they had gone."""
    if reader.state in ("unsubscribed", "suppressed"):
        return False
    reader.state, reader.next_due_at, reader.paused_until, reader.left_at = "unsubscribed", None, None, now
    return True


def suppress_address(
    db: Database, address: Address, reason: Reason, *, secret: str, detail: str, now: datetime
) -> bool:
    """Never write to an address, a reader's or not; false when it was suppressed already."""
    key = address_hash(secret, address.key)
    with db.begin() as tx:
        before = store.suppressed(tx, key) is not None
        reader = store.by_address(tx, address)
        if reader is not None:
            return suppress(tx, reader, reason, secret=secret, detail=detail, now=now) or not before
        suppressions.keep(tx, key, reason, _nameless(detail), subscriber_id=None, now=now)
        return not before


def lift(db: Database, address: Address, *, secret: str, mistaken: bool, now: datetime) -> str:
    """Take an address off the list; returns the state its reader is in now, "" for nobody's. Raises NotFoundError.

    `mistaken`: the bounce was none of the address's fault, so its reader gets the digest again, if they had agreed to
    it and not left. Else they must ask for it anew: nobody but a reader can take back what a reader said.
    """
    key = address_hash(secret, address.key)
    with db.begin() as tx:
        row = store.suppressed(tx, key)
        reader = store.by_address(tx, address)
        if row is None and (reader is None or reader.state != "suppressed"):
            raise NotFoundError(f"{address.email} is not suppressed.")
        bounced = row is None or row.reason == "bounced"
        store.lift_suppression(tx, key)
        if reader is None:
            return ""
        feedback.add(tx, reader, "lifted", "editor", now=now)
        if reader.state == "suppressed":
            reader.state = _state_again(reader, now) if mistaken and bounced else _out(reader, now)
        return reader.state


def _nameless(detail: str) -> str:
    """Words without addresses: the list outlives the reader, who may be erased."""
    return ADDRESS.sub("…", detail)[:LONGEST_DETAIL]


def _state_again(reader: Subscriber, now: datetime) -> str:
    """What a reader was before: with the consent that they gave and did not take back."""
    agreed = reader.confirmed_at is not None and (
        reader.left_at is None or reader.left_at < reader.confirmed_at
    )
    if not agreed:
        return "unsubscribed"
    reader.next_due_at = None
    return "paused" if reader.paused_until is not None and reader.paused_until > now else "active"


def _out(reader: Subscriber, now: datetime) -> str:
    reader.left_at = now
    return "unsubscribed"
