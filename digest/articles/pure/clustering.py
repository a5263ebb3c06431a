"""Which reports are of one event: the closest two first, as long as every report is like every other of its story.

Complete linkage (Defays 1977, doi:10.1093/comjnl/20.4.364), because a wrong story is worse than two of one event: a
chain of half-alike reports never becomes a story.
"""

import hashlib
import heapq
import itertools
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from digest.articles.pure.similarity import Terms, Window

ENOUGH_WORDS = 30  # in a text that is to be known again word for word; "Read more at our site." is shorter
FEW, MANY = 50, 800  # texts in the window
# The least likeness of any two reports of a story: of few texts it is known less well which words are common.
LIKE_OF_FEW, LIKE_OF_MANY = 0.26, 0.165
LIKE_OF_HEADLINES = 0.4
# What two lone reports must reach above that when hardly any of the window is placed with them: the nearest one so
# far may not be the nearest of those that are still to come, and what is once joined stays.
MORE_OF_TWO = 0.05


@dataclass(frozen=True, slots=True)
class Piece:
    """A report to be placed, or one that is in a story already."""

    key: int
    source: str = ""  # "" is unknown: then it may be of any
    title_key: str = ""  # see `stories.title_key`
    text_key: str = ""  # see `text_key`
    story: int | None = None  # the story that it is in already


Pairs = Mapping[tuple[int, int], float]


def text_key(text: str) -> str:
    """Equal for texts that are the same word for word, as a wire's in many papers; "" for those too short to tell."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return hashlib.sha256(" ".join(words).encode()).hexdigest() if len(words) >= ENOUGH_WORDS else ""


def least_likeness(texts: int) -> float:
    """What any two reports of a story must reach, in a window of so many texts."""
    share = math.log(max(FEW, min(MANY, texts)) / FEW) / math.log(MANY / FEW)
    return LIKE_OF_FEW + share * (LIKE_OF_MANY - LIKE_OF_FEW)


def least_of_two(new: int, texts: int) -> float:
    """What two lone reports must reach to become a story, when so many of the window's texts are placed at a time."""
    return least_likeness(texts) + MORE_OF_TWO * (1 - min(1.0, new / max(texts, 1)))


def likenesses(window: Window, new: Mapping[int, Terms]) -> Pairs:
    """The pairs of a new report and any other that may be of one event."""
    with window.trying(new):
        return window.alike(list(new), least_likeness(len(window)), bare=LIKE_OF_HEADLINES)


@dataclass(slots=True)
class _Group:
    pieces: list[Piece]
    near: dict[int, float] = field(default_factory=dict)  # the groups it may join: least likeness of any two

    @property
    def story(self) -> int | None:
        return next((piece.story for piece in self.pieces if piece.story is not None), None)

    @property
    def sources(self) -> set[str]:
        return {piece.source for piece in self.pieces if piece.source}


def group(pieces: Sequence[Piece], alike: Pairs, *, of_two: float = 0.0) -> list[list[Piece]]:
    """The pieces by story. Stories that exist stay as they are and apart; two items of one source never are one
    story, unless they are identical. `of_two` is what two lone reports must reach, see `least_of_two`."""
    groups = dict(enumerate(_identical(pieces)))
    names = itertools.count(
        len(groups)
    )  # a joined group has a new one, so that pairs of its parts are known as stale
    _draw_near(groups, alike, of_two)
    waiting = [(-like, a, b) for a, one in groups.items() for b, like in one.near.items() if a < b]
    heapq.heapify(waiting)
    while waiting:
        _, a, b = heapq.heappop(waiting)
        if a in groups and b in groups:
            new = next(names)
            for other, least in _join(groups, a, b, new).items():
                heapq.heappush(waiting, (-least, other, new))
    return [one.pieces for one in groups.values()]


def _join(groups: dict[int, _Group], a: int, b: int, new: int) -> Mapping[int, float]:
    first, second = groups.pop(a), groups.pop(b)
    joined = _Group([*first.pieces, *second.pieces])
    for other in (first.near.keys() | second.near.keys()) - {a, b}:
        groups[other].near.pop(a, None)
        groups[other].near.pop(b, None)
        if other in first.near and other in second.near and _may_join(joined, groups[other]):
            joined.near[other] = groups[other].near[new] = min(first.near[other], second.near[other])
    groups[new] = joined
    return joined.near


def _boilerplate(pieces: Iterable[Piece]) -> set[str]:
    """The texts that a source has under several headlines, as a notice in place of each article: they tell nothing."""
    headlines: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for piece in pieces:
        headlines[piece.text_key, piece.source].add(piece.title_key)
    return {text for (text, source), titles in headlines.items() if source and len(titles) > 1}


def _identical(pieces: Sequence[Piece]) -> list[_Group]:
    """Groups of reports that are the same word for word, or have the same headline in different sources."""
    mute = _boilerplate(pieces) | {""}
    groups: list[_Group] = []
    stories: dict[int, _Group] = {}
    texts: dict[str, _Group] = {}
    titles: dict[str, _Group] = {}
    for piece in sorted(pieces, key=lambda p: (p.story is None, p.key)):  # what exists first
        known = stories.get(piece.story) if piece.story is not None else None
        if piece.story is None:
            known = None if piece.text_key in mute else texts.get(piece.text_key)
            if known is None and (same := titles.get(piece.title_key)) and piece.source not in same.sources:
                known = same
        if known is None:
            known = _Group([])
            groups.append(known)
        known.pieces.append(piece)
        if piece.story is not None:
            stories[piece.story] = known
        for keys, key in ((texts, piece.text_key), (titles, piece.title_key)):
            if key:
                keys.setdefault(key, known)
    return groups


def _draw_near(groups: dict[int, _Group], alike: Pairs, of_two: float) -> None:
    """Find for each two groups the least likeness of any two of their reports, if all reach the bound."""
    home = {piece.key: name for name, one in groups.items() for piece in one.pieces}
    between: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for (one, other), like in alike.items():
        a, b = sorted((home.get(one, -1), home.get(other, -1)))
        if a != b and a >= 0:
            between[a, b].append(like)
    for (a, b), likes in between.items():
        pairs = len(groups[a].pieces) * len(groups[b].pieces)
        enough = min(likes) >= of_two or pairs > 1
        if len(likes) >= pairs and enough and _may_join(groups[a], groups[b]):
            groups[a].near[b] = groups[b].near[a] = min(likes)


def _may_join(one: _Group, other: _Group) -> bool:
    if one.story is not None and other.story is not None:
        return False
    return not one.sources & other.sources
