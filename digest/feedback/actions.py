"""What came back is acted on: kept, counted once, and what must stop is stopped."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.database import Database, Tx
from digest.deliveries.oversight import circuit_breaker
from digest.feedback import identification, store, suppression
from digest.feedback.identification import Found, Keys, Trust
from digest.feedback.pure.classification import Kind, Reading
from digest.feedback.pure.soft_bounces import COMPLAINTS, LEAVING, Patience, worn_out
from digest.subscribers.models import Subscriber

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rules:
    """What acting goes by."""

    keys: Keys
    patience: Patience


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a piece of feedback."""

    kind: Kind
    delivery: int | None = None
    readers: int = 0  # whom it was found to be about
    new: int = 0  # of them, those of whom it was not known yet
    stopped: int = 0  # of them, those who get nothing more


def take(
    db: Database, reading: Reading, rules: Rules, trust: Trust, *, octets: bytes, now: datetime
) -> Taken:
    """Act on a reading, once: the same mail or event again changes nothing. `octets` tell mails without an id apart."""
    with db.begin() as tx:
        kind, found = look(tx, reading, rules.keys, trust, now=now)
        about = [one.delivery.id for one in found if one.delivery]
        if kind in ("autoreply", "none"):
            return Taken(kind, about[0] if about else None, len(found))
        told = reading.message_id or hashlib.sha256(octets).hexdigest()
        news = [one for one in found if store.keep(tx, _row(one, kind, reading, trust.origin, told), now)]
        stopped = [one for one in news if _stop(tx, one, kind, reading, rules=rules, now=now)]
    if kind == "complaint":
        for one in news:
            if one.delivery is not None:
                hold_if_unwanted(db, one.delivery.edition_id, now)
    return Taken(kind, about[0] if about else None, len(found), len(news), len(stopped))


def look(
    tx: Tx, reading: Reading, keys: Keys, trust: Trust, *, now: datetime
) -> tuple[Kind, Sequence[Found]]:
    """What a reading is and whom it is about, without doing anything."""
    if reading.kind in ("none", "unsubscribe"):
        public_id = identification.leaving(reading, keys, trust)
        reader = store.reader_by_public_id(tx, public_id) if public_id else None
        if reader is not None:
            return "unsubscribe", [Found(reader, None, None)]
    found = identification.find(tx, reading, keys, trust, now=now)
    if reading.kind == "unsubscribe" and not trust.signed:  # only a provider may say so of somebody else
        return "none", ()
    return reading.kind, found


def hold_if_unwanted(db: Database, edition_id: int, now: datetime) -> bool:
    """Stop an edition about which too many complained, for an editor to decide; returns whether it was stopped."""
    with db.read() as tx:
        complaints = store.complaints_about(tx, edition_id)
    return bool(circuit_breaker.stop_if_failing(db, edition_id, now, complaints=complaints))


def _row(found: Found, kind: Kind, reading: Reading, origin: str, told: str) -> store.Row:
    said = found.said
    delivery_id = found.delivery.id if found.delivery else None
    mark = f"{kind}\0{found.reader.id}\0{told}"
    return store.Row(
        kind=kind,
        origin=origin,
        subscriber_id=found.reader.id,
        domain=found.reader.email_key.rpartition("@")[2],
        delivery_id=delivery_id,
        severity=_severity(kind, found),
        status=said.status if said else "",
        reason=reading.complaint if kind == "complaint" else said.reason if said else "",
        words=said.words if said else "",
        fingerprint=hashlib.sha256(mark.encode("utf-8", "replace")).hexdigest(),
    )


def _severity(kind: Kind, found: Found) -> str:
    if kind != "bounce":
        return ""
    return "hard" if found.said and found.said.hard else "soft"


def _stop(tx: Tx, found: Found, kind: Kind, reading: Reading, *, rules: Rules, now: datetime) -> bool:
    """Stop what must be stopped; returns whether anything was."""
    reader, secret = found.reader, rules.keys.sender.secret
    leaves = LEAVING | COMPLAINTS if found.weak else LEAVING
    if kind == "unsubscribe" or (kind == "complaint" and reading.complaint in leaves):
        return suppression.leave(reader, now)
    if found.weak:
        return False
    if kind == "complaint":
        return reading.complaint in COMPLAINTS and suppression.suppress(
            tx, reader, "complained", secret=secret, detail=reading.complaint, now=now
        )
    if _dead(tx, reader, found, rules.patience, now):
        detail = (found.said.words or found.said.reason) if found.said else ""
        return suppression.suppress(tx, reader, "bounced", secret=secret, detail=detail, now=now)
    return False


def _dead(tx: Tx, reader: Subscriber, found: Found, patience: Patience, now: datetime) -> bool:
    if found.said is not None and found.said.hard:
        return True
    return worn_out(store.soft_bounces(tx, reader.id), patience, now)
