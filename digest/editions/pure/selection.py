"""Which stories a digest holds, under which of the reader's regions, in which order, and which of them the mail has."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, takewhile
from operator import attrgetter

from digest.subscribers.pure.subscription import SIZES

IN_MAIL = dict(
    zip(SIZES, (5, 15, 40), strict=True)
)  # stories of a mail at most; the rest is on the web edition
LONGEST = 200  # stories of one digest, its web edition included; what lies above nobody reads
SHARE = 0.4  # of a mail's stories, at most, are led by one source as long as others have any
PINNED = 1_000_000.0  # more than all else can count
SHELVES_KEPT = 2_000  # by region and start of the window; some 10 KB each
STILL_NEWS = timedelta(days=7)  # a story that comes to be about a country is no news there when it is older


@dataclass(frozen=True, slots=True)
class About:
    """A story is about this country, this strongly (the best has 1.0), and known to be since then."""

    country: str
    weight: float
    since: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that may go out. Its source is the one that leads it; `trust` is what an editor said its word counts."""

    id: int
    version: int
    first_seen_at: datetime
    countries: tuple[About, ...]
    source: int = 0
    sources: int = 1
    trust: float = 1.0
    pinned: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A story under a region: how it is ordered, how well it fits there, and since when it has been news there."""

    id: int
    order: float  # smaller comes first
    fit: tuple[float, int]
    region: str
    since: datetime
    story: Candidate


@dataclass(frozen=True, slots=True)
class Shelf:
    """A region's stories as they are for a window: `new` are those that have been about it since its start, by id,
    best first; of these, `late` were first seen before; `old` have been about it for longer."""

    new: dict[int, Place]
    late: frozenset[int]
    old: frozenset[int]


ORDER, REGION = attrgetter("order"), attrgetter("region")
PINS = attrgetter("story.pinned")
NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A region of the reader's, and the stories shown under it, best first."""

    region: str
    stories: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What the mail has, and what only the web edition has besides; in both, regions in the reader's order.

    `late` are the stories from before the window, which became news to these regions in it: somebody who had other
    regions may have had them already.
    """

    mail: tuple[Section, ...]
    rest: tuple[Section, ...]
    late: frozenset[int]


class Newsstand:
    """The stories of some days by region, ranked once for all readers of it, so that a digest's cost doesn't grow with
    those of other countries. `countries` gives a region's countries."""

    def __init__(self, candidates: Iterable[Candidate], countries: Callable[[str], frozenset[str]]) -> None:
        self._by_country: defaultdict[str, list[Candidate]] = defaultdict(list)
        self._countries = countries
        self._ranked: dict[str, list[Place]] = {}
        self._shelves: dict[tuple[str, datetime], Shelf] = {}
        for candidate in candidates:
            for about in candidate.countries:
                self._by_country[about.country].append(candidate)

    def shelf(self, region: str, start: datetime) -> Shelf:
        """A region's stories for a window that begins at `start`."""
        found = self._shelves.get((region, start))
        if found is None:
            if len(self._shelves) >= SHELVES_KEPT:
                self._shelves.clear()
            found = self._shelves[region, start] = self._filled(region, start)
        return found

    def _filled(self, region: str, start: datetime) -> Shelf:
        if region not in self._ranked:
            places = sorted(self._places(region), key=attrgetter("id"))
            self._ranked[region] = sorted(places, key=ORDER)
        places = self._ranked[region]
        new = {place.id: place for place in places if place.since >= start}
        late = frozenset(key for key, place in new.items() if place.story.first_seen_at < start)
        return Shelf(new, late, frozenset(place.id for place in places if place.since < start))

    def _places(self, region: str) -> Iterable[Place]:
        members = self._countries(region)
        stories = {story.id: story for code in members for story in self._by_country.get(code, ())}
        for story in stories.values():
            inside = [about for about in story.countries if about.country in members]
            fit = (max(about.weight for about in inside), -len(members))
            since = min(about.since for about in inside)
            yield Place(
                story.id, _order(story, sum(about.weight for about in inside)), fit, region, since, story
            )


def select(
    stand: Newsstand,
    regions: Sequence[str],
    *,
    start: datetime,
    most: int,
    without: frozenset[int] = NONE,
) -> Selection:
    """Each story that is new to the reader's regions once, under the region where it matters most.

    Of regions that fit equally, the narrower wins, then the earlier. `most` stories are in the mail.
    """
    shelves = [stand.shelf(region, start) for region in regions]
    late = NONE.union(*[shelf.late for shelf in shelves])
    # What is late under one region and old under another is no news to who has both.
    known = NONE.union(*[late & shelf.old for shelf in shelves]) if late else NONE
    gone = known | without
    ranked = sorted(_found(shelves).values(), key=ORDER)
    ranked = [place for place in ranked if place.id not in gone] if gone else ranked
    mail, rest = _divided(ranked[:LONGEST], most)
    return Selection(_sections(mail, regions), _sections(rest, regions), late - known)


def _found(shelves: Iterable[Shelf]) -> dict[int, Place]:
    """Each story's place under the region where it matters most."""
    found: dict[int, Place] = {}
    for shelf in shelves:
        both = found.keys() & shelf.new.keys()
        stays = {key: found[key] for key in both if found[key].fit >= shelf.new[key].fit}
        found |= shelf.new
        found |= stays
    return found


def _order(story: Candidate, inside: float) -> float:
    """Pinned ones first; then how central the region is to the story, how many report it, how much the leading
    source's word counts, and how fresh it is: a day counts as much as the second source does."""
    central = inside / (sum(about.weight for about in story.countries) or 1.0)
    days = story.first_seen_at.timestamp() / timedelta(days=1).total_seconds()
    return -(central + math.log2(story.sources + 1) + story.trust + days + story.pinned * PINNED)


def _divided(ranked: Sequence[Place], most: int) -> tuple[Sequence[Place], Sequence[Place]]:
    """The stories of the mail, and the others.

    What is pinned is in the mail; then the best of each region; then the best of all. No source leads more than its
    share, unless places would stay empty.
    """
    if len(ranked) <= most:
        return ranked, ()
    share, led = math.ceil(most * SHARE), dict[int, int]()
    backwards = ranked[::-1]  # of equal keys a dictionary keeps the last: the best of each region
    bests = dict(zip(map(REGION, backwards), backwards, strict=True))
    pinned = takewhile(PINS, ranked)
    chosen: dict[int, Place] = {}
    for place in chain(pinned, sorted(bests.values(), key=ORDER), ranked):
        source = place.story.source
        count = led.get(source, 0)
        if (count < share or place.story.pinned) and place.id not in chosen:
            led[source] = count + 1
            chosen[place.id] = place
            if len(chosen) == most:
                break
    for place in ranked:
        if len(chosen) == most:
            break
        chosen.setdefault(place.id, place)
    return sorted(chosen.values(), key=ORDER), [place for place in ranked if place.id not in chosen]


def _sections(places: Iterable[Place], regions: Sequence[str]) -> tuple[Section, ...]:
    stories: dict[str, list[Candidate]] = {region: [] for region in regions}
    for place in places:
        stories[place.region].append(place.story)
    return tuple([Section(region, tuple(found)) for region, found in stories.items() if found])
