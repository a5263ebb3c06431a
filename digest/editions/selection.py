"""Which stories a digest holds, under which of the reader's regions, in which order, and which of them the mail has."""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from operator import attrgetter

from digest.subscribers.wishes import SIZES

IN_MAIL = dict(
    zip(SIZES, (5, 15, 40), strict=True)
)  # stories of a mail at most; the rest is on the web edition
LONGEST = 200  # stories of one digest, its web edition included; what lies above nobody reads
SHARE = 0.4  # of a mail's stories, at most, are led by one source as long as others have any
PINNED = 1_000_000.0  # more than all else can count
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


ORDER = attrgetter("order")


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
        self._shelves: dict[str, tuple[list[datetime], list[Place]]] = {}
        for candidate in candidates:
            for about in candidate.countries:
                self._by_country[about.country].append(candidate)

    def since(self, region: str, start: datetime) -> Sequence[Place]:
        """Stories that have been about a region since `start` or later."""
        if region not in self._shelves:
            places = sorted(self._places(region), key=lambda place: (place.since, place.id))
            self._shelves[region] = ([place.since for place in places], places)
        moments, places = self._shelves[region]
        first = bisect_left(moments, start)
        return places[first:] if first else places

    def was_news(self, story: Candidate, regions: Sequence[str], start: datetime) -> bool:
        """Whether a story was about any of the regions before `start`."""
        earlier = {about.country for about in story.countries if about.since < start}
        return bool(earlier) and any(earlier & self._countries(region) for region in regions)

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
    without: frozenset[int] = frozenset(),
) -> Selection:
    """Each story that is new to the reader's regions once, under the region where it matters most.

    Of regions that fit equally, the narrower wins, then the earlier. `most` stories are in the mail.
    """
    ranked: list[Place] = []
    late: set[int] = set()
    for place in sorted(_found(stand, regions, start).values(), key=ORDER):
        if place.story.first_seen_at < start:
            if stand.was_news(place.story, regions, start):
                continue
            late.add(place.id)
        if place.id not in without:
            ranked.append(place)
            if len(ranked) == LONGEST:
                break
    mail, rest = _divided(ranked, most)
    return Selection(_sections(mail, regions), _sections(rest, regions), frozenset(late))


def _found(stand: Newsstand, regions: Sequence[str], start: datetime) -> dict[int, Place]:
    """Each story's place under the region where it matters most."""
    found: dict[int, Place] = {}
    for region in regions:
        for place in stand.since(region, start):
            known = found.get(place.id)
            if known is None or known.fit < place.fit:
                found[place.id] = place
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
    share, led = math.ceil(most * SHARE), Counter[int]()
    told: set[str] = set()
    firsts: list[Place] = []
    others: list[Place] = []
    for place in ranked:
        leading = place.story.pinned > 0 or place.region not in told
        told.add(place.region)
        (firsts if leading else others).append(place)
    chosen: dict[int, Place] = {}
    for place in chain(firsts, others):
        if len(chosen) == most:
            break
        if place.story.pinned or led[place.story.source] < share:
            led[place.story.source] += 1
            chosen[place.id] = place
    for place in ranked:
        if len(chosen) == most:
            break
        chosen.setdefault(place.id, place)
    return sorted(chosen.values(), key=ORDER), [place for place in ranked if place.id not in chosen]


def _sections(places: Iterable[Place], regions: Sequence[str]) -> tuple[Section, ...]:
    stories: dict[str, list[Candidate]] = {region: [] for region in regions}
    for place in places:
        stories[place.region].append(place.story)
    return tuple(Section(region, tuple(found)) for region, found in stories.items() if found)
