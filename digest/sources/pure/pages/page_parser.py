"""From a web page of a news site to its headline, date, text and lists. The only module that knows trafilatura."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import trafilatura
from lxml import etree, html

from digest.sources.pure.dates.date_finder import Reading
from digest.sources.pure.entries import NotAFeedError
from digest.sources.pure.pages.headline_lists import find_lists
from digest.sources.pure.pages.metadata import Facts, read_facts
from digest.sources.pure.pages.page_date import page_date
from digest.sources.pure.pages.page_headline import headline
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.pages.text_runs import MAX_RUNS, Run, base_of, runs, tree, unseen
from digest.sources.pure.text.language import guess
from digest.sources.pure.text.markup import LONGEST_TEXT, one_line, without_fragment

MOST_ELEMENTS = 20_000  # trafilatura's cost grows with them; a long news page has 5,000
DEEPEST = 150  # elements within one another; it goes down by recursion
SHORTEST_ARTICLE = 200  # characters of text; a page with less that does not call itself an article is none
PARAGRAPH = 80  # characters of a paragraph that counts as prose
SLASH_DATE = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(?:\d{4}|\d{2})(?![\d/])")
MONTH_FIRST = ("en-us", "en-ph", "es-us")  # languages whose 1/2 is 2 January


def read_page(text: str, *, url: str, now: datetime) -> ParsedPage:
    """The news page in `text`, HTML from `url`. Raises `NotAFeedError` where nothing of one is in it."""
    root = tree(text)
    base = base_of(root, url)
    facts, shown = read_facts(root, base=base), runs(root, base=base)
    reading = Reading(now, facts.language, _month_first(facts, shown))
    title = headline(facts, shown)
    own = frozenset(without_fragment(address) for address in (url, facts.canonical) if address)
    lists = find_lists(shown, reading, own=own)
    dated = page_date(facts, shown, lists.places, reading, url=url, headline=title)
    warnings = [f"only the first {MAX_RUNS} pieces of text were read"] if len(shown) >= MAX_RUNS else []
    body = _body(root, lists.elements, shown, warnings).removeprefix(title).lstrip("\n")
    if not (body or lists.listed):
        if not title:
            raise NotAFeedError("this web page holds neither an article nor a list of dated headlines")
        warnings.append("this page holds no article text and no list of dated headlines")
    return ParsedPage(
        headline=title,
        date=dated.day.isoformat() if dated else None,
        moment=dated.moment if dated else None,
        body=body,
        author=facts.author,
        image=facts.image,
        image_size=facts.image_size,
        language=facts.language or guess(body or title),
        site=facts.site,
        side_list=lists.listed,
        is_article=_is_article(facts, body, len(lists.listed), url),
        warnings=tuple(warnings),
    )


def _body(
    root: html.HtmlElement, listed: Sequence[etree._Element], shown: Sequence[Run], warnings: list[str]
) -> str:
    """The article's text, one paragraph a line; takes the lists out of `root`."""
    hidden = [
        element
        for element in root.iter()
        if isinstance(element.tag, str) and element.tag != "head" and unseen(element)
    ]
    for element in (*listed, *hidden):
        _take_out(element)
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS or _too_deep(root):
        warnings.append("the page is too large or too deeply nested to tell its article from the rest")
        return ""
    found = trafilatura.bare_extraction(
        root, favor_precision=True, include_comments=False, with_metadata=False
    )
    text = (found.get("text") if isinstance(found, dict) else found.text if found else "") or ""
    return "\n".join(line for line in map(one_line, text.splitlines()) if line)[:LONGEST_TEXT] or _prose(
        shown
    )


def _prose(shown: Sequence[Run]) -> str:
    """The long paragraphs alone, where trafilatura finds the page too short."""
    own = [
        run.text
        for run in shown
        if run.element.tag == "p" and run.link is None and len(run.text) >= PARAGRAPH
    ]
    return "\n".join(own)[:LONGEST_TEXT]


def _take_out(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is None or element.tag in ("body", "html"):
        return
    before = element.getprevious()
    if element.tail:  # lxml takes the text behind an element along
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _too_deep(root: etree._Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            return True
    return False


def _month_first(facts: Facts, shown: Sequence[Run]) -> bool:
    """Whether the page's 1/2/2026 is 2 January: if one of its dates can be nothing else, or its language has it so."""
    pairs = [tuple(map(int, pair)) for run in shown for pair in SLASH_DATE.findall(run.text[:300])]
    if any(first > 12 for first, _ in pairs):
        return False
    return any(second > 12 for _, second in pairs) or facts.language.lower() in MONTH_FIRST


def _is_article(facts: Facts, body: str, listed: int, url: str) -> bool:
    """Whether the page is an article rather than a section's front."""
    if facts.is_article:
        return bool(body)
    front = urlsplit(url).path.strip("/") == "" and bool(url)
    prose = sum(1 for line in body.splitlines() if len(line) >= PARAGRAPH)
    return len(body) >= SHORTEST_ARTICLE and not front and (prose >= 2 or listed == 0)
