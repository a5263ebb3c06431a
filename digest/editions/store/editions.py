"""Queries over editions and digests."""

import hashlib
import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select

from digest.articles.store import retention
from digest.database import Tx, insert_missing
from digest.editions.models import Digest, Edition
from digest.editions.pure.public_ids import dated_public_id
from digest.editions.pure.sections import Section, story_ids
from digest.editions.pure.updates import Updates
from digest.editions.states import EditionKind, EditionState
from digest.editions.store.edition_life import update_if
from digest.errors import NewsroomText, NotFoundError, TranslatableText
from digest.look.store import newest_version

LISTED = 30  # the newest editions
SAMPLE_SLOT = "sample"  # of the one edition that shows newcomers a digest; slots are unique


class DigestKey(NamedTuple):
    """What identifies a digest within its edition."""

    preferences_key: str
    window_start: datetime
    without: str


class StoredDigest(NamedTuple):
    """The content of a stored digest, and its hash."""

    subject: str
    hash: str
    sections: tuple[Section, ...]
    updates: Updates
    day_note_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DigestRow:
    """The values of a digest before it is stored."""

    preferences_key: str
    window_start: datetime
    subject: str
    sections: tuple[Section, ...]
    hash: str
    without: str = ""  # hash of the stories left out because the subscribers received them; "" for nearly all
    updates: Updates = field(default_factory=dict)
    day_note_ids: tuple[int, ...] = ()
    public_id: str = field(default_factory=lambda: secrets.token_urlsafe(12))  # stored with the edition's day

    @property
    def key(self) -> DigestKey:
        """What identifies it within its edition."""
        return DigestKey(self.preferences_key, self.window_start, self.without)


def create_manual(
    tx: Tx,
    kind: EditionKind,
    audience: dict[str, Any],
    *,
    note: str,
    now: datetime,
    cutoff: datetime,
    idempotency_key: str = "",
    hours: int = 0,
) -> Edition:
    """Create an editor's edition. A second call with the same `idempotency_key` returns the first edition."""
    name = _manual_slot_name(idempotency_key or secrets.token_urlsafe(16))
    row = {
        "kind": kind,
        "slot": name,
        "state": EditionState.PLANNING,
        "audience": audience,
        "note": note,
        "hours": hours,
        "cutoff": cutoff,
        "look": newest_version(tx),
        "created_at": now,
    }
    insert_missing(tx, Edition, [row], keys=["slot"])
    return tx.scalars(select(Edition).where(Edition.slot == name)).one()


def sample_digest(tx: Tx) -> Digest | None:
    """The digest of the sample edition, if it exists."""
    return tx.scalar(
        select(Digest)
        .join(Edition, Edition.id == Digest.edition_id)
        .where(Edition.slot == _manual_slot_name(SAMPLE_SLOT))
    )


def lock_state(tx: Tx, edition_id: int) -> EditionState | None:
    """The state of an edition, which nobody can change before this transaction ends; None when there is no edition."""
    state = select(Edition.state).where(Edition.id == edition_id)
    return tx.scalar(state.with_for_update(read=True))


def by_id(tx: Tx, edition_id: int) -> Edition:
    """An edition; raises NotFoundError."""
    edition = tx.get(Edition, edition_id)
    if edition is None:
        raise NotFoundError(NewsroomText("There is no edition %(edition_id)s.", edition_id=edition_id))
    return edition


def listing(tx: Tx) -> tuple[Sequence[Edition], int]:
    """The newest editions, newest first, and how many there are."""
    rows = tx.scalars(select(Edition).order_by(Edition.id.desc()).limit(LISTED)).all()
    return rows, tx.scalar(select(func.count()).select_from(Edition)) or 0


def set_state(
    tx: Tx,
    edition_id: int,
    state: EditionState,
    *,
    only_from: Sequence[EditionState],
    now: datetime | None = None,
) -> bool:
    """Change an edition's state; false when it is in none of `only_from`. `now` is the time of an edition's end."""
    values = {"state": state} if now is None else {"state": state, "finished_at": now}
    return update_if(tx, edition_id, only_from, values)


def start_freezing(tx: Tx, edition_id: int, *, cutoff: datetime) -> bool:
    """Start to freeze a draft; false when the edition is no draft."""
    values = {"state": EditionState.FREEZING, "cutoff": cutoff, "look": newest_version(tx)}
    if started := update_if(tx, edition_id, [EditionState.DRAFT], values):
        # A task of an earlier freezing may have written digests after the draft was opened again.
        _delete_digests(tx, edition_id)
    return started


def mark_frozen(tx: Tx, edition_id: int, now: datetime) -> None:
    """End the freezing of an edition: all its digests are written."""
    update_if(tx, edition_id, [EditionState.FREEZING], {"state": EditionState.FROZEN, "frozen_at": now})


def thaw(tx: Tx, edition_id: int) -> bool:
    """Make a frozen edition a draft again, without its digests; false when it is not frozen."""
    values = {"state": EditionState.DRAFT, "frozen_at": None, "send_at": None}
    if thawed := update_if(tx, edition_id, [EditionState.FROZEN], values):
        _delete_digests(tx, edition_id)
    return thawed


def release(tx: Tx, edition_id: int, at: datetime | None) -> bool:
    """Start to plan a frozen edition, or set when it goes out; false when it is not frozen."""
    values = {"state": EditionState.PLANNING} if at is None else {"send_at": at}
    return update_if(tx, edition_id, [EditionState.FROZEN], values)


def unschedule(tx: Tx, edition_id: int) -> None:
    """Clear the time at which a frozen edition goes out by itself."""
    update_if(tx, edition_id, [EditionState.FROZEN], {"send_at": None})


def digest_contents(tx: Tx, edition_id: int) -> Iterator[StoredDigest]:
    """The content of each digest of an edition, and its hash."""
    query = select(Digest.subject, Digest.hash, Digest.sections, Digest.updates, Digest.day_note_ids)
    query = query.where(Digest.edition_id == edition_id).execution_options(yield_per=1000)
    for row in tx.execute(query):
        yield StoredDigest(*row)


def in_state(tx: Tx, *states: EditionState) -> Sequence[Edition]:
    """The editions in these states, in the order of the states."""
    found = tx.scalars(select(Edition).where(Edition.state.in_(states)).order_by(Edition.id))
    return sorted(found, key=lambda edition: states.index(edition.state))


def save_digests(tx: Tx, edition_id: int, digests: Sequence[DigestRow]) -> None:
    """Store the digests that are not stored yet, and keep their stories from being deleted."""
    edition = tx.get_one(Edition, edition_id)
    rows = [
        {
            "public_id": dated_public_id(digest.public_id, edition.cutoff),
            "edition_id": edition_id,
            "preferences_key": digest.preferences_key,
            "window_start": digest.window_start,
            "subject": digest.subject,
            "sections": digest.sections,
            "updates": digest.updates,
            "day_note_ids": digest.day_note_ids,
            "hash": digest.hash,
            "without": digest.without,
        }
        for digest in digests
    ]
    insert_missing(tx, Digest, rows, keys=["edition_id", "preferences_key", "window_start", "without"])
    shown = frozenset[int]().union(*(story_ids(digest.sections) for digest in digests))
    retention.mark_shown(tx, shown, edition.cutoff)
    retention.mark_kept(tx, shown, sent_at=None if edition.kind == EditionKind.TEST else edition.cutoff)


def digest_ids(tx: Tx, edition_id: int, keys: Collection[DigestKey]) -> dict[DigestKey, int]:
    """The ids of an edition's digests by key, for the digests that exist. It may have more keys than `keys`."""
    query = select(Digest.id, Digest.preferences_key, Digest.window_start, Digest.without)
    query = query.where(Digest.edition_id == edition_id, Digest.without.in_({key.without for key in keys}))
    return {
        DigestKey(preferences_key, window_start, without): digest_id
        for digest_id, preferences_key, window_start, without in tx.execute(query)
    }


def digests_by_id(tx: Tx, ids: Sequence[int]) -> dict[int, Digest]:
    """Digests by id."""
    return {digest.id: digest for digest in tx.scalars(select(Digest).where(Digest.id.in_(ids)))}


def digest_by_id(tx: Tx, digest_id: int) -> Digest:
    """A digest; raises NotFoundError."""
    digest = tx.get(Digest, digest_id)
    if digest is None:
        raise NotFoundError(NewsroomText("There is no digest %(digest_id)s.", digest_id=digest_id))
    return digest


def count_digests(tx: Tx, edition_id: int) -> int:
    """How many digests an edition has."""
    return tx.scalar(select(func.count()).select_from(Digest).where(Digest.edition_id == edition_id)) or 0


def digests_of(tx: Tx, edition_id: int, *, limit: int = 100) -> Sequence[Digest]:
    """The first digests of an edition, by id."""
    return tx.scalars(select(Digest).filter_by(edition_id=edition_id).order_by(Digest.id).limit(limit)).all()


def digest_by_public_id(tx: Tx, public_id: str) -> Digest:
    """The digest whose web edition has this id in its URL; raises NotFoundError."""
    is_valid = public_id.isprintable()  # PostgreSQL refuses a query with a NUL
    digest = tx.scalar(select(Digest).where(Digest.public_id == public_id)) if is_valid else None
    if digest is None:
        raise NotFoundError(TranslatableText("There is no digest at this address."))
    return digest


def _delete_digests(tx: Tx, edition_id: int) -> None:
    tx.execute(delete(Digest).where(Digest.edition_id == edition_id))


def _manual_slot_name(slot: str) -> str:
    """The stored name of a manual edition's slot. It fits its column, and is never the name of a scheduled slot."""
    return f"hand:{hashlib.sha256(slot.encode()).hexdigest()[:32]}"
