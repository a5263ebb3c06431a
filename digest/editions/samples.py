"""Digests of the last day for anybody's choice, as pages show them before or right after somebody subscribes.

The news of the day is loaded once in five minutes, and shared by all requests of a process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from digest.articles.pure.shown_story import ShownStory
from digest.articles.states import Kinds
from digest.articles.store import articles
from digest.database import Tx
from digest.editions.kept_composers import ComposerCache
from digest.editions.pure.edition_spec import DigestPreferences, EditionSpec
from digest.editions.pure.sections import Section, story_ids
from digest.editions.store.editions import DigestRow
from digest.regions.tree.region_tree import RegionTree

WINDOW = timedelta(days=1)
KEPT_MINUTES = 5


@dataclass(frozen=True, slots=True)
class SampleDigest:
    """A digest that nobody receives, and its stories as they are now."""

    digest: DigestRow
    shown: Mapping[int, ShownStory]

    @property
    def sections(self) -> tuple[Section, ...]:
        """Its sections."""
        return self.digest.sections


@dataclass(eq=False)
class SampleDigests:
    """Composes sample digests. A process has one instance."""

    tree: RegionTree
    default_kinds: Kinds = frozenset()
    _composers: ComposerCache = field(init=False)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._composers = ComposerCache(self.tree, self.default_kinds)

    def compose(self, tx: Tx, preferences: DigestPreferences, now: datetime) -> SampleDigest | None:
        """The digest of the last day for these preferences; None without news. It may be five minutes old."""
        digest = self._compose(tx, preferences, now)
        if digest is None:
            return None
        return SampleDigest(digest, articles.current_stories(tx, story_ids(digest.sections)))

    def count_stories(self, tx: Tx, preferences: DigestPreferences, now: datetime) -> int:
        """How many stories of the last day a digest for these preferences has, web edition included."""
        digest = self._compose(tx, preferences, now)
        return len(story_ids(digest.sections)) if digest else 0

    def _compose(self, tx: Tx, preferences: DigestPreferences, now: datetime) -> DigestRow | None:
        cutoff = _end_of_period(now)
        with self._lock:  # a composer fills its caches while it composes
            composer = self._composers.composer_for(tx, EditionSpec(None, cutoff), cutoff - WINDOW)
            composed = composer.compose(preferences, cutoff - WINDOW)
        return composed.digest if composed else None


def _end_of_period(now: datetime) -> datetime:
    """The end of the five minutes that `now` lies in: what was loaded in them has all news until then."""
    start = now.replace(minute=now.minute - now.minute % KEPT_MINUTES, second=0, microsecond=0)
    return start + timedelta(minutes=KEPT_MINUTES)
