"""How similar the reports of a window are: TF-IDF over their words, and the cosine of each pair."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digest.articles.pure.reports import Report, WeightedWords

Numbers = NDArray[np.int64]
Values = NDArray[np.float32]
Days = NDArray[np.float64]

TITLE_SHARE = 0.1  # of the similarity: the cosine of the headlines alone; the rest is that of all words
# Rare words count more than by their logarithm alone. It makes the same bound fit full texts and short excerpts.
IDF_POWER = 1.3
# Different words that a report needs so that its pairs are looked for; a shorter one ("Live updates") fits any event.
MIN_WORDS = 4
LEAST_SIMILARITY = 0.05  # pairs below it count as not similar at all
DENSE_WORDS = 256  # the most frequent words are multiplied as a matrix, the others pair by pair
CELLS_PER_BLOCK = 3_000_000  # pairs that are in memory at a time: 12 MB for each of a few arrays


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of similar reports: their positions, and the cosine of each pair."""

    first: Numbers
    second: Numbers
    similarity: Values

    def scaled(self, factors: Days) -> "Pairs":
        """The pairs with their similarity multiplied, without those that are no longer similar."""
        similarity = (self.similarity * factors).astype(np.float32)
        return Pairs(self.first, self.second, similarity).where(similarity >= LEAST_SIMILARITY)

    def without_groups(self, labels: Sequence[int], groups: Collection[int]) -> "Pairs":
        """The pairs without the items of these groups. `labels` has the group of each item."""
        if not groups:
            return self
        outside = ~np.isin(np.array(labels), list(groups))
        return self.where(outside[self.first] & outside[self.second])

    def joined_with(self, others: Iterable[tuple[int, int]], similarity: float) -> "Pairs":
        """These pairs, and others that have this similarity whatever their words are."""
        wanted = set(others)
        if not wanted:
            return self
        listed = zip(self.first.tolist(), self.second.tolist(), strict=True)
        kept = self.where(np.array([pair not in wanted for pair in listed], dtype=bool))
        first, second = (np.array(column, dtype=np.int64) for column in zip(*sorted(wanted), strict=True))
        values = np.full(len(first), similarity, dtype=np.float32)
        return Pairs(
            np.concatenate([kept.first, first]),
            np.concatenate([kept.second, second]),
            np.concatenate([kept.similarity, values]),
        )

    def where(self, kept: NDArray[np.bool_]) -> "Pairs":
        """The pairs for which `kept` is true."""
        return Pairs(self.first[kept], self.second[kept], self.similarity[kept])


@dataclass(slots=True)
class WordIndex:
    """The words of the reports of a window. Cosines are computed only when `similar_pairs` asks for them."""

    _numbers: dict[str, int] = field(default_factory=dict)  # of stems
    _ids: list[Numbers] = field(default_factory=list)  # by position, the numbers of the stems
    _weights: list[Values] = field(default_factory=list)

    def add(self, words: WeightedWords) -> None:
        """Add the words of one more report."""
        numbers = self._numbers
        ids = [numbers.setdefault(stem, len(numbers)) for stem in words.stems]
        self._ids.append(np.array(ids, dtype=np.int64))
        self._weights.append(np.frombuffer(words.weights, dtype=np.float32))

    def remove_last(self) -> None:
        """Remove the words of the report that was added last."""
        self._ids.pop()
        self._weights.pop()

    def vectors(self, min_words: int = 1) -> "Vectors":
        """The reports as vectors of length 1; those of fewer words than `min_words` have length 0."""
        lengths = np.array([len(ids) for ids in self._ids], dtype=np.int64)
        words = np.concatenate([*self._ids, np.empty(0, np.int64)])
        rows = np.repeat(np.arange(len(self._ids)), lengths)
        counts = np.bincount(words, minlength=len(self._numbers))
        idf = np.maximum(np.log((len(self._ids) + 1) / (counts + 0.5)), 0) ** IDF_POWER
        weights = np.concatenate([*self._weights, np.empty(0, np.float32)]) * idf[words].astype(np.float32)
        norms = np.sqrt(np.bincount(rows, weights * weights, minlength=len(self._ids)))
        norms[(norms == 0) | (lengths < min_words)] = np.inf
        return Vectors(len(self._ids), rows, words, (weights / norms[rows]).astype(np.float32), counts)


@dataclass(frozen=True, slots=True)
class Vectors:
    """Sparse vectors: the entries of all rows, in the order of the rows."""

    size: int
    rows: Numbers
    words: Numbers
    weights: Values
    counts: Numbers  # by word, in how many rows it is

    def products(self, positions: Numbers) -> "Products":
        """What computes the dot products of these rows with all others."""
        wanted = np.zeros(len(self.counts), dtype=bool)
        asked = np.zeros(self.size, dtype=bool)
        asked[positions] = True
        wanted[self.words[asked[self.rows]]] = True
        frequent = np.argsort(-self.counts, kind="stable")[:DENSE_WORDS]
        dense = np.zeros((self.size, len(frequent)), dtype=np.float32)
        column = np.full(len(self.counts), -1, dtype=np.int64)
        column[frequent] = np.arange(len(frequent))
        in_dense = column[self.words] >= 0
        dense[self.rows[in_dense], column[self.words[in_dense]]] = self.weights[in_dense]
        sparse = wanted[self.words] & ~in_dense & (self.counts[self.words] > 1)
        order = np.argsort(self.words[sparse], kind="stable")
        words = self.words[sparse][order]
        counts = np.bincount(words, minlength=len(self.counts))
        return Products(
            dense,
            rows=self.rows[sparse],
            words=self.words[sparse],
            weights=self.weights[sparse],
            posting_rows=self.rows[sparse][order],
            posting_weights=self.weights[sparse][order],
            posting_starts=np.cumsum(counts) - counts,
            posting_counts=counts,
        )


@dataclass(frozen=True, slots=True)
class Products:
    """The entries of the rows by row and by word, for dot products of many rows at once."""

    dense: Values
    rows: Numbers
    words: Numbers
    weights: Values
    posting_rows: Numbers
    posting_weights: Values
    posting_starts: Numbers
    posting_counts: Numbers

    def of(self, positions: Numbers) -> Values:
        """The dot products of these rows (ascending positions) with all rows: a matrix."""
        size = len(self.dense)
        starts, ends = np.searchsorted(self.rows, positions), np.searchsorted(self.rows, positions, "right")
        entries = _ranges(starts, ends - starts)
        words = self.words[entries]
        counts = self.posting_counts[words]
        postings = _ranges(self.posting_starts[words], counts)
        row_of_entry = np.repeat(np.arange(len(positions)), ends - starts)
        cells = np.repeat(row_of_entry * size, counts) + self.posting_rows[postings]
        products = np.repeat(self.weights[entries], counts) * self.posting_weights[postings]
        sums = np.bincount(cells, products, minlength=len(positions) * size)
        return self.dense[positions] @ self.dense.T + sums.reshape(len(positions), size).astype(np.float32)


@dataclass(slots=True)
class ReportIndex:
    """The reports of a window, with their words. Each report has a position: its place in `reports`."""

    reports: list[Report] = field(default_factory=list)
    _texts: WordIndex = field(default_factory=WordIndex)
    _titles: WordIndex = field(default_factory=WordIndex)

    @classmethod
    def of(cls, reports: Iterable[Report]) -> "ReportIndex":
        """An index of these reports."""
        index = cls()
        for report in reports:
            index.add(report)
        return index

    def __len__(self) -> int:
        return len(self.reports)

    def add(self, report: Report) -> None:
        """Add one more report."""
        self.reports.append(report)
        self._texts.add(report.words)
        self._titles.add(report.title)

    def remove_last(self, count: int) -> None:
        """Remove the reports that were added last."""
        for _ in range(count):
            self.reports.pop()
            self._texts.remove_last()
            self._titles.remove_last()

    def similar_pairs(self, positions: Iterable[int] | None = None) -> Pairs:
        """The similar pairs of all reports, or those of the reports at `positions` with any other; each pair once."""
        rows = np.array(sorted(range(len(self)) if positions is None else set(positions)), dtype=np.int64)
        pairs = pairs_of(self._texts.vectors(MIN_WORDS), self._titles.vectors(), rows)
        joins = np.array([report.joins for report in self.reports], dtype=bool)
        return pairs.where(joins[pairs.first] & joins[pairs.second])


def pairs_of(texts: Vectors, titles: Vectors, rows: Numbers) -> Pairs:
    """The similar pairs of these rows (ascending) with any other row."""
    of_texts, of_titles = texts.products(rows), titles.products(rows)
    asked = np.zeros(texts.size, dtype=bool)
    asked[rows] = True
    block_size = max(1, CELLS_PER_BLOCK // max(texts.size, 1))
    found: list[tuple[Numbers, Numbers, Values]] = []
    for start in range(0, len(rows), block_size):
        block = rows[start : start + block_size]
        by_text = of_texts.of(block)
        similarity = (1 - TITLE_SHARE) * by_text + TITLE_SHARE * of_titles.of(block)
        # A pair of two asked rows is counted from the smaller one.
        others = np.arange(texts.size)
        once = ~asked[None, :] | (others[None, :] > block[:, None])
        first, second = np.nonzero((similarity >= LEAST_SIMILARITY) & (by_text > 0) & once)
        found.append((block[first], second, similarity[first, second]))
    if not found:
        return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
    first, second, values = (np.concatenate(column) for column in zip(*found, strict=True))
    return Pairs(np.minimum(first, second), np.maximum(first, second), values)


def _ranges(starts: Numbers, counts: Numbers) -> Numbers:
    """The numbers from each start on, as many as its count, one range after the other."""
    ends = np.cumsum(counts)
    offsets: Numbers = np.repeat(starts - (ends - counts), counts)
    return offsets + np.arange(len(offsets))
