"""Queries over editions and digests."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update

from digest.database import Tx, insert_missing
from digest.editions.models import Digest, Edition
from digest.errors import NotFoundError, Sentence

PAGE = 30  # editions of a page in the admin
SAMPLE_SLOT = "sample"  # of the one edition that shows newcomers what a digest is; unique, so it is made once
SectionRow = tuple[str, tuple[tuple[int, int], ...]]  # region slug, (story id, version) in order


@dataclass(frozen=True, slots=True)
class DigestRow:
    """A digest as decided, before it is written."""

    preferences_key: str
    window_start: datetime
    subject: str
    sections: tuple[SectionRow, ...]
    hash: str
    public_id: str = field(default_factory=lambda: secrets.token_urlsafe(12))


def scheduled(tx: Tx, slot: datetime, *, cutoff: datetime, now: datetime) -> Edition:
    """The edition of a slot, made by whoever plans it first."""
    name = slot.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
    row = {"kind": "scheduled", "slot": name, "cutoff": cutoff, "created_at": now, "state": "sending"}
    insert_missing(tx, Edition, [row | {"audience": {"kind": "due"}, "note": ""}], keys=["slot"])
    return tx.scalars(select(Edition).where(Edition.slot == name, Edition.kind == "scheduled")).one()


def by_hand(
    tx: Tx, kind: str, audience: dict[str, Any], *, note: str, now: datetime, cutoff: datetime, slot: str = ""
) -> Edition:
    """A new edition of an editor's; one with a `slot` is made only once, and asked for again is the first one."""
    name = _hand_slot(slot or secrets.token_urlsafe(16))
    row = {"kind": kind, "slot": name, "state": "planning", "audience": audience, "note": note}
    insert_missing(tx, Edition, [row | {"cutoff": cutoff, "created_at": now}], keys=["slot"])
    return tx.scalars(select(Edition).where(Edition.slot == name)).one()


def sample_digest(tx: Tx) -> Digest | None:
    """The digest of the sample edition, if it was made."""
    return tx.scalar(
        select(Digest)
        .join(Edition, Edition.id == Digest.edition_id)
        .where(Edition.slot == _hand_slot(SAMPLE_SLOT))
    )


def by_id(tx: Tx, edition_id: int) -> Edition:
    """An edition; raises NotFoundError."""
    edition = tx.get(Edition, edition_id)
    if edition is None:
        raise NotFoundError(f"There is no edition {edition_id}.")
    return edition


def listing(tx: Tx, *, page: int = 1) -> tuple[Sequence[Edition], int]:
    """A page of editions, newest first, and how many there are."""
    rows = tx.scalars(select(Edition).order_by(Edition.id.desc()).limit(PAGE).offset((page - 1) * PAGE)).all()
    return rows, tx.scalar(select(func.count()).select_from(Edition)) or 0


def set_state(
    tx: Tx, edition_id: int, state: str, *, only_from: Sequence[str], now: datetime | None = None
) -> bool:
    """Change an edition's state, if it is in one of certain states; says whether it was."""
    values: dict[str, Any] = {"state": state} | ({"finished_at": now} if now else {})
    changed = update(Edition).where(Edition.id == edition_id, Edition.state.in_(only_from)).values(**values)
    return tx.execute(changed.returning(Edition.id)).first() is not None


def in_state(tx: Tx, state: str) -> Sequence[Edition]:
    """The editions in a state."""
    return tx.scalars(select(Edition).where(Edition.state == state)).all()


def keep_digests(tx: Tx, edition_id: int, digests: Sequence[DigestRow]) -> dict[tuple[str, datetime], int]:
    """Write digests that are not there yet; returns the ids of all of the edition's, by preferences and start."""
    rows = [
        {
            "public_id": digest.public_id,
            "edition_id": edition_id,
            "preferences_key": digest.preferences_key,
            "window_start": digest.window_start,
            "subject": digest.subject,
            "sections": [list(section) for section in digest.sections],
            "hash": digest.hash,
        }
        for digest in digests
    ]
    insert_missing(tx, Digest, rows, keys=["edition_id", "preferences_key", "window_start"])
    query = select(Digest.id, Digest.preferences_key, Digest.window_start).where(
        Digest.edition_id == edition_id
    )
    return {(row[1], row[2]): row[0] for row in tx.execute(query)}


def digests(tx: Tx, ids: Sequence[int]) -> dict[int, Digest]:
    """Digests by id."""
    return {digest.id: digest for digest in tx.scalars(select(Digest).where(Digest.id.in_(ids)))}


def digest(tx: Tx, digest_id: int) -> Digest:
    """A digest; raises NotFoundError."""
    found = tx.get(Digest, digest_id)
    if found is None:
        raise NotFoundError(f"There is no digest {digest_id}.")
    return found


def count_digests(tx: Tx, edition_id: int) -> int:
    """How many digests an edition has."""
    return tx.scalar(select(func.count()).select_from(Digest).where(Digest.edition_id == edition_id)) or 0


def digests_of(tx: Tx, edition_id: int, *, limit: int = 100) -> Sequence[Digest]:
    """The digests of an edition."""
    return tx.scalars(
        select(Digest).where(Digest.edition_id == edition_id).order_by(Digest.id).limit(limit)
    ).all()


def digest_by_public_id(tx: Tx, public_id: str) -> Digest:
    """The digest that a web edition's address names; raises NotFoundError."""
    known = public_id.isprintable()  # PostgreSQL takes no NUL, not even to look for
    digest = tx.scalar(select(Digest).where(Digest.public_id == public_id)) if known else None
    if digest is None:
        raise NotFoundError(Sentence("There is no digest at this address."))
    return digest


def stories_of(digest: Digest) -> tuple[SectionRow, ...]:
    """A digest's sections, as they were decided."""
    return tuple(
        (slug, tuple((story, version) for story, version in stories)) for slug, stories in digest.sections
    )


def _hand_slot(slot: str) -> str:
    """As it is stored: never the name of a scheduled slot, whatever a form says, and never wider than its column."""
    return f"hand:{hashlib.sha256(slot.encode()).hexdigest()[:32]}"
