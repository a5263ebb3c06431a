"""Parses the HTML of a news page: headline, date, text and lists. The only module that uses trafilatura."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import trafilatura
from lxml import etree, html

from digest.errors import NewsroomText
from digest.sources.pure.dates.date_finder import DateContext
from digest.sources.pure.entries import DocumentError
from digest.sources.pure.pages.headline_lists import find_lists
from digest.sources.pure.pages.metadata import PageMetadata, read_metadata
from digest.sources.pure.pages.page_date import find_page_date
from digest.sources.pure.pages.page_headline import find_headline
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.pages.site_name import find_site_name
from digest.sources.pure.pages.text_runs import (
    MAX_RUNS,
    TextRun,
    extract_runs,
    find_base_url,
    is_hidden,
    parse_html,
)
from digest.sources.pure.text.language import detect_language
from digest.sources.pure.text.markup import MAX_TEXT_LENGTH, collapse_whitespace, strip_fragment

MAX_ELEMENTS = 20_000  # trafilatura's cost grows with them; a long news page has 5,000
MAX_DEPTH = 150  # of the element tree, which trafilatura descends by recursion
MIN_ARTICLE_LENGTH = 200  # characters of an article's text, unless the metadata says that it is an article
MIN_PARAGRAPH_LENGTH = 80  # characters of a paragraph that counts as prose
COUNTRY_CODE_LENGTH = 2
SLASH_DATE = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(?:\d{4}|\d{2})(?![\d/])")
# In these 1/2 is 2 January, by CLDR's short formats: the United States and their territories, and some islands.
MONTH_FIRST_COUNTRIES = frozenset(["us", "ph", "pr", "gu", "as", "vi", "um", "mp", "mh", "fm", "pw"])


def parse_page(text: str, *, url: str, now: datetime) -> ParsedPage:
    """The news page in `text`, HTML from `url`. Raises `DocumentError` if it has no headline, article or list."""
    root = parse_html(text)
    base_url = find_base_url(root, url)
    metadata, runs = read_metadata(root, base_url=base_url), extract_runs(root, base_url=base_url)
    context = DateContext(now, metadata.language, _is_month_first(metadata, runs, url))
    headline = find_headline(metadata, runs)
    own_urls = frozenset(strip_fragment(own_url) for own_url in (url, metadata.canonical) if own_url)
    lists = find_lists(runs, context, own_urls=own_urls)
    mention = find_page_date(metadata, runs, lists.run_indexes, context, url=url, headline=headline)
    site = find_site_name(root, metadata, url=url, headline=headline)
    warnings = [f"only the first {MAX_RUNS} pieces of text were read"] if len(runs) >= MAX_RUNS else []
    body = _extract_body(root, lists.elements, runs, warnings).removeprefix(headline).lstrip("\n")
    if not (body or lists.headlines):
        if not headline:
            raise DocumentError(
                NewsroomText("this web page has neither an article nor a list of dated headlines")
            )
        warnings.append(NewsroomText("this page has no article text and no list of dated headlines"))
    return ParsedPage(
        headline=headline,
        date=mention.day.isoformat() if mention else None,
        moment=mention.moment if mention else None,
        body=body,
        author=metadata.author,
        image=metadata.image,
        image_size=metadata.image_size,
        language=metadata.language or detect_language(body or headline),
        site=site,
        side_list=lists.headlines,
        is_article=_is_article(metadata, body, len(lists.headlines), url),
        warnings=tuple(warnings),
    )


def _extract_body(
    root: html.HtmlElement,
    list_elements: Sequence[etree._Element],
    runs: Sequence[TextRun],
    warnings: list[str],
) -> str:
    """The article's text, one paragraph a line. Removes lists and hidden elements from `root`; adds to `warnings`."""
    hidden_elements = [
        element
        for element in root.iter()
        if isinstance(element.tag, str) and element.tag != "head" and is_hidden(element)
    ]
    for element in (*list_elements, *hidden_elements):
        _remove(element)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS or _is_too_deep(root):
        warnings.append(
            NewsroomText("the page is too large or too deeply nested to tell its article from the rest")
        )
        return ""
    extracted = trafilatura.bare_extraction(
        root, favor_precision=True, include_comments=False, with_metadata=False
    )
    text = extracted.get("text") if isinstance(extracted, dict) else extracted.text if extracted else None
    paragraphs = [line for line in map(collapse_whitespace, (text or "").splitlines()) if line]
    return "\n".join(paragraphs)[:MAX_TEXT_LENGTH] or _long_paragraphs(runs)


def _long_paragraphs(runs: Sequence[TextRun]) -> str:
    """The text of the long paragraphs, for pages that trafilatura finds too short."""
    paragraphs = [
        run.text
        for run in runs
        if run.element.tag == "p" and run.link is None and len(run.text) >= MIN_PARAGRAPH_LENGTH
    ]
    return "\n".join(paragraphs)[:MAX_TEXT_LENGTH]


def _remove(element: etree._Element) -> None:
    """Remove an element from its tree, but not the text after it, which lxml counts as a part of it (its tail)."""
    parent = element.getparent()
    if parent is None or element.tag in ("body", "html"):
        return
    previous = element.getprevious()
    if element.tail:
        if previous is not None:
            previous.tail = (previous.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _is_too_deep(root: etree._Element) -> bool:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _is_month_first(metadata: PageMetadata, runs: Sequence[TextRun], url: str) -> bool:
    """Whether 1/2/2026 is 2 January, because another date on the page or the page's country suggests it."""
    dates = [
        (int(first), int(second)) for run in runs for first, second in SLASH_DATE.findall(run.text[:300])
    ]
    if any(first > 12 for first, _ in dates):
        return False
    return (
        any(second > 12 for _, second in dates) or _country(metadata.language, url) in MONTH_FIRST_COUNTRIES
    )


def _country(language: str, url: str) -> str:
    """The page's country: that of its language tag ("en-US"), or else of its address; "" if neither names one."""
    region = language.lower().split("-")[-1]
    if "-" in language and len(region) == COUNTRY_CODE_LENGTH:
        return region
    top_level = (urlsplit(url).hostname or "").rpartition(".")[2]
    return top_level if len(top_level) == COUNTRY_CODE_LENGTH else ""


def _is_article(metadata: PageMetadata, body: str, listed_count: int, url: str) -> bool:
    """Whether the page is an article and not the front page of a site or section."""
    if metadata.is_article:
        return bool(body)
    is_front_page = bool(url) and urlsplit(url).path.strip("/") == ""
    paragraph_count = sum(1 for line in body.splitlines() if len(line) >= MIN_PARAGRAPH_LENGTH)
    return (
        len(body) >= MIN_ARTICLE_LENGTH and not is_front_page and (paragraph_count >= 2 or listed_count == 0)
    )
