"""A web page as the runs of words that a reader sees, in order, each with where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html

from digest.sources.pure.entries import NotAFeedError
from digest.sources.pure.text.markup import one_line, web_url

MAX_TEXT = 4 * 1024 * 1024  # characters of a page; a long one has a tenth
MAX_RUNS = 8_000  # a long front page has 2,000
UNSEEN_TAGS = frozenset(
    (
        "head", "script", "style", "noscript", "template", "svg", "math", "select", "option", "textarea",
        "button", "iframe", "object", "audio", "video", "canvas",
    )
)  # fmt: skip
# Within these a sentence goes on: they end no run, unless they are named by a class, as dates and labels are.
FLOWING = frozenset(
    (
        "b", "strong", "em", "i", "u", "font", "mark", "sup", "sub", "abbr", "cite", "q", "s", "bdi",
        "bdo", "acronym", "code", "ins", "del", "span", "wbr", "big",
    )
)  # fmt: skip
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
PIECE = re.compile(r"\d{1,2}\.?|\d{4}|[^\W\d_]{3,12}[.,]?")
BADGE = re.compile(r"(?:\d{1,2}\.? [^\W\d_]+[.,]?|[^\W\d_]+\.? \d{1,2},?)(?: \d{4})?")
MAX_BADGE = 8  # elements
HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Words that stand together; `link` is the <a> around them, `href` where that leads ("" nowhere of use)."""

    text: str
    element: etree._Element
    link: etree._Element | None
    href: str
    heading: int  # 1 to 6, 0 in none
    stamp: str  # what <time datetime> says


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """What holds for all the words within an element."""

    link: etree._Element | None = None
    href: str = ""
    heading: int = 0
    stamp: str = ""


def tree(text: str) -> html.HtmlElement:
    """The elements of an HTML page. Raises `NotAFeedError` where there are none."""
    parser = html.HTMLParser(no_network=True, recover=True, huge_tree=False, encoding="utf-8")
    try:
        root = html.document_fromstring(text[:MAX_TEXT].encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise NotAFeedError(f"this web page can't be read: {error}") from error
    return root


def base_of(root: etree._Element, url: str) -> str:
    """What relative links on the page count from."""
    named = (web_url(element.get("href"), url) for element in root.iter("base"))
    return next((base for base in named if base), "") or url


def runs(root: etree._Element, *, base: str) -> list[Run]:
    """The page's runs, at most `MAX_RUNS`."""
    found: list[Run] = []
    pieces: list[str] = []
    where: tuple[etree._Element, _Place] | None = None
    for element, place, words in _words(root, base):
        if where is not None and (words is None or place != where[1]):
            _close(found, pieces, where)
            where, pieces = None, []
        if words is not None:
            where = where or (element, place)
            pieces.append(words)
        if len(found) >= MAX_RUNS:
            break
    if where is not None:
        _close(found, pieces, where)
    return _joined(found)


def _close(found: list[Run], pieces: list[str], where: tuple[etree._Element, _Place]) -> None:
    text = one_line("".join(pieces))
    element, place = where
    if text:
        found.append(Run(text, element, place.link, place.href, place.heading, place.stamp))


def _joined(found: list[Run]) -> list[Run]:
    """The runs, those of a day's number and its month in boxes of their own ("09" over "Jan") made one."""
    joined: list[Run] = []
    skip = 0
    for place, run in enumerate(found):
        if skip:
            skip -= 1
            continue
        badge = _badge(found[place : place + 3])
        joined.append(badge or run)
        skip = badge.text.count(" ") if badge else 0
    return joined


def _badge(some: list[Run]) -> Run | None:
    """The run of all the words of a small element that holds the first runs of `some` and looks like a date."""
    first, *others = some
    if not (others and PIECE.fullmatch(first.text) and PIECE.fullmatch(others[0].text)):
        return None
    above = {id(element) for element in first.element.iterancestors()}
    around = next((one for one in others[0].element.iterancestors() if id(one) in above), None)
    if around is None or sum(1 for _ in around.iter()) > MAX_BADGE:
        return None
    for more in (2, 3):
        text = " ".join(run.text for run in some[:more])
        if BADGE.fullmatch(text) and text == one_line(" ".join(around.itertext())):
            return Run(text, around, first.link, first.href, first.heading, first.stamp)
    return None


def _words(root: etree._Element, base: str) -> Iterator[tuple[etree._Element, _Place, str | None]]:
    """Each text in order with the element it is in; None stands where a run must end."""
    # A stack of our own, because Python's is shallower than the web. An element is met twice: going in, and coming out.
    stack: list[tuple[etree._Element, _Place, bool]] = [(root, _Place(), False)]
    while stack:
        element, place, leaving = stack.pop()
        if leaving:
            if _breaks(element):
                yield element, place, None
            parent = element.getparent()
            if element.tail and parent is not None and element is not root:
                yield parent, place, element.tail
            continue
        stack.append((element, place, True))
        if not isinstance(element.tag, str) or unseen(element):
            continue
        if _breaks(element):
            yield element, place, None
        within = _within(element, place, base)
        words = element.text or (within.stamp if element.tag == "time" and not len(element) else "")
        if words:  # of an empty <time> a script writes what it says to machines
            yield element, within, words
        stack.extend((child, within, False) for child in reversed(element))


def _breaks(element: etree._Element) -> bool:
    """Whether words before and after it don't belong together; what nobody sees parts nothing."""
    if not isinstance(element.tag, str) or unseen(element):
        return False
    return element.tag not in FLOWING or bool(element.get("class")) or bool(element.get("id"))


def unseen(element: etree._Element) -> bool:
    """Whether a reader sees nothing of an element."""
    return (
        element.tag in UNSEEN_TAGS
        or element.get("hidden") is not None
        or bool(HIDDEN_STYLE.search(element.get("style") or ""))
    )


def _within(element: etree._Element, place: _Place, base: str) -> _Place:
    tag = str(element.tag)
    if tag == "a":
        return _Place(element, _followed(element, base), place.heading, place.stamp)
    if tag in HEADINGS:
        return _Place(place.link, place.href, HEADINGS[tag], place.stamp)
    if tag == "time":
        return _Place(place.link, place.href, place.heading, element.get("datetime") or "")
    return place


def _followed(element: etree._Element, base: str) -> str:
    """Where a link leads; "" for one that stays on the page."""
    href = (element.get("href") or "").strip()
    if not href or href.startswith("#"):
        return ""
    return web_url(href, base) if base else href
