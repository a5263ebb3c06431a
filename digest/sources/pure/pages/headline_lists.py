"""The lists of dated headlines on a web page ("Latest news", "Most read"), found by their structure.

A date pairs with the headline that stands deeper in the tree with it than any other does; pairs that are built
alike, at least two of them, are a list, whatever their markup is.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from digest.sources.pure.dates.date_finder import Mention, Reading
from digest.sources.pure.pages.alternating_lists import alternating
from digest.sources.pure.pages.list_candidates import Dated, Title, at_clock, date_of, names, parts
from digest.sources.pure.pages.text_runs import Run

FEWEST = 2  # pairs built alike make a list; one date by one link is a byline
SHORTEST_MEAN = 8  # characters of a list's headlines on average; shorter ones are names and buttons
MAX_LISTED = 300
NEAREST = 1_500  # characters between a headline and its date; a teaser stands there
ITEMS = 3  # elements: a link in an item in a box; links that stand side by side in one box are one item's
BODY = 1  # how deep <body> is: what two things have in common there is nothing
NAMED = 350  # worth of a run that is a heading or is named a headline
FORMATTING = ("b", "strong", "em", "i")
REMARKS = re.compile(r"comment(?!ary)|disqus|repl(?:y|ies)", re.IGNORECASE)  # what readers wrote
ADDRESS = re.compile(r"\S+\.\S+/\S*")  # a web address is no headline


@dataclass(frozen=True, slots=True)
class Listed:
    """A headline of a list. `day` is YYYY-MM-DD, "" (and `moment` None) if it is not said; `href` "" leads nowhere."""

    title: str
    href: str
    day: str
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """The lists of a page: what they hold, their elements, and the runs that are in them (by place)."""

    listed: tuple[Listed, ...] = ()
    elements: tuple[etree._Element, ...] = ()
    places: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    title: Title
    dated: Dated
    around: etree._Element
    depth: int
    after: bool  # the date stands after the headline

    @property
    def begins(self) -> int:
        return min(self.title.place, self.dated.place)


def find_lists(runs: Sequence[Run], reading: Reading, *, own: frozenset[str] = frozenset()) -> Found:
    """The lists among a page's runs. `own` holds the page's own addresses, which are no headlines of a list."""
    titles, dates = parts(runs, reading, own)
    pairs = _best(_pairs(titles, dates, runs))
    groups: defaultdict[tuple[object, ...], list[_Pair]] = defaultdict(list)
    for pair in pairs:
        groups[_built(pair)].append(pair)
    kept = [pair for group in groups.values() if _is_list(group) for pair in group]
    kept += _of_the_same_day(kept, titles, dates)
    kept.sort(key=lambda pair: pair.title.place)
    return _found(kept[:MAX_LISTED], _headings(dates, kept)) if kept else _unlinked(runs, reading)


def _pairs(titles: Sequence[Title], dates: Sequence[Dated], runs: Sequence[Run]) -> list[_Pair]:
    """Each date with the headlines that it may belong to: at most one before it and one after it."""
    offsets = [0]
    for run in runs:
        offsets.append(offsets[-1] + len(run.text))
    in_link: defaultdict[int, list[Title]] = defaultdict(list)
    for title in titles:
        in_link[id(title.element)].append(title)
    places = [title.place for title in titles]
    pairs: list[_Pair] = []
    for index, dated in enumerate(dates):
        link = dated.title.element if dated.title else runs[dated.place].link
        if link is not None and (inner := in_link.get(id(link))):
            title = max(inner, key=lambda one: (one.worth > NAMED, -one.place))
            pairs.append(_Pair(title, dated, link, _depth(link), after=title.place < dated.place))
            continue
        start = dates[index - 1].place if index else -1
        end = dates[index + 1].place if index + 1 < len(dates) else len(runs)
        some = titles[bisect_right(places, start) : bisect_left(places, end)]
        near = [one for one in some if abs(offsets[one.place] - offsets[dated.place]) <= NEAREST]
        pairs += _sides(dated, near)
    return pairs


def _sides(dated: Dated, near: Sequence[Title]) -> Iterable[_Pair]:
    """The pair before the date and the one after it: each with the headline deepest in the tree with it."""
    for after in (True, False):
        side = [title for title in near if (title.place < dated.place) is after]
        placed = [(*_common(title.element, dated.element), title) for title in side]
        if not placed:
            continue
        deepest = max(depth for _, depth, _ in placed)
        at_depth = [(around, title) for around, depth, title in placed if depth == deepest]
        around, title = max(at_depth, key=lambda one: (one[1].worth, -abs(one[1].place - dated.place)))
        href = title.href or next((other.href for _, other in at_depth if other.href), "")
        found = Title(title.place, title.text, href, title.element, title.worth)
        yield _Pair(found, dated, around, deepest, after)


def _best(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Each headline and each date once: the deeper pair first, then a day before a time of day, a headline before a
    label, and the side on which the list has them."""
    balance: defaultdict[int, int] = defaultdict(int)
    first: dict[int, bool] = {}
    for pair in sorted(pairs, key=lambda one: one.begins):
        balance[id(pair.around)] += 1 if pair.after else -1
        first.setdefault(id(pair.around), pair.after)

    def rank(pair: _Pair) -> tuple[int, bool, bool, bool, int]:
        more = balance[id(pair.around)]
        side = more > 0 if more else first[id(pair.around)]
        label = pair.title.worth < 0
        return (-pair.depth, pair.dated.mention is None, label, pair.after is not side, pair.begins)

    taken: set[int] = set()
    kept = []
    for pair in sorted(pairs, key=rank):
        places = {pair.title.place, pair.dated.place}
        if not places & taken:
            taken |= places
            kept.append(pair)
    return kept


def _of_the_same_day(kept: Sequence[_Pair], titles: Sequence[Title], dates: Sequence[Dated]) -> list[_Pair]:
    """The further headlines under a day that stands above them: in the same box, built alike, before the next day."""
    taken = {pair.title.place for pair in kept}
    places = [dated.place for dated in dates]
    more = []
    for pair in kept:
        later = bisect_right(places, pair.dated.place)
        end = places[later] if later < len(places) else titles[-1].place + 1
        way, box = _way(pair.title.element, pair.around), _box(pair.title.element, pair.around)
        if pair.after or pair.dated.mention is None or len(way) < ITEMS:
            continue
        more += [
            _Pair(title, pair.dated, pair.around, pair.depth, after=False)
            for title in titles
            if pair.dated.place < title.place < end
            and title.place not in taken
            and title.worth > 0
            and box is _box(title.element, pair.around)
            and way == _way(title.element, pair.around)
        ]
    return more


def _box(element: etree._Element, around: etree._Element) -> etree._Element | None:
    """The child of `around` that `element` is in; None where it is in none."""
    inner = element
    for above in element.iterancestors():
        if above is around:
            return inner
        inner = above
    return None


def _built(pair: _Pair) -> tuple[object, ...]:
    """What pairs of one list have in common: the way from the root, and from what is around them to their parts."""
    above = tuple(str(ancestor.tag) for ancestor in pair.around.iterancestors())
    ways = (_way(pair.title.element, pair.around), _way(pair.dated.element, pair.around))
    return (above, str(pair.around.tag), pair.after, *ways)


def _way(element: etree._Element, around: etree._Element) -> tuple[str, ...]:
    between = (one for one in (element, *element.iterancestors()))
    way = []
    for one in between:
        if one is around:
            break
        way.append(str(one.tag))
    return tuple(tag for tag in way if tag not in FORMATTING)


def _is_list(group: Sequence[_Pair]) -> bool:
    addresses = {pair.title.href or pair.title.text for pair in group}
    words = sum(len(pair.title.text) for pair in group) / len(group)
    above = (group[0].around, *group[0].around.iterancestors())
    others = any(
        one.tag == "blockquote" or REMARKS.search(names(one)) for one in above
    )  # quoted, or readers' own
    spelled = all(ADDRESS.fullmatch(pair.title.text) for pair in group)
    return len(addresses) >= FEWEST and words >= SHORTEST_MEAN and not others and not spelled


def _headings(dates: Sequence[Dated], pairs: Sequence[_Pair]) -> dict[int, Dated]:
    """For each time of day alone, by place, the day that stands above it and belongs to no headline itself."""
    used = {pair.dated.place for pair in pairs}
    found: dict[int, Dated] = {}
    day: Dated | None = None
    for dated in dates:
        if dated.mention and dated.place not in used:
            day = dated
        elif not dated.mention and day and _common(day.element, dated.element)[1] > BODY:
            found[dated.place] = day
    return found


def _found(pairs: Sequence[_Pair], headings: dict[int, Dated]) -> Found:
    listed: dict[str, Listed] = {}
    places: set[int] = set()
    for pair in pairs:
        title, dated = pair.title, pair.dated
        heading = headings.get(dated.place)
        mention = dated.mention or (
            at_clock(heading.mention, dated.clock) if heading and heading.mention else None
        )
        one = Listed(
            title.text, title.href, *((mention.day.isoformat(), mention.moment) if mention else ("", None))
        )
        listed.setdefault(title.href or title.text, one)
        places |= {title.place, dated.place} | ({heading.place} if heading else set())
    return Found(tuple(listed.values()), tuple(_covers(pairs)), frozenset(places))


def _covers(pairs: Sequence[_Pair]) -> Iterable[etree._Element]:
    """What to take out so that nothing of a list is left: the elements around one pair only, else its parts."""
    uses: defaultdict[int, int] = defaultdict(int)
    for pair in pairs:
        uses[id(pair.around)] += 1
    for pair in pairs:
        if uses[id(pair.around)] == 1:
            yield pair.around
        else:
            yield pair.title.element
            yield pair.dated.element


def _common(one: etree._Element, other: etree._Element) -> tuple[etree._Element, int]:
    """The deepest element that is around both, and how deep it is."""
    above = {id(element): element for element in (one, *one.iterancestors())}
    around = next(element for element in (other, *other.iterancestors()) if id(element) in above)
    return around, _depth(around)


def _depth(element: etree._Element) -> int:
    return sum(1 for _ in element.iterancestors())


def _unlinked(runs: Sequence[Run], reading: Reading) -> Found:
    """A list whose headlines are no links: headlines and dates by turns."""
    dates: dict[int, Mention] = {
        place: mention for place, run in enumerate(runs) if (mention := date_of(run, reading))
    }
    pairs = alternating(["" if run.heading == 1 else run.text for run in runs], dates)[:MAX_LISTED]
    listed = (
        Listed(runs[title].text, runs[title].href, dates[place].day.isoformat(), dates[place].moment)
        for title, place in pairs
    )
    places = [place for pair in pairs for place in pair]
    elements = (runs[place].element for place in places)
    return Found(
        tuple(listed), tuple(e for e in elements if e.tag not in ("body", "html")), frozenset(places)
    )
