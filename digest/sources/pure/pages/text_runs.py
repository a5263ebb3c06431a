"""Splits a web page into its runs of visible text, in order, each with its place in the page."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree, html

from digest.errors import NewsroomText
from digest.sources.pure.entries import DocumentError
from digest.sources.pure.text.markup import collapse_whitespace, resolve_web_url

MAX_PAGE_LENGTH = 4 * 1024 * 1024  # characters of a page; a long one has a tenth of that
MAX_RUNS = 8_000  # a long front page has 2,000
HIDDEN_TAGS = frozenset(
    (
        "head", "script", "style", "noscript", "template", "svg", "math", "select", "option", "textarea",
        "button", "iframe", "object", "audio", "video", "canvas",
    )
)  # fmt: skip
# These elements do not end a run, unless they have a class or id, as dates and labels do.
INLINE_TAGS = frozenset(
    (
        "b", "strong", "em", "i", "u", "font", "mark", "sup", "sub", "abbr", "cite", "q", "s", "bdi",
        "bdo", "acronym", "code", "ins", "del", "span", "wbr", "big",
    )
)  # fmt: skip
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# A date badge shows the day and the month of a date in elements of their own, "09" over "Jan".
DATE_BADGE_PART = re.compile(r"\d{1,2}\.?|\d{4}|[^\W\d_]{3,12}[.,]?")
DATE_BADGE = re.compile(r"(?:\d{1,2}\.? [^\W\d_]+[.,]?|[^\W\d_]+\.? \d{1,2},?)(?: \d{4})?")
MAX_BADGE_ELEMENTS = 8
# What XML 1.0 does not allow (2.2). The parser takes some of it from a page, and then refuses to move it elsewhere.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEADING_LEVELS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True, slots=True, eq=False)
class TextRun:
    """Words that belong together. `link` is the <a> around them, `href` its web address ("" if it has none)."""

    text: str
    element: etree._Element
    link: etree._Element | None
    href: str
    heading_level: int  # 1 to 6; 0 outside headings
    datetime_attribute: str  # of the <time> around the words


@dataclass(frozen=True, slots=True, eq=False)
class _Context:
    """What the elements around a text say about it; compared by identity, so that each link begins a new run."""

    link: etree._Element | None = None
    href: str = ""
    heading_level: int = 0
    datetime_attribute: str = ""


def html_parser() -> html.HTMLParser:
    """A parser for untrusted HTML in UTF-8: no network access, lxml's limits on size, errors repaired."""
    return html.HTMLParser(no_network=True, recover=True, huge_tree=False, encoding="utf-8")


def parse_html(text: str) -> html.HtmlElement:
    """The root element of an HTML page. Raises `DocumentError` if there is none."""
    content = NOT_XML.sub(" ", text[:MAX_PAGE_LENGTH]).encode()
    try:
        return html.document_fromstring(content, parser=html_parser())
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise DocumentError(NewsroomText("this web page can't be read: %(error)s", error=error)) from error


def find_base_url(root: etree._Element, url: str) -> str:
    """The URL to which relative links on the page at `url` are relative."""
    base_urls = (resolve_web_url(element.get("href"), url) for element in root.iter("base"))
    return next((base_url for base_url in base_urls if base_url), "") or url


def self_and_ancestors(element: etree._Element) -> Iterator[etree._Element]:
    """The element, its parent, and so on up to the root."""
    yield element
    yield from element.iterancestors()


def extract_runs(root: etree._Element, *, base_url: str) -> list[TextRun]:
    """The page's text runs, at most `MAX_RUNS`."""
    runs: list[TextRun] = []
    texts: list[str] = []
    start: tuple[etree._Element, _Context] | None = None  # where the run in `texts` begins
    for element, context, text in _iter_texts(root, base_url):
        if start is not None and (text is None or context != start[1]):
            _append_run(runs, texts, *start)
            start, texts = None, []
        if text is not None:
            start = start or (element, context)
            texts.append(text)
        if len(runs) >= MAX_RUNS:
            break
    if start is not None:
        _append_run(runs, texts, *start)
    return _join_date_badges(runs)


def is_hidden(element: etree._Element) -> bool:
    """Whether a browser shows nothing of an element."""
    return (
        element.tag in HIDDEN_TAGS
        or element.get("hidden") is not None
        or bool(HIDDEN_STYLE.search(element.get("style") or ""))
    )


def _append_run(
    runs: list[TextRun], texts: Sequence[str], element: etree._Element, context: _Context
) -> None:
    text = collapse_whitespace("".join(texts))
    if text:
        runs.append(
            TextRun(
                text, element, context.link, context.href, context.heading_level, context.datetime_attribute
            )
        )


def _join_date_badges(runs: Sequence[TextRun]) -> list[TextRun]:
    """The runs, with those of each date badge joined into one."""
    joined: list[TextRun] = []
    skip_count = 0
    for index, run in enumerate(runs):
        if skip_count:
            skip_count -= 1
            continue
        badge = _find_date_badge(runs[index : index + 3])
        joined.append(badge or run)
        skip_count = badge.text.count(" ") if badge else 0
    return joined


def _find_date_badge(runs: Sequence[TextRun]) -> TextRun | None:
    """The run of a whole date badge, if the first two or three of `runs` are all its text."""
    first, *others = runs
    if not (others and DATE_BADGE_PART.fullmatch(first.text) and DATE_BADGE_PART.fullmatch(others[0].text)):
        return None
    ancestors = set(first.element.iterancestors())
    box = next((element for element in others[0].element.iterancestors() if element in ancestors), None)
    if box is None or sum(1 for _ in box.iter()) > MAX_BADGE_ELEMENTS:
        return None
    for count in (2, 3):
        text = " ".join(run.text for run in runs[:count])
        if DATE_BADGE.fullmatch(text) and text == collapse_whitespace(" ".join(box.itertext())):
            return replace(first, text=text, element=box)
    return None


def _iter_texts(root: etree._Element, base_url: str) -> Iterator[tuple[etree._Element, _Context, str | None]]:
    """Each text in order, with the element that it is in; None in place of a text means that a run ends here."""
    # Pages nest deeper than Python recurses, so we keep a stack. Each element is on it twice: to enter and to leave.
    stack: list[tuple[etree._Element, _Context, bool]] = [(root, _Context(), False)]
    while stack:
        element, context, is_leaving = stack.pop()
        if is_leaving:
            if _ends_run(element):
                yield element, context, None
            parent = element.getparent()
            if element.tail and parent is not None and element is not root:
                yield parent, context, element.tail
            continue
        stack.append((element, context, True))
        if not isinstance(element.tag, str) or is_hidden(element):
            continue
        if _ends_run(element):
            yield element, context, None
        inner = _inner_context(element, context, base_url)
        is_empty_time = element.tag == "time" and not len(element)  # a script fills it from its attribute
        text = element.text or (inner.datetime_attribute if is_empty_time else "")
        if text:
            yield element, inner, text
        stack.extend((child, inner, False) for child in reversed(element))


def _ends_run(element: etree._Element) -> bool:
    """Whether runs end at the start and at the end of an element; false for hidden elements."""
    if not isinstance(element.tag, str) or is_hidden(element):
        return False
    return element.tag not in INLINE_TAGS or bool(element.get("class")) or bool(element.get("id"))


def _inner_context(element: etree._Element, context: _Context, base_url: str) -> _Context:
    """The context of the words in an element that is itself in `context`."""
    tag = str(element.tag)
    if tag == "a":
        return replace(context, link=element, href=_link_target(element, base_url))
    if tag in HEADING_LEVELS:
        return replace(context, heading_level=HEADING_LEVELS[tag])
    if tag == "time":
        return replace(context, datetime_attribute=element.get("datetime") or "")
    return context


def _link_target(element: etree._Element, base_url: str) -> str:
    """The web address that a link leads to; "" if it stays on the page."""
    href = (element.get("href") or "").strip()
    if not href or href.startswith("#"):
        return ""
    return resolve_web_url(href, base_url) if base_url else href
