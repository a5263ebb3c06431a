"""Scores stories: how much of a digest's attention each deserves at a moment, and why.

A story is worth as much as the independent sources that report it. A source counts for less the longer ago it reported,
if the story happened at its home, if what it has is no report of hard news, and if other sources seldom report what it
does. Points are added up, and each addend is kept with its reason, so that an editor sees why a story stands where it
stands. `docs/decisions/0048` and `0074` say what each rule is worth.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from digest.articles.pure.headline_weight import HeadlineWeight
from digest.articles.states import HARD_NEWS, NEVER_MAILED, SUBJECTS, ArticleKind

# What a report counts that was published before the window: readers may know it from elsewhere.
EARLIER_SHARE = 1 / 3
HALF_LIFE_SHARE = 3.0  # of the window: what was published so long ago counts half
MIN_HALF_LIFE = timedelta(hours=6)  # for windows of an hour or two
# What a source counts if the story happened in its own country: papers report everything there, and the world little.
HOME_SHARE = 0.4
# What an explainer, a film or a piece on sport counts beside a report, and what a report of prices and figures does.
NO_REPORT_SHARE = 0.3
PLAIN_SHARE = 0.75  # of a report whose headline has no word of hard news
# An outlet of which more than this share is on sport, culture, lifestyle or offers is one for a subject. What two of
# them report is news of their trade.
SPECIALIST_SHARE, SPECIALIST_WEIGHT = 2 / 3, 0.2
MIN_SPECIALIST_REPORTS = 5  # fewer do not say what an outlet is for
# For the first place in a source's own order; half for the second, a third for the third …
POSITION_POINTS = 0.5
MAX_POSITION = 10  # further down, a place says nothing
AFFAIR_POINTS = 0.15  # for each doubling of the sources that report other events of the same affair
# For each doubling of the reports that sources add to their first ones in the window: what they return to goes on.
FOLLOW_UP_POINTS = 0.25
MAX_FOLLOW_UPS = 15  # a source that repeats itself cannot lift a story further
SOFT_KINDS = SUBJECTS | NEVER_MAILED | {ArticleKind.SERVICE}
STANDING_PRIOR = 5  # reports of the average source that are added to those of each source, which may have few
MIN_STANDING, MAX_STANDING = 0.2, 3.0  # times the average
MAX_WEIGHT = 10.0  # of a source, as an editor sets it; a larger one would drown the others


class Reason(StrEnum):
    """What adds points to a story, or takes some."""

    SOURCES = "sources"  # how many independent sources report it
    AGE = "age"  # how long ago, and whether before the window; a story that grows loses less
    HOME = "home"  # how many of them report from the country where it happened
    SUBSTANCE = (
        "substance"  # how many have an explainer, market prices or light news, and no report of hard news
    )
    STANDING = "standing"  # how often others report what these sources do, and editors' weights of them
    POSITION = "position"  # its best place in a source's own order
    FOLLOW_UPS = "follow-ups"  # how many more reports of the window its sources have
    AFFAIR = "affair"  # how many sources report other events of the same affair
    CENTRALITY = "centrality"  # how much of the story is about the region
    DIVERSITY = "diversity"  # what its place changed by, because it or others are like the stories above
    PIN = "pin"  # an editor pinned it


class Contribution(NamedTuple):
    """The points that a reason gave; `number` is how many sources, or the place in a source's order."""

    reason: Reason
    points: float
    number: int = 0


@dataclass(frozen=True, slots=True)
class RankedReport:
    """A report of a story, as ranking sees it."""

    # Who reports: reports of one owner, and copies of one agency's report, have the same voice.
    voice: Hashable
    published_at: datetime  # when it was first seen, if the source does not say
    seen_at: datetime
    home: str = ""  # ISO code of the country of a national source; "" for an international one
    weight: float = 1.0  # an editor's, of the source
    position: int | None = None  # in the source's own order, 1 is the top; None if the order says nothing
    kind: ArticleKind = ArticleKind.NEWS
    headline: HeadlineWeight = HeadlineWeight.HARD

    @property
    def substance(self) -> float:
        """What it counts by its kind and its headline."""
        if self.kind != ArticleKind.NEWS or self.headline == HeadlineWeight.ROUTINE:
            return NO_REPORT_SHARE
        return PLAIN_SHARE if self.headline == HeadlineWeight.PLAIN else 1.0


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What the rank of a story depends on."""

    reports: Sequence[RankedReport]
    countries: frozenset[str] = frozenset()  # that the story is about
    affair_sources: int = 0  # voices that report other stories of its affair, and not this one


@dataclass(frozen=True, slots=True)
class StoryScore:
    """The points of a story, and where they come from."""

    points: float = 0.0
    why: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class RankingMoment:
    """The end of the window, its length, and how the sources stand then."""

    at: datetime
    window: timedelta
    standing: Mapping[Hashable, float] = field(default_factory=dict)  # by voice; 1.0 where it is not known
    specialists: frozenset[Hashable] = frozenset()  # voices of outlets for a subject

    @property
    def half_life(self) -> timedelta:
        """The age at which a report counts half."""
        return max(MIN_HALF_LIFE, self.window * HALF_LIFE_SHARE)


def source_standing(stories: Iterable[Iterable[Hashable]]) -> dict[Hashable, float]:
    """How often others report what a source reports, as a multiple of the average; `stories` are sets of voices.

    An outlet that lists everything stands lower than one whose reports others have too.
    """
    reported, shared = Counter[Hashable](), Counter[Hashable]()
    for voices in map(frozenset, stories):
        reported.update(voices)
        if len(voices) > 1:
            shared.update(voices)
    average = shared.total() / reported.total() if shared else 0.0
    if not average:
        return {}
    return {
        voice: _limit(
            (shared[voice] + STANDING_PRIOR * average) / (count + STANDING_PRIOR) / average,
            MIN_STANDING,
            MAX_STANDING,
        )
        for voice, count in reported.items()
    }


def specialists(reports: Iterable[tuple[Hashable, ArticleKind]]) -> frozenset[Hashable]:
    """The voices most of whose reports are on sport, culture or lifestyle, or offers, by the kinds of their reports."""
    counts, soft = Counter[Hashable](), Counter[Hashable]()
    for voice, kind in reports:
        counts[voice] += 1
        soft[voice] += kind in SOFT_KINDS
    return frozenset(
        voice
        for voice, count in counts.items()
        if count >= MIN_SPECIALIST_REPORTS and soft[voice] > SPECIALIST_SHARE * count
    )


def score_story(facts: StoryFacts, moment: RankingMoment) -> StoryScore:
    """The points of a story, the same for all regions and readers."""
    first = _first_reports(facts.reports)
    ages = [_share_left(report, moment) for report in first]
    homes = [HOME_SHARE if report.home in facts.countries else 1.0 for report in first]
    # Of sport, culture and the like, which readers chose, the outlets for it have the reports.
    is_news = _is_news([report.kind for report in first])
    weights = [_weight(report, moment, is_news=is_news) for report in first]
    aged_at_home = [age * home for age, home in zip(ages, homes, strict=True)]
    substance = [report.substance if is_news else 1.0 for report in first]
    of_substance = list(map(float.__mul__, aged_at_home, substance))
    by_sources = math.log2(1 + len(first))
    by_age = math.log2(1 + sum(ages))
    by_home = math.log2(1 + sum(aged_at_home))
    by_substance = math.log2(1 + sum(of_substance))
    by_standing = math.log2(1 + sum(map(float.__mul__, of_substance, weights)))
    position = min((r.position for r in facts.reports if r.position), default=MAX_POSITION + 1)
    why = (
        Contribution(Reason.SOURCES, by_sources, len(first)),
        Contribution(Reason.AGE, by_age - by_sources),
        Contribution(Reason.HOME, by_home - by_age, sum(home < 1 for home in homes)),
        Contribution(Reason.SUBSTANCE, by_substance - by_home, sum(share < 1 for share in substance)),
        Contribution(Reason.STANDING, by_standing - by_substance),
        Contribution(Reason.POSITION, *_position_points(position)),
        Contribution(Reason.FOLLOW_UPS, *_follow_up_points(facts.reports, moment)),
        Contribution(
            Reason.AFFAIR, AFFAIR_POINTS * math.log2(1 + facts.affair_sources), facts.affair_sources
        ),
    )
    return StoryScore(sum(c.points for c in why), tuple(c for c in why if c.points or c.number))


def _is_news(kinds: Sequence[ArticleKind]) -> bool:
    """Whether a story of such reports is one of hard news, in whatever order they come."""
    return 2 * sum(kind in SUBJECTS for kind in kinds) <= len(kinds) and not HARD_NEWS.isdisjoint(kinds)


def _weight(report: RankedReport, moment: RankingMoment, *, is_news: bool) -> float:
    """What a report counts by who reports."""
    of_trade = SPECIALIST_WEIGHT if is_news and report.voice in moment.specialists else 1.0
    return _limit(report.weight, 0.0, MAX_WEIGHT) * moment.standing.get(report.voice, 1.0) * of_trade


def _first_reports(reports: Iterable[RankedReport]) -> list[RankedReport]:
    """The first report of each voice: what it reports again is no news."""
    first: dict[Hashable, RankedReport] = {}
    for report in reports:
        earlier = first.get(report.voice)
        if earlier is None or report.seen_at < earlier.seen_at:
            first[report.voice] = report
    return list(first.values())


def _position_points(position: int) -> tuple[float, int]:
    return (POSITION_POINTS / position, position) if position <= MAX_POSITION else (0.0, 0)


def _follow_up_points(reports: Iterable[RankedReport], moment: RankingMoment) -> tuple[float, int]:
    """For the reports seen in the window, without one of each voice."""
    new = [report.voice for report in reports if report.seen_at > moment.at - moment.window]
    count = min(len(new) - len(set(new)), MAX_FOLLOW_UPS)
    return FOLLOW_UP_POINTS * math.log2(1 + count), count


def _share_left(report: RankedReport, moment: RankingMoment) -> float:
    """What a report still counts; one from the future counts as one of now."""
    age = max(0.0, (moment.at - report.published_at) / moment.half_life)
    newness = EARLIER_SHARE if report.published_at < moment.at - moment.window else 1.0
    return float(newness * 2.0**-age)


def _limit(value: float, least: float, most: float) -> float:
    return max(least, min(most, value))
