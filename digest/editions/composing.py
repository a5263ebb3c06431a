"""From the stories of a window to the digests of distinct preferences."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from digest.articles import store as articles
from digest.articles.stories import ShownStory
from digest.database import Tx
from digest.editions import press
from digest.editions.selection import Candidate, Newsstand, select
from digest.editions.store import DigestRow, SectionRow
from digest.regions.tree import RegionTree
from digest.subscribers.models import Preferences
from digest.subscribers.wishes import still_known


class Composer:
    """Composes the digests of one cutoff; what readers have in common is loaded and computed once."""

    def __init__(self, tx: Tx, tree: RegionTree, *, start: datetime, cutoff: datetime) -> None:
        self.start, self.cutoff, self._tree = start, cutoff, tree
        stories = articles.new_stories(tx, start, cutoff)
        self._stand = Newsstand(
            Candidate(s.id, s.version, s.first_seen_at, s.countries, s.sources) for s in stories
        )
        self._shown: Mapping[int, ShownStory] = articles.shown_stories(tx, (s.id for s in stories))
        self._expanded: dict[str, frozenset[str]] = {}
        self._composed: dict[tuple[str, datetime], DigestRow | None] = {}

    def digest(self, preferences: Preferences, start: datetime, *, note: str = "") -> DigestRow | None:
        """What somebody with these preferences gets who was last served at `start`; None when there is nothing new."""
        key = (preferences.key, start)
        if key not in self._composed:
            self._composed[key] = self._compose(preferences, start, note)
        return self._composed[key]

    def _compose(self, preferences: Preferences, start: datetime, note: str) -> DigestRow | None:
        regions = still_known(preferences.regions, self._tree)
        sections: tuple[SectionRow, ...] = tuple(
            (section.region, tuple((story.id, story.version) for story in section.stories))
            for section in select(self._stand, regions, self._countries, start=start)
        )
        if not sections:
            return None
        headlines = [self._shown[story].lead.title for _, stories in sections for story, _ in stories]
        subject = press.subject(preferences.language, headlines)
        return DigestRow(preferences.key, start, subject, sections, fingerprint(subject, sections, note))

    def _countries(self, slug: str) -> frozenset[str]:
        if slug not in self._expanded:
            self._expanded[slug] = self._tree.expand([slug])
        return self._expanded[slug]


def fingerprint(subject: str, sections: Iterable[SectionRow], note: str) -> str:
    """Equal for digests that say the same: what was previewed is what is sent."""
    return hashlib.sha256(json.dumps([subject, list(sections), note]).encode()).hexdigest()
