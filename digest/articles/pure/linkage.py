"""Average linkage: the two groups that are the most similar on average are joined, as long as a bound is reached.

Method: UPGMA (Sokal and Michener 1958). Pairs that are not listed count as not similar at all.
"""

import heapq
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from digest.articles.pure.report_pairs import Numbers, Pairs, Values

# By two groups, the smaller first: the sum of the similarities of their pairs.
Sums = dict[tuple[int, int], float]


def link(labels: Sequence[int], pairs: Pairs, *, bound: float, fixed: Collection[int] = ()) -> list[int]:
    """The group of each item after joining, as the smallest label of its parts.

    `labels` has the group of each item before (0, 1, …, without gaps). Two groups of `fixed` are never joined, and
    neither are groups that have such a part.
    """
    count = max(labels, default=-1) + 1
    sizes = np.bincount(np.array(labels, dtype=np.int64), minlength=count).tolist()
    linkage = _Linkage(
        sizes, _sums_within_components(np.array(labels, dtype=np.int64), pairs, sizes, bound), bound
    )
    root = linkage.run(set(fixed))
    return [root[label] for label in labels]


def sums_between(labels: NDArray[np.int64], pairs: Pairs) -> tuple[Numbers, Numbers, Values]:
    """The pairs of groups that have similar items, with the sums of their similarities."""
    first, second = labels[pairs.first], labels[pairs.second]
    apart = first != second
    smaller = np.minimum(first[apart], second[apart])
    larger = np.maximum(first[apart], second[apart])
    count = int(labels.max(initial=0)) + 1
    codes, inverse = np.unique(smaller * count + larger, return_inverse=True)
    sums = np.bincount(inverse, pairs.similarity[apart], minlength=len(codes)).astype(np.float32)
    return codes // count, codes % count, sums


def _sums_within_components(
    labels: NDArray[np.int64], pairs: Pairs, sizes: Sequence[int], bound: float
) -> Sums:
    """The sums of the pairs of groups that can come together.

    An average of averages reaches the bound only if one of them does, so groups come together only within a connected
    component of the pairs that reach it.
    """
    first, second, sums = sums_between(labels, pairs)
    size = np.array(sizes, dtype=np.int64)
    near = sums >= bound * size[first] * size[second]
    component = _components(len(sizes), first[near].tolist(), second[near].tolist())
    inside = component[first] == component[second]
    keys = zip(first[inside].tolist(), second[inside].tolist(), strict=True)
    return dict(zip(keys, sums[inside].tolist(), strict=True))


def _components(count: int, first: Sequence[int], second: Sequence[int]) -> NDArray[np.int64]:
    parent = list(range(count))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in zip(first, second, strict=True):
        parent[find(a)] = find(b)
    return np.array([find(node) for node in range(count)], dtype=np.int64)


class _Linkage:
    """The groups that exist so far. A joined group gets a new number, so that queued pairs of its parts are dropped."""

    def __init__(self, sizes: Sequence[int], sums: Sums, bound: float) -> None:
        self._bound = bound
        self._sizes = dict(enumerate(sizes))
        self._parts = {number: [number] for number in self._sizes}
        self._sums: dict[int, dict[int, float]] = {number: {} for number in self._sizes}
        self._queue: list[tuple[float, int, int]] = []
        for (a, b), total in sums.items():
            self._relate(a, b, total)
        heapq.heapify(self._queue)

    def run(self, fixed: set[int]) -> dict[int, int]:
        """Join groups until no two reach the bound; the smallest part of the group of each part."""
        next_number = len(self._sizes)
        while self._queue:
            _, a, b = heapq.heappop(self._queue)
            if a in self._sizes and b in self._sizes and not (a in fixed and b in fixed):
                if a in fixed or b in fixed:
                    fixed.add(next_number)
                self._join(a, b, next_number)
                next_number += 1
        return {part: min(parts) for parts in self._parts.values() for part in parts}

    def _relate(self, a: int, b: int, total: float) -> None:
        self._sums[a][b] = self._sums[b][a] = total
        average = total / (self._sizes[a] * self._sizes[b])
        if average >= self._bound:
            self._queue.append((-average, a, b))

    def _join(self, a: int, b: int, new: int) -> None:
        of_a, of_b = self._sums.pop(a), self._sums.pop(b)
        self._sizes[new] = self._sizes.pop(a) + self._sizes.pop(b)
        self._parts[new] = self._parts.pop(a) + self._parts.pop(b)
        self._sums[new] = {}
        for other in sorted((of_a.keys() | of_b.keys()) - {a, b}):
            self._sums[other].pop(a, None)
            self._sums[other].pop(b, None)
            queued = len(self._queue)
            self._relate(new, other, of_a.get(other, 0.0) + of_b.get(other, 0.0))
            if len(self._queue) > queued:
                heapq.heappush(self._queue, self._queue.pop())
