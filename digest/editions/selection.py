"""Which stories a digest holds, under which of the reader's regions, in which order."""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

FRESHNESS = timedelta(hours=24)  # a story this much younger counts as much as one source more
LONGEST = 200  # stories of one digest, its web edition included; what lies above nobody reads


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that may go out: its countries with weights (the best has 1.0) and the number of its sources."""

    id: int
    version: int
    first_seen_at: datetime
    countries: tuple[tuple[str, float], ...]
    sources: int


@dataclass(frozen=True, slots=True)
class Section:
    """A region of the reader's, and the stories shown under it, best first."""

    region: str
    stories: tuple[Candidate, ...]


class Newsstand:
    """The stories of a window, by country, so that a digest's cost doesn't grow with those of other countries."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._by_country: defaultdict[str, list[Candidate]] = defaultdict(list)
        for candidate in sorted(candidates, key=lambda c: (c.first_seen_at, c.id)):
            for country, _ in candidate.countries:
                self._by_country[country].append(candidate)

    def since(self, country: str, start: datetime) -> Sequence[Candidate]:
        """Stories about a country first seen at or after a moment."""
        stories = self._by_country.get(country, [])
        return stories[bisect_left(stories, start, key=lambda c: c.first_seen_at) :]


def select(
    stand: Newsstand, regions: Sequence[str], countries: Callable[[str], frozenset[str]], *, start: datetime
) -> tuple[Section, ...]:
    """Each new story of the reader's regions once, under the region where it matters most; empty sections are out.

    `countries` gives a region's countries. Of regions that fit equally, the narrower wins, then the earlier.
    """
    places: dict[int, _Place] = {}
    for order, region in enumerate(regions):
        members = countries(region)
        for country in members:
            for story in stand.since(country, start):
                inside = [weight for code, weight in story.countries if code in members]
                place = _Place((max(inside), -len(members), -order), region, story, sum(inside))
                if story.id not in places or places[story.id].fit < place.fit:
                    places[story.id] = place
    best = sorted(places.values(), key=lambda place: (-_rank(place, start), place.story.id))[:LONGEST]
    chosen: dict[str, list[Candidate]] = {region: [] for region in regions}
    for place in best:
        chosen[place.region].append(place.story)
    return tuple(Section(region, tuple(stories)) for region, stories in chosen.items() if stories)


@dataclass(frozen=True, slots=True)
class _Place:
    """A story under one of the reader's regions: how well it fits there, and how much of its weight lies inside."""

    fit: tuple[float, int, int]
    region: str
    story: Candidate
    inside: float


def _rank(place: _Place, start: datetime) -> float:
    """How central the region is to the story, how many report it, how fresh it is."""
    story = place.story
    central = place.inside / sum(weight for _, weight in story.countries)
    return central + math.log2(story.sources + 1) + (story.first_seen_at - start) / FRESHNESS
