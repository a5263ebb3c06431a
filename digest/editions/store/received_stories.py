"""Queries for what the readers of a digest received before its window."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from digest.database import Tx, chunked, is_one_of
from digest.editions.models import Digest, Edition
from digest.editions.pure.sections import story_ids
from digest.editions.states import EditionKind

MEMORY = timedelta(days=8)  # how long before the window digests are read; weekly readers had one in it
KEYS_PER_STATEMENT = 500

Group = tuple[str, datetime]  # a key of preferences, and the start of a window


def received_stories(
    tx: Tx, groups: Collection[Group], among: Collection[int] | None = None
) -> dict[Group, frozenset[int]]:
    """The stories that each group of readers received in the days before its window; only those of `among`, if given.

    The start of a group's window is the cutoff of the last edition that its readers were planned for. If no edition has
    that cutoff, they are new readers, who received nothing.
    """
    cutoffs = _existing_cutoffs(tx, {start for _, start in groups})
    by_key = _stories_by_key(tx, {key for key, start in groups if start in cutoffs}, cutoffs, among)
    return {
        (key, start): frozenset[int]().union(
            *(ids for cutoff, ids in by_key.get(key, ()) if start - MEMORY < cutoff <= start)
        )
        if start in cutoffs
        else frozenset()
        for key, start in groups
    }


def _existing_cutoffs(tx: Tx, moments: Collection[datetime]) -> set[datetime]:
    """Those of the moments that are the cutoff of an edition."""
    cutoffs: set[datetime] = set()
    for chunk in chunked(sorted(moments)):
        cutoffs |= set(tx.scalars(select(Edition.cutoff).where(is_one_of(tx, Edition.cutoff, chunk))))
    return cutoffs


def _stories_by_key(
    tx: Tx, keys: Collection[str], cutoffs: Collection[datetime], among: Collection[int] | None
) -> dict[str, list[tuple[datetime, frozenset[int]]]]:
    """By key of preferences, its digests up to the last of these cutoffs: their own cutoff, and their stories."""
    by_key: defaultdict[str, list[tuple[datetime, frozenset[int]]]] = defaultdict(list)
    for chunk in chunked(sorted(keys), KEYS_PER_STATEMENT):
        query = (
            select(Digest.preferences_key, Edition.cutoff, Digest.sections)
            .join(Edition, Edition.id == Digest.edition_id)
            .where(
                is_one_of(tx, Digest.preferences_key, chunk),
                Edition.kind != EditionKind.TEST,
                Edition.cutoff > min(cutoffs) - MEMORY,
                Edition.cutoff <= max(cutoffs),
            )
        )
        for key, cutoff, sections in tx.execute(query):
            ids = story_ids(sections)
            by_key[key].append((cutoff, ids if among is None else ids.intersection(among)))
    return by_key
