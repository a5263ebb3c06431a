"""Queries for what the readers of a digest received before its window."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from digest.database import Tx
from digest.editions.models import Digest, Edition
from digest.editions.pure.sections import story_ids
from digest.editions.states import EditionKind

MEMORY = timedelta(days=8)  # how long before the window digests are read; weekly readers had one in it


def received_stories(
    tx: Tx, groups: Iterable[tuple[str, datetime]]
) -> dict[tuple[str, datetime], frozenset[int]]:
    """The stories that each group of readers received in the days before its window.

    A group is a key of preferences and the start of a window, which is the cutoff of the last edition that its readers
    were planned for. If no edition has that cutoff, they are new readers, who received nothing.
    """
    received: dict[tuple[str, datetime], frozenset[int]] = {}
    for key, start in groups:
        query = (
            select(Digest.sections, Edition.cutoff)
            .join(Edition, Edition.id == Digest.edition_id)
            .where(
                Digest.preferences_key == key,
                Edition.kind != EditionKind.TEST,
                Edition.cutoff > start - MEMORY,
                Edition.cutoff <= start,
            )
        )
        rows = tx.execute(query).all()
        known = tx.scalar(select(Edition.id).where(Edition.cutoff == start).limit(1)) is not None
        sections = [row[0] for row in rows] if known else []
        received[key, start] = frozenset[int]().union(*map(story_ids, sections))
    return received
