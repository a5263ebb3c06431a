"""Finds the lists of dated headlines on a web page ("Latest news", "Most read") by their structure.

Pairs of a headline and a date form a list if their elements have the same tags, nested in the same way, whatever
their classes and ids are.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Self

from lxml import etree

from digest.sources.pure.dates.date_finder import DateContext, DateMention
from digest.sources.pure.pages.headline_date_lists import find_headline_date_list
from digest.sources.pure.pages.headline_pairs import (
    HeadlineDatePair,
    choose_pairs,
    common_ancestor,
    find_pairs,
    path_below,
)
from digest.sources.pure.pages.list_candidates import (
    DateCandidate,
    HeadlineCandidate,
    find_candidates,
    find_run_date,
    naming_attributes,
    with_time_of_day,
)
from digest.sources.pure.pages.text_runs import TextRun, self_and_ancestors

MIN_LIST_LENGTH = 2  # pairs of one structure; a single link with a date is a byline
# Characters of a list's headlines on average; shorter ones are names and buttons.
MIN_MEAN_HEADLINE_LENGTH = 8
MAX_LISTED = 300
# Elements from a day's box down to a headline: a list, an item, a link. With fewer, all links may be of one item.
MIN_ITEM_DEPTH = 3
BODY_DEPTH = 1  # of <body>, which contains every element
COMMENT_SECTION = re.compile(r"comment(?!ary)|disqus|repl(?:y|ies)", re.IGNORECASE)  # of the site's readers
BARE_URL = re.compile(r"\S+\.\S+/\S*")  # a web address is no headline


@dataclass(frozen=True, slots=True)
class ListedHeadline:
    """A headline of a list. `day` is YYYY-MM-DD; without a date it is "" and `moment` None. `href` may be ""."""

    title: str
    href: str
    day: str
    moment: datetime | None

    @classmethod
    def dated(cls, title: str, href: str, mention: DateMention | None) -> Self:
        """The headline with the date of `mention`, if there is one."""
        return (
            cls(title, href, mention.day.isoformat(), mention.moment)
            if mention
            else cls(title, href, "", None)
        )


@dataclass(frozen=True, slots=True)
class HeadlineLists:
    """The lists of a page: their headlines, their elements, and the indexes of the runs that belong to them."""

    headlines: tuple[ListedHeadline, ...] = ()
    elements: tuple[etree._Element, ...] = ()
    run_indexes: frozenset[int] = frozenset()


def find_lists(
    runs: Sequence[TextRun], context: DateContext, *, own_urls: frozenset[str] = frozenset()
) -> HeadlineLists:
    """The lists among a page's runs. Links to `own_urls`, the addresses of the page itself, are no headlines."""
    headlines, dates = find_candidates(runs, context, own_urls)
    groups: defaultdict[Hashable, list[HeadlineDatePair]] = defaultdict(list)
    for pair in choose_pairs(find_pairs(headlines, dates, runs)):
        groups[_structure(pair)].append(pair)
    pairs = [pair for group in groups.values() if _is_list(group) for pair in group]
    if not pairs:
        return _find_alternating_list(runs, context)
    pairs += _further_headlines_of_days(pairs, headlines, dates)
    pairs.sort(key=lambda pair: pair.headline.run_index)
    return _to_lists(pairs[:MAX_LISTED], _days_above_times(dates, pairs))


def _structure(pair: HeadlineDatePair) -> Hashable:
    """What is equal for the pairs of one list: the tags above their boxes, and those down to headline and date."""
    tags_above = tuple(str(ancestor.tag) for ancestor in pair.box.iterancestors())
    headline_path = path_below(pair.box, pair.headline.element)
    date_path = path_below(pair.box, pair.date.element)
    return tags_above, str(pair.box.tag), pair.is_date_after, headline_path, date_path


def _is_list(pairs: Sequence[HeadlineDatePair]) -> bool:
    """Whether pairs of one structure are a list of news, and not menus, quotations, comments or bare addresses."""
    targets = {pair.headline.href or pair.headline.text for pair in pairs}
    mean_length = sum(len(pair.headline.text) for pair in pairs) / len(pairs)
    is_quoted_or_comment = any(
        element.tag == "blockquote" or COMMENT_SECTION.search(naming_attributes(element))
        for element in self_and_ancestors(pairs[0].box)
    )
    are_urls = all(BARE_URL.fullmatch(pair.headline.text) for pair in pairs)
    return (
        len(targets) >= MIN_LIST_LENGTH
        and mean_length >= MIN_MEAN_HEADLINE_LENGTH
        and not is_quoted_or_comment
        and not are_urls
    )


def _further_headlines_of_days(
    pairs: Sequence[HeadlineDatePair], headlines: Sequence[HeadlineCandidate], dates: Sequence[DateCandidate]
) -> list[HeadlineDatePair]:
    """Pairs for the further headlines under a day: in the same box, with the same structure, before the next date."""
    used = {pair.headline.run_index for pair in pairs}
    ends = {date.run_index: following.run_index for date, following in pairwise(dates)}
    further = []
    for pair in pairs:
        path = path_below(pair.box, pair.headline.element)
        if pair.is_date_after or pair.date.mention is None or len(path) < MIN_ITEM_DEPTH:
            continue
        list_element = _child_around(pair.headline.element, pair.box)
        start, end = pair.date.run_index, ends.get(pair.date.run_index, headlines[-1].run_index + 1)
        further += [
            HeadlineDatePair(headline, pair.date, pair.box, pair.depth, is_date_after=False)
            for headline in headlines
            if start < headline.run_index < end
            and headline.run_index not in used
            and headline.score > 0
            and list_element is _child_around(headline.element, pair.box)
            and path == path_below(pair.box, headline.element)
        ]
    return further


def _child_around(element: etree._Element, box: etree._Element) -> etree._Element | None:
    """The child of `box` that is or contains `element`; None if `box` does not contain it."""
    child = element
    for ancestor in element.iterancestors():
        if ancestor is box:
            return child
        child = ancestor
    return None


def _days_above_times(
    dates: Sequence[DateCandidate], pairs: Sequence[HeadlineDatePair]
) -> dict[int, DateCandidate]:
    """The day above each bare time of day, if that day belongs to no headline, by the run index of the time."""
    used = {pair.date.run_index for pair in pairs}
    days_above: dict[int, DateCandidate] = {}
    day: DateCandidate | None = None
    for date in dates:
        if date.mention and date.run_index not in used:
            day = date
        elif not date.mention and day and common_ancestor(day.element, date.element)[1] > BODY_DEPTH:
            days_above[date.run_index] = day
    return days_above


def _to_lists(pairs: Sequence[HeadlineDatePair], days_above: Mapping[int, DateCandidate]) -> HeadlineLists:
    """The lists that consist of `pairs`; each link is in them once."""
    by_target: dict[str, ListedHeadline] = {}
    run_indexes: set[int] = set()
    for pair in pairs:
        headline, mention = pair.headline, pair.date.mention
        day = days_above.get(pair.date.run_index)
        if mention is None and day and day.mention:
            mention = with_time_of_day(day.mention, pair.date.time_of_day)
        listed = ListedHeadline.dated(headline.text, headline.href, mention)
        by_target.setdefault(headline.href or headline.text, listed)
        run_indexes |= {headline.run_index, pair.date.run_index} | ({day.run_index} if day else set())
    return HeadlineLists(tuple(by_target.values()), tuple(_elements_of(pairs)), frozenset(run_indexes))


def _elements_of(pairs: Sequence[HeadlineDatePair]) -> Iterable[etree._Element]:
    """The elements that make up the lists: a box if it has only one pair, or else the headline and the date."""
    pair_counts: defaultdict[int, int] = defaultdict(int)
    for pair in pairs:
        pair_counts[id(pair.box)] += 1
    for pair in pairs:
        if pair_counts[id(pair.box)] == 1:
            yield pair.box
        else:
            yield pair.headline.element
            yield pair.date.element


def _find_alternating_list(runs: Sequence[TextRun], context: DateContext) -> HeadlineLists:
    """A list that has no common structure of elements: runs in which headlines and dates alternate."""
    dates = {index: mention for index, run in enumerate(runs) if (mention := find_run_date(run, context))}
    lines = ["" if run.heading_level == 1 else run.text for run in runs]
    dated_lines = find_headline_date_list(lines, dates)[:MAX_LISTED]
    headlines = tuple(
        ListedHeadline.dated(runs[line.headline].text, runs[line.headline].href, dates[line.date])
        for line in dated_lines
    )
    run_indexes = [index for line in dated_lines for index in line]
    elements = (runs[index].element for index in run_indexes)
    return HeadlineLists(
        headlines,
        tuple(element for element in elements if element.tag not in ("body", "html")),
        frozenset(run_indexes),
    )
