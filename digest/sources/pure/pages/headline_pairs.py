"""Pairs the dates of a page's lists with their headlines, by their places in the element tree.

A date belongs to the headline with which it shares its deepest ancestor, because an item of a list contains both.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from lxml import etree

from digest.sources.pure.pages.list_candidates import READ_MORE_SCORE, DateCandidate, HeadlineCandidate
from digest.sources.pure.pages.text_runs import TextRun, self_and_ancestors

MAX_PAIR_DISTANCE = 1_500  # characters between a headline and its date; there may be a teaser
# A run with more than this score is in a heading, or has the class of a headline.
NAMED_HEADLINE_SCORE = 350
FORMATTING_TAGS = ("b", "strong", "em", "i")


@dataclass(frozen=True, slots=True, eq=False)
class HeadlineDatePair:
    """A headline and the date that may be its own. `box` is the deepest element around both, `depth` its depth."""

    headline: HeadlineCandidate
    date: DateCandidate
    box: etree._Element
    depth: int
    is_date_after: bool  # the date comes after the headline

    @property
    def first_run_index(self) -> int:
        """The index of the first of the two runs."""
        return min(self.headline.run_index, self.date.run_index)


def find_pairs(
    headlines: Sequence[HeadlineCandidate], dates: Sequence[DateCandidate], runs: Sequence[TextRun]
) -> list[HeadlineDatePair]:
    """Each date with the headlines that may be its own: that of its link, or at most one before and one after it."""
    offsets = [0]  # characters before each run
    for run in runs:
        offsets.append(offsets[-1] + len(run.text))
    headlines_by_link: defaultdict[int, list[HeadlineCandidate]] = defaultdict(list)
    for headline in headlines:
        headlines_by_link[id(headline.element)].append(headline)
    headline_indexes = [headline.run_index for headline in headlines]
    pairs: list[HeadlineDatePair] = []
    for position, date in enumerate(dates):
        link = date.headline.element if date.headline else runs[date.run_index].link
        if link is not None and (in_link := headlines_by_link.get(id(link))):
            pairs.append(_pair_in_link(link, in_link, date))
            continue
        previous = dates[position - 1].run_index if position else -1
        following = dates[position + 1].run_index if position + 1 < len(dates) else len(runs)
        between = headlines[
            bisect_right(headline_indexes, previous) : bisect_left(headline_indexes, following)
        ]
        offset = offsets[date.run_index]
        near = [
            headline for headline in between if abs(offsets[headline.run_index] - offset) <= MAX_PAIR_DISTANCE
        ]
        pairs += _pairs_on_each_side(date, near)
    return pairs


def choose_pairs(pairs: Sequence[HeadlineDatePair]) -> list[HeadlineDatePair]:
    """The best pairs, so that each headline and each date is in one at most.

    Best are the deepest; then pairs with a day rather than a time of day alone, with a headline rather than a label,
    and with the date on the side on which most pairs in the same element have it.
    """
    balance: defaultdict[int, int] = defaultdict(int)  # pairs with the date after, less those before, by box
    is_first_after: dict[int, bool] = {}
    for pair in sorted(pairs, key=lambda pair: pair.first_run_index):
        balance[id(pair.box)] += 1 if pair.is_date_after else -1
        is_first_after.setdefault(id(pair.box), pair.is_date_after)

    def rank(pair: HeadlineDatePair) -> tuple[int, bool, bool, bool, int]:
        surplus = balance[id(pair.box)]
        usual_side = surplus > 0 if surplus else is_first_after[id(pair.box)]
        is_label = pair.headline.score < 0
        is_time_only = pair.date.mention is None
        return (
            -pair.depth, is_time_only, is_label, pair.is_date_after is not usual_side, pair.first_run_index
        )  # fmt: skip

    used: set[int] = set()
    chosen = []
    for pair in sorted(pairs, key=rank):
        run_indexes = {pair.headline.run_index, pair.date.run_index}
        if not run_indexes & used:
            used |= run_indexes
            chosen.append(pair)
    return chosen


def path_below(box: etree._Element, element: etree._Element) -> tuple[str, ...]:
    """The tags from `element` up to `box`, which is not included, without mere formatting."""
    elements = takewhile(lambda ancestor: ancestor is not box, self_and_ancestors(element))
    return tuple(tag for tag in (str(ancestor.tag) for ancestor in elements) if tag not in FORMATTING_TAGS)


def common_ancestor(element: etree._Element, other: etree._Element) -> tuple[etree._Element, int]:
    """The deepest element around both, and its depth."""
    ancestors = set(self_and_ancestors(element))
    box = next(element for element in self_and_ancestors(other) if element in ancestors)
    return box, _depth(box)


def _pair_in_link(
    link: etree._Element, headlines: Sequence[HeadlineCandidate], date: DateCandidate
) -> HeadlineDatePair:
    """Pair the date with the best headline of the same link."""
    best = max(headlines, key=lambda headline: (headline.score > NAMED_HEADLINE_SCORE, -headline.run_index))
    return HeadlineDatePair(best, date, link, _depth(link), is_date_after=best.run_index < date.run_index)


def _pairs_on_each_side(
    date: DateCandidate, headlines: Sequence[HeadlineCandidate]
) -> Iterable[HeadlineDatePair]:
    """Pair the date with the headlines before and after it that share the deepest ancestor with it.

    A headline without a link takes the one beside it.
    """
    for is_date_after in (True, False):
        pairs = [
            HeadlineDatePair(headline, date, *common_ancestor(headline.element, date.element), is_date_after)
            for headline in headlines
            if (headline.run_index < date.run_index) is is_date_after
        ]
        max_depth = max((pair.depth for pair in pairs), default=0)
        deepest = [pair for pair in pairs if pair.depth == max_depth]
        if not deepest:
            continue
        best = max(
            deepest, key=lambda pair: (pair.headline.score, -abs(pair.headline.run_index - date.run_index))
        )
        beside = (pair.headline for pair in deepest if pair.headline.score != READ_MORE_SCORE)
        hrefs = (best.headline.href, _read_more_link(best, headlines), *(other.href for other in beside))
        yield replace(best, headline=replace(best.headline, href=next(filter(None, hrefs), "")))


def _read_more_link(pair: HeadlineDatePair, headlines: Iterable[HeadlineCandidate]) -> str:
    """The target of "Read more" in the pair's box, after its headline and before the next one; "" if there is none."""
    following = (other for other in headlines if other.run_index > pair.headline.run_index)
    for other in takewhile(lambda other: other.score < 0, following):
        if other.score == READ_MORE_SCORE and pair.box in self_and_ancestors(other.element):
            return other.href
    return ""


def _depth(element: etree._Element) -> int:
    return sum(1 for _ in element.iterancestors())
