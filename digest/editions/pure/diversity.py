"""Puts ranked stories into an order that shows more of the day: not one affair, country or source again and again.

This is maximal marginal relevance (Carbonell and Goldstein 1998, doi:10.1145/290941.291025): the next story is the one
with the most points after what the stories above it take from it.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from digest.articles.pure.headline_words import common_share

DIVERSIFIED_STORIES = 40  # places that are filled one by one; the mail of the largest size has as many
CONSIDERED_STORIES = 80  # the best by points, which are compared for those places
LIKENESS_PENALTY = 2.0  # points for a headline with the same words as one above
IGNORED_LIKENESS = 0.2  # headlines of different events share some words
AFFAIR_PENALTY = 0.25  # for each story of the same affair above
# For each of the last stories with the same main country, and with the same source.
COUNTRY_PENALTY, SOURCE_PENALTY = 0.06, 0.03
RUN_LENGTH = 3  # the last stories: what stands higher up makes no monotonous page


@dataclass(frozen=True, slots=True)
class DiverseStory:
    """A story as diversity sees it. Empty fields are like no others."""

    id: int
    points: float
    source: Hashable = ""  # of its lead
    country: str = ""  # the main one
    affair: Hashable = ""
    words: frozenset[str] = frozenset()  # of its headlines


def diversify(stories: Sequence[DiverseStory]) -> dict[int, float]:
    """The stories in their new order, by id, with the points of the places that they take.

    `stories` are at most `CONSIDERED_STORIES`, in the order of their points. The story that takes the n-th place gets
    the n-th most points, so that stories which are not considered stay below.
    """
    pool = list(stories)
    likeness = dict.fromkeys((story.id for story in pool), 0.0)
    affairs: dict[Hashable, int] = {}
    placed: list[DiverseStory] = []
    while pool and len(placed) < DIVERSIFIED_STORIES:
        best, value = pool[0], float("-inf")
        for story in pool:
            if story.points <= value:
                break  # those below have fewer points, and penalties only take some
            taken = LIKENESS_PENALTY * likeness[story.id] + AFFAIR_PENALTY * affairs.get(story.affair, 0)
            left = story.points - taken - _run_penalty(story, placed[-RUN_LENGTH:])
            if left > value:  # of equal ones the first
                best, value = story, left
        pool.remove(best)
        placed.append(best)
        if best.affair:
            affairs[best.affair] = affairs.get(best.affair, 0) + 1
        for story in pool if best.words else ():
            likeness[story.id] = max(likeness[story.id], _likeness(best.words, story.words))
    new_order = [story.id for story in (*placed, *pool)]
    return dict(zip(new_order, (story.points for story in stories), strict=True))


def _run_penalty(story: DiverseStory, recent: Sequence[DiverseStory]) -> float:
    same_country = sum(story.country != "" and story.country == other.country for other in recent)
    same_source = sum(story.source != "" and story.source == other.source for other in recent)
    return COUNTRY_PENALTY * same_country + SOURCE_PENALTY * same_source


def _likeness(first: frozenset[str], second: frozenset[str]) -> float:
    """The share of common words beyond what different events have in common, from 0 to 1."""
    return max(0.0, common_share(first, second) - IGNORED_LIKENESS) / (1 - IGNORED_LIKENESS)
