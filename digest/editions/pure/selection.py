"""Selects the stories of a digest: under which region each is shown, in which order, and which are in the mail."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain, takewhile
from operator import attrgetter
from typing import NamedTuple

from digest.articles.states import HARD_NEWS, NEVER_MAILED, ArticleKind, Kinds
from digest.editions.pure.diversity import CONSIDERED_STORIES, DiverseStory, diversify
from digest.editions.pure.ranking import Contribution, Reason, StoryScore
from digest.subscribers.states import DigestSize

# Stories in a mail, at most; the web edition has the others.
MAX_STORIES_BY_SIZE: Mapping[DigestSize, int] = {
    DigestSize.BRIEF: 5,
    DigestSize.STANDARD: 15,
    DigestSize.FULL: 40,
}
MAX_DIGEST_STORIES = 200  # stories of a digest, web edition included; nobody reads more
# Share of a mail's stories that one owner's sources may lead while others have stories.
MAX_SOURCE_SHARE = 0.4
PIN_BONUS = 1_000_000.0  # more than all other terms of a story's rank together
ROUNDING = 1e-6  # smaller differences come from adding up
MAX_CACHED_REGIONS = 2_000  # entries by region and start of the window; about 10 KB each
MAX_NEWS_AGE = timedelta(days=7)  # an older story that gets tagged with a country is no news there
CENTRALITY_POINTS = 0.5  # for a story that is about the region alone


class CountryRelevance(NamedTuple):
    """How much a story is about a country (its main country has 1.0), and since when that is known."""

    country: str  # an ISO code; or the slug of a group that the story is about as a whole ("eu")
    weight: float
    since: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story that digests may show."""

    id: int
    version: int
    first_seen_at: datetime
    countries: tuple[CountryRelevance, ...]
    owner: Hashable = ""  # who owns the source of its leading article
    source_count: int = 1
    score: StoryScore = field(default_factory=StoryScore)
    pinned: int = 0  # rank among the pinned stories, highest first; 0: not pinned
    affair: Hashable = ""  # the same for the stories of one affair; "" if it is not known
    words: frozenset[str] = frozenset()  # of its headlines, see `headline_words.story_words`
    kind: ArticleKind = ArticleKind.NEWS

    def is_shown(self, kinds: Kinds) -> bool:
        """Whether a digest of these kinds may show it. A pin outweighs the kinds, but not what is never mailed."""
        return self.kind in kinds or (self.pinned > 0 and self.kind not in NEVER_MAILED)


@dataclass(frozen=True, slots=True)
class RankedStory:
    """A story under a region."""

    id: int
    sort_key: float  # smaller comes first
    fit: tuple[float, int]  # the larger wins: more weight there, then fewer countries
    region: str
    since: datetime  # since when it has been news there
    candidate: Candidate
    points: float  # before the stories above it take from it

    def why(self) -> tuple[Contribution, ...]:
        """The points that place it here, with their reasons; they add up to `-sort_key`."""
        score, pin = self.candidate.score, self.candidate.pinned * PIN_BONUS
        here = (
            Contribution(Reason.CENTRALITY, self.points - score.points - pin),
            Contribution(Reason.DIVERSITY, -self.sort_key - self.points),
            Contribution(Reason.PIN, pin),
        )
        return (*score.why, *(c for c in here if abs(c.points) > ROUNDING))


@dataclass(frozen=True, slots=True)
class RegionStories:
    """A region's stories for a window, by when they became news there."""

    new: dict[int, RankedStory]  # since the window's start; by id, best first
    late_arrivals: frozenset[int]  # those of `new` that were first seen before the window
    old: frozenset[int]  # before the window's start


SORT_KEY, REGION = attrgetter("sort_key"), attrgetter("region")
IS_PINNED = attrgetter("candidate.pinned")
WEIGHT = attrgetter("weight")
NO_STORIES: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class SelectedSection:
    """One of the subscriber's regions, and the stories shown under it, best first."""

    region: str
    stories: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """The sections of the mail, and those that only the web edition has. Both are in the order of the regions.

    `late_arrivals` are stories that were first seen before the window, but became news for these regions within it. A
    subscriber who had other regions before may have received them already.
    """

    mail: tuple[SelectedSection, ...]
    web_only: tuple[SelectedSection, ...]
    late_arrivals: frozenset[int]


class StoryIndex:
    """The stories of a period by region, ranked once for all subscribers.

    The cost of a digest depends on the stories of its own regions only. `countries` returns the countries of a region,
    with the slugs of the groups whose news it gets. With `publishers_order`, nothing but the points of the stories
    decides: they are then a publisher's own order.
    """

    def __init__(
        self,
        candidates: Iterable[Candidate],
        countries: Callable[[str], frozenset[str]],
        *,
        publishers_order: bool = False,
    ) -> None:
        self.publishers_order = publishers_order
        self._by_country: defaultdict[str, list[Candidate]] = defaultdict(list)
        self._countries = countries
        self._ranked: dict[str, list[RankedStory]] = {}
        self._by_window: dict[tuple[str, datetime, Kinds], RegionStories] = {}
        for candidate in candidates:
            for relevance in candidate.countries:
                self._by_country[relevance.country].append(candidate)

    def stories_for(self, region: str, start: datetime, kinds: Kinds = HARD_NEWS) -> RegionStories:
        """A region's stories of these kinds for a window that begins at `start`."""
        stories = self._by_window.get((region, start, kinds))
        if stories is None:
            if len(self._by_window) >= MAX_CACHED_REGIONS:
                self._by_window.clear()
            stories = self._by_window[region, start, kinds] = self._split_at(region, start, kinds)
        return stories

    def _split_at(self, region: str, start: datetime, kinds: Kinds) -> RegionStories:
        if region not in self._ranked:
            by_id = sorted(self._rank(region), key=attrgetter("id"))
            self._ranked[region] = sorted(by_id, key=SORT_KEY)  # stable: equal ranks stay ordered by id
        ranked = [story for story in self._ranked[region] if story.candidate.is_shown(kinds)]
        new = self._arrange([story for story in ranked if story.since >= start])
        late_arrivals = frozenset(
            story_id for story_id, story in new.items() if story.candidate.first_seen_at < start
        )
        old = frozenset(story.id for story in ranked if story.since < start)
        return RegionStories(new, late_arrivals, old)

    def _rank(self, region: str) -> Iterable[RankedStory]:
        countries = self._countries(region)
        candidates = {c.id: c for country in countries for c in self._by_country.get(country, ())}
        for candidate in candidates.values():
            inside = [relevance for relevance in candidate.countries if relevance.country in countries]
            fit = (max(relevance.weight for relevance in inside), -len(countries))
            since = min(relevance.since for relevance in inside)
            points = self._points(candidate, sum(relevance.weight for relevance in inside))
            yield RankedStory(candidate.id, -points, fit, region, since, candidate, points)

    def _points(self, candidate: Candidate, weight_inside: float) -> float:
        """Its points under a region: those it has everywhere, how central the region is to it, and its pin."""
        whole = sum(relevance.weight for relevance in candidate.countries) or 1.0
        centrality = 0.0 if self.publishers_order else CENTRALITY_POINTS * weight_inside / whole
        return candidate.score.points + centrality + candidate.pinned * PIN_BONUS

    def _arrange(self, ranked: Sequence[RankedStory]) -> dict[int, RankedStory]:
        """The stories by id in the order in which the region shows them."""
        by_id = {story.id: story for story in ranked}
        if self.publishers_order:
            return by_id
        # Pins win: pinned stories keep their places.
        first = next((n for n, story in enumerate(ranked) if not story.candidate.pinned), len(ranked))
        considered = ranked[first : first + CONSIDERED_STORIES]
        new_order = diversify([_as_diverse(story) for story in considered])
        arranged = {story.id: story for story in ranked[:first]}
        for story_id, points in new_order.items():
            story = by_id[story_id]
            arranged[story_id] = story if points == story.points else replace(story, sort_key=-points)
        return arranged | {story.id: story for story in ranked[first + CONSIDERED_STORIES :]}


def select_stories(
    index: StoryIndex,
    regions: Sequence[str],
    *,
    start: datetime,
    max_in_mail: int,
    kinds: Kinds = HARD_NEWS,
    without: frozenset[int] = NO_STORIES,
) -> Selection:
    """The stories that are new to the subscriber's regions, each once, under the region where it matters most.

    Of regions with the same weight, the one with fewer countries wins, then the first. `max_in_mail` limits the mail.
    Stories of other kinds than `kinds` are left out, unless an editor pinned them.
    """
    by_region = [index.stories_for(region, start, kinds) for region in regions]
    late = NO_STORIES.union(*[stories.late_arrivals for stories in by_region])
    # A late arrival to one region that is old in another is no news to a subscriber of both.
    known = NO_STORIES.union(*[late & stories.old for stories in by_region]) if late else NO_STORIES
    excluded = known | without
    ranked = sorted(_assign_regions(by_region).values(), key=SORT_KEY)
    ranked = [story for story in ranked if story.id not in excluded] if excluded else ranked
    share = 1.0 if index.publishers_order else MAX_SOURCE_SHARE
    mail, web_only = _divide(ranked[:MAX_DIGEST_STORIES], max_in_mail, share)
    return Selection(_group_by_region(mail, regions), _group_by_region(web_only, regions), late - known)


def _assign_regions(by_region: Iterable[RegionStories]) -> dict[int, RankedStory]:
    """Each story under the region where it matters most, by id."""
    assigned: dict[int, RankedStory] = {}
    for stories in by_region:
        in_both = assigned.keys() & stories.new.keys()
        unbeaten = {key: assigned[key] for key in in_both if assigned[key].fit >= stories.new[key].fit}
        assigned |= stories.new
        assigned |= unbeaten
    return assigned


def _as_diverse(story: RankedStory) -> DiverseStory:
    candidate = story.candidate
    country = max(candidate.countries, key=WEIGHT).country if candidate.countries else ""
    return DiverseStory(story.id, story.points, candidate.owner, country, candidate.affair, candidate.words)


def _divide(
    ranked: Sequence[RankedStory], max_in_mail: int, max_share: float
) -> tuple[Sequence[RankedStory], Sequence[RankedStory]]:
    """The stories of the mail, and the others.

    Pinned stories go into the mail first, then the best story of each region, then the best of all. Pinned stories
    apart, no owner of sources leads more than `max_share`, unless the mail would otherwise have fewer stories.
    """
    if len(ranked) <= max_in_mail:
        return ranked, ()
    max_per_owner = math.ceil(max_in_mail * max_share)
    count_by_owner: dict[Hashable, int] = {}
    backwards = ranked[::-1]  # a dictionary keeps the last value of a key: here a region's best story
    best_by_region = dict(zip(map(REGION, backwards), backwards, strict=True))
    pinned = takewhile(IS_PINNED, ranked)
    chosen: dict[int, RankedStory] = {}
    for story in chain(pinned, sorted(best_by_region.values(), key=SORT_KEY), ranked):
        owner = story.candidate.owner
        count = count_by_owner.get(owner, 0)
        if (count < max_per_owner or story.candidate.pinned) and story.id not in chosen:
            count_by_owner[owner] = count + 1
            chosen[story.id] = story
            if len(chosen) == max_in_mail:
                break
    for story in ranked:
        if len(chosen) == max_in_mail:
            break
        chosen.setdefault(story.id, story)
    return sorted(chosen.values(), key=SORT_KEY), [story for story in ranked if story.id not in chosen]


def _group_by_region(ranked: Iterable[RankedStory], regions: Sequence[str]) -> tuple[SelectedSection, ...]:
    by_region: dict[str, list[Candidate]] = {region: [] for region in regions}
    for story in ranked:
        by_region[story.region].append(story.candidate)
    return tuple(
        [SelectedSection(region, tuple(stories)) for region, stories in by_region.items() if stories]
    )
