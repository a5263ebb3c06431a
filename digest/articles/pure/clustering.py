"""Groups articles into stories: the most similar pair first, if all articles of the two groups are similar.

This is complete linkage (Defays 1977, doi:10.1093/comjnl/20.4.364): two stories about one event are better than one
wrong story. A chain of articles of which only neighbours are similar never becomes one story.
"""

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from digest.articles.pure.similarity import SimilarityIndex, Terms

SMALL_WINDOW, LARGE_WINDOW = 50, 800  # texts in the window
# The least similarity of any two articles of a story. With few texts it is less clear which words are common.
SMALL_WINDOW_THRESHOLD, LARGE_WINDOW_THRESHOLD = 0.26, 0.165
HEADLINE_THRESHOLD = 0.4  # instead, if one of the two texts is little more than a headline
# How far above `similarity_threshold` a pair of single articles must be when few articles are placed at once: a nearer
# article may still come, and articles that are joined stay together.
PAIR_THRESHOLD_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class ClusterItem:
    """An article to be placed, or one that is in a story already."""

    key: int
    source: str = ""  # "": not known, so it may be any source
    title_key: str = ""  # see `duplicate_keys.title_key`
    text_key: str = ""  # see `duplicate_keys.text_key`
    story: int | None = None  # the story that it is in already


PairScores = Mapping[tuple[int, int], float]  # the similarity of two items, by their keys, the smaller first


def similarity_threshold(text_count: int) -> float:
    """The least similarity of any two articles of a story, in a window of `text_count` texts."""
    share = math.log(max(SMALL_WINDOW, min(LARGE_WINDOW, text_count)) / SMALL_WINDOW) / math.log(
        LARGE_WINDOW / SMALL_WINDOW
    )
    return SMALL_WINDOW_THRESHOLD + share * (LARGE_WINDOW_THRESHOLD - SMALL_WINDOW_THRESHOLD)


def pair_threshold(new_count: int, text_count: int) -> float:
    """The least similarity of two single articles that become a story, when `new_count` of `text_count` are new."""
    return similarity_threshold(text_count) + PAIR_THRESHOLD_MARGIN * (
        1 - min(1.0, new_count / max(text_count, 1))
    )


def score_pairs(index: SimilarityIndex, new: Mapping[int, Terms]) -> PairScores:
    """The pairs of a new article and any other that may report one event, with their similarity."""
    with index.temporarily_adding(new):
        return index.similar_pairs(
            list(new), similarity_threshold(len(index)), headline_threshold=HEADLINE_THRESHOLD
        )


@dataclass(slots=True)
class _Group:
    items: list[ClusterItem]
    # By number, the groups that this one may join: the least similarity of any two of their items.
    neighbours: dict[int, float] = field(default_factory=dict)

    @property
    def story(self) -> int | None:
        return next((item.story for item in self.items if item.story is not None), None)

    @property
    def sources(self) -> set[str]:
        return {item.source for item in self.items if item.source}


def cluster(
    items: Sequence[ClusterItem], scores: PairScores, *, min_pair_score: float = 0.0
) -> list[list[ClusterItem]]:
    """Group the items by story.

    Existing stories are neither split nor joined. Two items of one source are never in one story, unless they are
    identical. Two single items need a score of `min_pair_score`, see `pair_threshold`.
    """
    groups = dict(enumerate(_group_identical(items)))
    # A joined group gets a new number, so that the queued pairs of its two parts are recognised as out of date.
    new_numbers = itertools.count(len(groups))
    _find_neighbours(groups, scores, min_pair_score)
    queue = [(-score, a, b) for a, group in groups.items() for b, score in group.neighbours.items() if a < b]
    heapq.heapify(queue)
    while queue:
        _, a, b = heapq.heappop(queue)
        if a in groups and b in groups:
            new = next(new_numbers)
            for neighbour, score in _join(groups, a, b, new).items():
                heapq.heappush(queue, (-score, neighbour, new))
    return [group.items for group in groups.values()]


def _join(groups: dict[int, _Group], a: int, b: int, new: int) -> Mapping[int, float]:
    first, second = groups.pop(a), groups.pop(b)
    joined = _Group([*first.items, *second.items])
    for number in (first.neighbours.keys() | second.neighbours.keys()) - {a, b}:
        other = groups[number]
        other.neighbours.pop(a, None)
        other.neighbours.pop(b, None)
        if number in first.neighbours and number in second.neighbours and _may_join(joined, other):
            score = min(first.neighbours[number], second.neighbours[number])
            joined.neighbours[number] = other.neighbours[new] = score
    groups[new] = joined
    return joined.neighbours


def _boilerplate(items: Iterable[ClusterItem]) -> set[str]:
    """The keys of texts that one source has under several headlines, such as a notice in place of each article."""
    headlines: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for item in items:
        headlines[item.text_key, item.source].add(item.title_key)
    return {text for (text, source), titles in headlines.items() if source and len(titles) > 1}


def _group_identical(items: Sequence[ClusterItem]) -> list[_Group]:
    """Groups of articles with the same text, or with the same headline in different sources."""
    ignored_texts = _boilerplate(items) | {""}
    groups: list[_Group] = []
    by_story: dict[int, _Group] = {}
    by_text: dict[str, _Group] = {}
    by_title: dict[str, _Group] = {}
    for item in sorted(items, key=lambda item: (item.story is None, item.key)):  # existing stories first
        group = by_story.get(item.story) if item.story is not None else None
        if item.story is None:
            group = None if item.text_key in ignored_texts else by_text.get(item.text_key)
            same_title = by_title.get(item.title_key)
            if group is None and same_title and item.source not in same_title.sources:
                group = same_title
        if group is None:
            group = _Group([])
            groups.append(group)
        group.items.append(item)
        if item.story is not None:
            by_story[item.story] = group
        for by_key, key in ((by_text, item.text_key), (by_title, item.title_key)):
            if key:
                by_key.setdefault(key, group)
    return groups


def _find_neighbours(groups: dict[int, _Group], scores: PairScores, min_pair_score: float) -> None:
    """Record for each pair of groups the least similarity of any two of their articles, if all reach the threshold."""
    group_of = {item.key: number for number, group in groups.items() for item in group.items}
    scores_between: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for (first, second), score in scores.items():
        a, b = sorted((group_of.get(first, -1), group_of.get(second, -1)))
        if a != b and a >= 0:
            scores_between[a, b].append(score)
    for (a, b), between in scores_between.items():
        pair_count = len(groups[a].items) * len(groups[b].items)
        reaches_minimum = min(between) >= min_pair_score or pair_count > 1
        if len(between) >= pair_count and reaches_minimum and _may_join(groups[a], groups[b]):
            groups[a].neighbours[b] = groups[b].neighbours[a] = min(between)


def _may_join(first: _Group, second: _Group) -> bool:
    if first.story is not None and second.story is not None:
        return False
    return not first.sources & second.sources
