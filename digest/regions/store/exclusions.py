"""Queries over the words that editors have said never mean a country."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from digest.database import MAX_ROW_ID, Tx, page_after
from digest.errors import NewsroomText, NotFoundError
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import BaseForm, Exclusion
from digest.regions.pure.text_folding import lookup_key
from digest.regions.pure.vocabulary import PhraseKind

# The number of rows, and the highest id: an id is never used again, so both together change with every change.
Version = tuple[int, int]


def version(tx: Tx) -> Version:
    """What changes when an exclusion is added or removed."""
    count, highest = tx.execute(select(func.count(), func.max(TagExclusion.id))).one()
    return count, highest or 0


def all_exclusions(tx: Tx) -> list[Exclusion]:
    """All exclusions as the tagger needs them."""
    table = TagExclusion
    columns = (table.id, table.words, table.country, table.source_id, table.base_text, table.base_kind)
    return [
        Exclusion(id_, words, country, source_id, BaseForm(text, PhraseKind(kind)) if kind else None)
        for id_, words, country, source_id, text, kind in tx.execute(select(*columns).order_by(table.id))
    ]


def rows(tx: Tx) -> Sequence[TagExclusion]:
    """All exclusions, the newest first."""
    return tx.scalars(select(TagExclusion).order_by(TagExclusion.id.desc())).all()


def rows_before(tx: Tx, *, before: int | None, limit: int) -> Sequence[TagExclusion]:
    """The exclusions with smaller ids than `before`, newest first; one more than `limit` if there is more."""
    found: Sequence[TagExclusion] = page_after(
        tx, select(TagExclusion), TagExclusion.id, after=before, limit=limit, newest_first=True
    )
    return found


def by_ids(tx: Tx, exclusion_ids: Collection[int]) -> Sequence[TagExclusion]:
    """These exclusions, the newest first."""
    query = select(TagExclusion).where(TagExclusion.id.in_(exclusion_ids)).order_by(TagExclusion.id.desc())
    return tx.scalars(query).all()


def by_id(tx: Tx, exclusion_id: int) -> TagExclusion:
    """An exclusion. Raises NotFoundError."""
    row = tx.get(TagExclusion, exclusion_id)
    if row is None:
        raise NotFoundError(
            NewsroomText("There is no exclusion %(id)s; it may have been removed already.", id=exclusion_id)
        )
    return row


def count(tx: Tx) -> int:
    """How many exclusions there are."""
    return version(tx)[0]


def holding(tx: Tx, words: str, country: str, source_id: int | None) -> TagExclusion | None:
    """The exclusion that has these words for this country and source already, perhaps for all sources."""
    same = (TagExclusion.words_key == lookup_key(words), TagExclusion.country == country)
    scope = or_(TagExclusion.source_id.is_(None), TagExclusion.source_id == source_id)
    return tx.scalars(select(TagExclusion).where(*same, scope).limit(1)).first()


def add(tx: Tx, exclusion: Exclusion, *, by: str, now: datetime) -> TagExclusion:
    """Write an exclusion under a new id. No open article has been tagged with it yet. `by` is the editor's address."""
    row = TagExclusion(
        words=exclusion.words,
        words_key=lookup_key(exclusion.words),
        country=exclusion.country,
        source_id=exclusion.source_id,
        base_text=exclusion.base.text if exclusion.base else "",
        base_kind=str(exclusion.base.kind) if exclusion.base else "",
        added_at=now,
        added_by=by,
        untagged_below=MAX_ROW_ID,
    )
    tx.add(row)
    tx.flush()
    return row


def not_applied_to_all(tx: Tx) -> Sequence[int]:
    """The exclusions with which some open articles may not have been tagged yet, the oldest first."""
    query = select(TagExclusion.id).where(TagExclusion.untagged_below.is_not(None))
    return tx.scalars(query.order_by(TagExclusion.id)).all()


def remove(tx: Tx, exclusion_id: int) -> None:
    """Delete an exclusion."""
    tx.execute(delete(TagExclusion).where(TagExclusion.id == exclusion_id))
