"""Queries over editions and digests."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from sqlalchemy import delete, func, select, update

from digest.articles.store import retention as kept
from digest.database import Tx, insert_missing, inserter
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
    without: str = ""  # hash of the stories left out because these readers had them
    public_id: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    @property
    def key(self) -> tuple[str, datetime, str]:
        """What it is found by in its edition."""
        return self.preferences_key, self.window_start, self.without

    def stories(self) -> frozenset[int]:
        """The ids of all of its stories."""
        return frozenset([story for _, stories in self.sections for story, _ in stories])


def scheduled(tx: Tx, slot: datetime, *, cutoff: datetime, now: datetime) -> Edition:
    """The edition of a slot, made by whoever plans it first; one that editors reviewed closes now, unless held."""
    name = slot_name(slot)
    row = {"kind": "scheduled", "slot": name, "cutoff": cutoff, "created_at": now, "state": "sending"}
    insert_missing(tx, Edition, [row | {"audience": {"kind": "due"}, "note": ""}], keys=["slot"])
    opened = update(Edition).where(Edition.slot == name, Edition.state == "review")
    tx.execute(opened.values(state="sending", cutoff=cutoff))
    return tx.scalars(select(Edition).where(Edition.slot == name, Edition.kind == "scheduled")).one()


def open_review(tx: Tx, slot: datetime, now: datetime) -> int | None:
    """Open a slot's edition to editors before its time; its id, or None when it was open already."""
    row = {"kind": "scheduled", "slot": slot_name(slot), "cutoff": slot, "created_at": now, "state": "review"}
    statement = inserter(tx, Edition).values(**row, audience={"kind": "due"}, note="")
    made = tx.execute(statement.on_conflict_do_nothing(index_elements=["slot"]).returning(Edition.id)).first()
    return made[0] if made else None


def end_unplanned(tx: Tx, slot: datetime, now: datetime) -> None:
    """End an edition that was open to editors and whose readers are left to their next slots."""
    ended = update(Edition).where(Edition.slot == slot_name(slot), Edition.state.in_(("review", "held")))
    tx.execute(ended.values(state="cancelled", finished_at=now))


def slot_name(slot: datetime) -> str:
    """What a scheduled slot is called in the database, once in all."""
    return slot.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def by_hand(
    tx: Tx, kind: str, audience: dict[str, Any], *, note: str, now: datetime, cutoff: datetime, slot: str = "",
    hours: int = 0,
) -> Edition:  # fmt: skip
    """A new edition of an editor's; one with a `slot` is made only once, and asked for again is the first one."""
    name = _hand_slot(slot or secrets.token_urlsafe(16))
    row = {
        "kind": kind,
        "slot": name,
        "state": "planning",
        "audience": audience,
        "note": note,
        "hours": hours,
    }
    insert_missing(tx, Edition, [row | {"cutoff": cutoff, "created_at": now}], keys=["slot"])
    return tx.scalars(select(Edition).where(Edition.slot == name)).one()


def sample_digest(tx: Tx) -> Digest | None:
    """The digest of the sample edition, if it was made."""
    return tx.scalar(
        select(Digest)
        .join(Edition, Edition.id == Digest.edition_id)
        .where(Edition.slot == _hand_slot(SAMPLE_SLOT))
    )


def held_state(tx: Tx, edition_id: int) -> str | None:
    """The state of an edition; nobody can change it before this transaction ends."""
    state = select(Edition.state).where(Edition.id == edition_id)
    return tx.scalar(state.with_for_update(read=True))


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


def close(tx: Tx, edition_id: int, *, cutoff: datetime) -> bool:
    """Begin to freeze a draft; false when it is none."""
    closed = update(Edition).where(Edition.id == edition_id, Edition.state == "draft")
    done = tx.execute(closed.values(state="freezing", cutoff=cutoff).returning(Edition.id)).first()
    if done is not None:  # what a task that was overtaken wrote after the draft was opened again
        tx.execute(delete(Digest).where(Digest.edition_id == edition_id))
    return done is not None


def frozen(tx: Tx, edition_id: int, now: datetime) -> None:
    """All digests of an edition are written."""
    done = update(Edition).where(Edition.id == edition_id, Edition.state == "freezing")
    tx.execute(done.values(state="frozen", frozen_at=now))


def thaw(tx: Tx, edition_id: int) -> bool:
    """Make a frozen edition a draft again, without its digests; false when it was not frozen."""
    opened = update(Edition).where(Edition.id == edition_id, Edition.state == "frozen")
    done = tx.execute(
        opened.values(state="draft", frozen_at=None, send_at=None).returning(Edition.id)
    ).first()
    if done is not None:
        tx.execute(delete(Digest).where(Digest.edition_id == edition_id))
    return done is not None


def release(tx: Tx, edition_id: int, at: datetime | None) -> bool:
    """Let a frozen edition be planned, now or at a moment; false when it is not frozen."""
    values: dict[str, Any] = {"state": "planning"} if at is None else {"send_at": at}
    released = update(Edition).where(Edition.id == edition_id, Edition.state == "frozen")
    return tx.execute(released.values(**values).returning(Edition.id)).first() is not None


def unschedule(tx: Tx, edition_id: int) -> None:
    """A frozen edition does not go out by itself any more."""
    held = update(Edition).where(Edition.id == edition_id, Edition.state == "frozen")
    tx.execute(held.values(send_at=None))


def decided(tx: Tx, edition_id: int) -> Iterator[tuple[str, str, tuple[SectionRow, ...]]]:
    """Subject, hash and sections of each digest of an edition."""
    query = select(Digest.subject, Digest.hash, Digest.sections).where(Digest.edition_id == edition_id)
    for subject, told, sections in tx.execute(query.execution_options(yield_per=1000)):
        yield subject, told, sections_of(sections)


def in_state(tx: Tx, state: str) -> Sequence[Edition]:
    """The editions in a state."""
    return tx.scalars(select(Edition).where(Edition.state == state)).all()


def keep_digests(tx: Tx, edition_id: int, digests: Sequence[DigestRow]) -> None:
    """Write digests that are not there yet."""
    rows = [
        {
            "public_id": digest.public_id,
            "edition_id": edition_id,
            "preferences_key": digest.preferences_key,
            "window_start": digest.window_start,
            "subject": digest.subject,
            "sections": [(slug, list(chain.from_iterable(rows))) for slug, rows in digest.sections],
            "hash": digest.hash,
            "without": digest.without,
        }
        for digest in digests
    ]
    insert_missing(tx, Digest, rows, keys=["edition_id", "preferences_key", "window_start", "without"])
    kept.keep(tx, frozenset[int]().union(*(digest.stories() for digest in digests)))


def digest_ids(
    tx: Tx, edition_id: int, keys: Collection[tuple[str, datetime, str]]
) -> dict[tuple[str, datetime, str], int]:
    """The ids of an edition's digests by preferences, window start, and what was left out, as far as they exist."""
    query = select(Digest.id, Digest.preferences_key, Digest.window_start, Digest.without).where(
        Digest.edition_id == edition_id, Digest.without.in_({without for _, _, without in keys})
    )
    return {(row[1], row[2], row[3]): row[0] for row in tx.execute(query)}


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
    return sections_of(digest.sections)


def story_ids(digests: Iterable[Digest]) -> set[int]:
    """The ids of all stories of some digests, with less work than to read their sections."""
    stored = (rows for digest in digests for _, rows in digest.sections)
    return set[int]().union(*(_flat(rows)[::2] for rows in stored))


def sections_of(stored: Sequence[Any]) -> tuple[SectionRow, ...]:
    """Sections from a digest's row."""
    found = ((slug, _flat(rows)) for slug, rows in stored)
    return tuple((slug, tuple(zip(flat[::2], flat[1::2], strict=True))) for slug, flat in found)


def _flat(rows: Sequence[Any]) -> Sequence[int]:
    """Ids and versions of a section in one list, as rows have them: of a list for each story the garbage collector
    would have more work than all else is. Digests of before this was so have those lists."""
    return rows if rows and isinstance(rows[0], int) else list(chain.from_iterable(rows))


def _hand_slot(slot: str) -> str:
    """As it is stored: never the name of a scheduled slot, whatever a form says, and never wider than its column."""
    return f"hand:{hashlib.sha256(slot.encode()).hexdigest()[:32]}"
