"""Which countries a story is about: those of most of its reports."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import fsum
from operator import attrgetter
from typing import NamedTuple

SINCE = attrgetter("since")
# Of the reports that have tags; a country that one of four reports names says little about the story.
MAJORITY = 0.5
MIN_RELATIVE_WEIGHT = 0.4  # of the strongest country's; one that is mentioned in passing is not its place


class ReportTag(NamedTuple):
    """One report is about a country, this strongly, and that is known since a moment."""

    report: int
    country: str
    weight: float
    since: datetime


class StoryCountry(NamedTuple):
    """A country that a story is about: its mean weight in the reports, and since when most of them have it."""

    country: str
    weight: float
    since: datetime


def story_countries(tags: Iterable[ReportTag]) -> list[StoryCountry]:
    """The countries of a story by the tags of its reports, the strongest first.

    A country counts if half of the reports with tags have it, and not just in passing. If none has so many, the ones
    with the most weight count.
    """
    ordered = sorted(tags, key=SINCE)
    since: dict[str, datetime] = {}
    known: dict[tuple[int, str], float] = {}
    chosen: dict[str, float] = {}
    for position, tag in enumerate(ordered):
        known[tag.report, tag.country] = tag.weight
        # Tags of one moment count together: before the last of them the majority is not known.
        if position + 1 == len(ordered) or ordered[position + 1].since > tag.since:
            chosen = chosen_countries(known)
            since = {country: since.get(country, tag.since) for country in chosen}
    return [StoryCountry(country, weight, since[country]) for country, weight in chosen.items()]


def chosen_countries(weights: Mapping[tuple[int, str], float]) -> dict[str, float]:
    """The countries of a story with their weights, the strongest first. `weights` is by report and country."""
    report_count = len({report for report, _ in weights})
    if report_count == 1:  # as most stories have: nothing is to be counted
        return _without_passing({country: weight for (_, country), weight in weights.items()})
    by_country: defaultdict[str, list[float]] = defaultdict(list)
    for (_, country), weight in weights.items():
        by_country[country].append(weight)
    means = {country: fsum(values) / report_count for country, values in by_country.items()}
    most = max(means.values(), default=0.0)
    enough = {
        country
        for country, values in by_country.items()
        if len(values) >= MAJORITY * report_count and means[country] >= MIN_RELATIVE_WEIGHT * most
    }
    chosen = enough or {country for country, mean in means.items() if mean >= most}
    return {country: means[country] for country in _strongest_first(means) if country in chosen}


def _without_passing(weights: Mapping[str, float]) -> dict[str, float]:
    """The countries of one report, the strongest first, without those that it names in passing."""
    ordered = _strongest_first(weights)
    least = MIN_RELATIVE_WEIGHT * weights[ordered[0]]
    return {country: weights[country] for country in ordered if weights[country] >= least}


def _strongest_first(weights: Mapping[str, float]) -> Sequence[str]:
    return sorted(weights, key=lambda country: (-weights[country], country))
