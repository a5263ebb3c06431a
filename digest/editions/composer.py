"""From the stories of a window to the digests of distinct preferences."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter

from digest.database import Tx
from digest.editions import rendering
from digest.editions.pure.selection import IN_MAIL, Newsstand, Section, Selection, select
from digest.editions.store import candidates as stand
from digest.editions.store.editions import DigestRow, SectionRow
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Preferences

# How far back digests look. Daily readers must not pay for those who come back from a month's pause, so the stories
# of each reach are loaded apart. Whoever was away longer is told the last month.
REACHES = (timedelta(hours=36), timedelta(days=8), timedelta(days=31))
ID = attrgetter("id")


@dataclass(frozen=True, slots=True)
class Composed:
    """A digest as decided, and its stories that somebody may have had from before their regions were these."""

    digest: DigestRow
    late: frozenset[int]


class Composer:
    """Composes the digests of one cutoff; what readers have in common is loaded and computed once."""

    def __init__(self, tx: Tx, tree: RegionTree, *, start: datetime, cutoff: datetime) -> None:
        self.start, self.cutoff, self._tree = start, cutoff, tree
        stock = stand.stock(tx, start, cutoff)
        self._titles = {key: story.lead.title for key, story in stock.shown.items()}
        self._expanded: dict[str, frozenset[str]] = {}
        self._known = {region.slug for region in tree.all()}
        self._stand = Newsstand(stock.candidates, self._countries)
        self._marks = {c.id: (c.id, c.version) for c in stock.candidates}  # one for all digests that hold it

    def digest(
        self,
        preferences: Preferences,
        start: datetime,
        *,
        note: str = "",
        without: frozenset[int] = frozenset(),
    ) -> Composed | None:
        """What somebody with these preferences gets who was last served at `start` and had the stories `without`
        before; None when there is nothing new."""
        found = self.selection(preferences, start, without)
        # The mail's sections come first, then those of the rest: a mail is cut behind as many as the reader wants.
        sections = tuple(self._row(section) for section in (*found.mail, *found.rest))
        if not sections:
            return None
        headlines = (self._titles[story] for _, stories in sections for story, _ in stories)
        count = sum(len(stories) for _, stories in sections)
        subject = rendering.subject(preferences.language, headlines, count)
        told = fingerprint(subject, sections, note)
        named = hashlib.sha256(json.dumps(sorted(without)).encode()).hexdigest()[:32] if without else ""
        return Composed(DigestRow(preferences.key, start, subject, sections, told, named), found.late)

    def selection(
        self, preferences: Preferences, start: datetime, without: frozenset[int] = frozenset()
    ) -> Selection:
        """The stories of such a digest."""
        # One that was taken out of the tree since must not stop everybody's edition.
        regions = [slug for slug in preferences.regions if slug in self._known]
        most = IN_MAIL[preferences.size]
        return select(self._stand, regions, start=max(start, self.start), most=most, without=without)

    def _row(self, section: Section) -> SectionRow:
        return section.region, tuple(map(self._marks.__getitem__, map(ID, section.stories)))

    def _countries(self, slug: str) -> frozenset[str]:
        if slug not in self._expanded:
            self._expanded[slug] = self._tree.expand([slug])
        return self._expanded[slug]


@dataclass
class Composers:
    """The composers of one edition, by how far back they look; those of the edition before are forgotten."""

    tree: RegionTree
    _of: tuple[int, datetime] | None = None
    _made: dict[timedelta, Composer] = field(default_factory=dict)

    def reaching(self, tx: Tx, edition: tuple[int, datetime], start: datetime) -> Composer:
        """The composer of an edition (id and cutoff) for windows that begin at `start`."""
        if self._of != edition:
            self._of, self._made = edition, {}
        _, cutoff = edition
        reach = next((reach for reach in REACHES if cutoff - reach <= start), REACHES[-1])
        if reach not in self._made:
            self._made[reach] = Composer(tx, self.tree, start=cutoff - reach, cutoff=cutoff)
        return self._made[reach]


def fingerprint(subject: str, sections: Iterable[SectionRow], note: str) -> str:
    """Equal for digests that say the same: what was previewed is what is sent."""
    rows = list(sections)
    told = hashlib.sha256(
        json.dumps([subject, note, [(slug, len(stories)) for slug, stories in rows]]).encode()
    )
    for _, stories in rows:
        told.update(array("q", chain.from_iterable(stories)).tobytes())
    return told.hexdigest()


def gathered(sections: Iterable[SectionRow]) -> tuple[SectionRow, ...]:
    """Each region once, with all of its stories, as the web edition shows them."""
    found: dict[str, list[tuple[int, int]]] = {}
    for region, stories in sections:
        found.setdefault(region, []).extend(stories)
    return tuple((region, tuple(stories)) for region, stories in found.items())


def differences(
    before: Iterable[SectionRow], marks: dict[int, tuple[int, bool]]
) -> Iterator[tuple[int, str]]:
    """Stories that are no longer as they were decided, with what happened; `marks` has version and hidden of each."""
    for _, stories in before:
        for story, version in stories:
            now = marks.get(story)
            if now is None:
                yield story, "gone"
            elif now[1]:
                yield story, "hidden"
            elif now[0] != version:
                yield story, "changed"
