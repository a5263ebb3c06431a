"""Chooses the headline of a page among its headings and its metadata."""

import re
from collections.abc import Sequence
from itertools import groupby

from lxml import etree

from digest.sources.pure.pages.metadata import PageMetadata
from digest.sources.pure.pages.text_runs import TextRun, self_and_ancestors

TITLE_SEPARATOR = re.compile(r"\s+[|·•»«–—:-]+\s+|\s*\|\s*|\s+::\s+")
BREADCRUMB_SEPARATOR = re.compile(r"\s*[|»›]\s*|\s+::\s+")  # no dashes: one may be part of the headline
MIN_HEADLINE_LENGTH = 4  # characters
MIN_SUBHEADING_LENGTH = 12  # characters of a second- or third-level heading that is the headline
MAX_HEADLINE_LENGTH = 500
MIN_DISTINCTIVE_LENGTH = 20  # a heading that contains a title of this length is the page's headline
NOT_WORD = re.compile(r"[\W_]+")
# Headings that name a page or a section, not an article.
GENERIC_HEADINGS = frozenset(
    ("home", "menu", "search", "news", "latest news", "most read", "top stories", "about us", "contact", "related",
     "новости", "главная", "последние новости")
)  # fmt: skip


def find_headline(metadata: PageMetadata, runs: Sequence[TextRun]) -> str:
    """The page's headline, "" if there is none.

    This is a first-level heading that the metadata confirms; else a title of the metadata, a lower heading that the
    <title> confirms, or the only first-level heading; else the <title> without the name of the site.
    """
    main_headings = _find_headings(runs, 1)
    title_keys = [_comparison_key(text) for text in (*metadata.headlines, metadata.html_title)]
    site_key = _comparison_key(metadata.site)
    for text in main_headings:
        is_confirmed = any(_is_most_of(_comparison_key(text), title_key) for title_key in title_keys)
        if is_confirmed and not _is_site_name(text, metadata, site_key):
            return text
    title = next((text for text in metadata.headlines if len(text) >= MIN_HEADLINE_LENGTH), "")
    title = title or _confirmed_subheading(metadata, runs)
    usable = [text for text in main_headings if _comparison_key(text) not in (*GENERIC_HEADINGS, site_key)]
    if not title and len(usable) == 1:
        return usable[0]
    without_site = _remove_site_name(title or metadata.html_title, metadata)[:MAX_HEADLINE_LENGTH]
    return without_site or next(iter(usable), "")


def _confirmed_subheading(metadata: PageMetadata, runs: Sequence[TextRun]) -> str:
    """The first heading of level 2, or else 3, that the <title> confirms; "" if there is none."""
    subheadings = [text for level in (2, 3) for text in _find_headings(runs, level)]
    title_key = _comparison_key(metadata.html_title)
    return next(
        (
            text
            for text in subheadings
            if len(text) >= MIN_SUBHEADING_LENGTH and _is_most_of(_comparison_key(text), title_key)
        ),
        "",
    )


def _find_headings(runs: Sequence[TextRun], level: int) -> list[str]:
    """The headings of a level. A heading may have several runs, which are joined."""

    def heading_element(run: TextRun) -> etree._Element:
        return next(element for element in self_and_ancestors(run.element) if element.tag == f"h{level}")

    runs_by_heading = groupby((run for run in runs if run.heading_level == level), key=heading_element)
    headings = (" ".join(run.text for run in heading_runs) for _, heading_runs in runs_by_heading)
    return [heading for heading in headings if MIN_HEADLINE_LENGTH <= len(heading) <= MAX_HEADLINE_LENGTH]


def _remove_site_name(title: str, metadata: PageMetadata) -> str:
    """The title without the name of the site before or after it: "Museum reopens | Coast Herald"."""
    parts = TITLE_SEPARATOR.split(title)
    if len(parts) == 1:
        return title.strip()
    site_key = _comparison_key(metadata.site)
    if site_key and _comparison_key(parts[-1]) == site_key:
        return _longest_breadcrumb(title[: len(title) - len(parts[-1])])
    if site_key and _comparison_key(parts[0]) == site_key:
        return _longest_breadcrumb(title[len(parts[0]) :])
    if title in metadata.headlines:
        return title.strip()
    # The site's name is unknown: the headline ends with the longest part.
    longest = max(parts, key=len)
    return _strip_separators(title[: title.find(longest) + len(longest)])


def _longest_breadcrumb(text: str) -> str:
    return max(BREADCRUMB_SEPARATOR.split(_strip_separators(text)), key=len)


def _strip_separators(text: str) -> str:
    return text.strip(" |·•»«–—:-\t")


def _comparison_key(text: str) -> str:
    """The text without case, punctuation and repeated spaces."""
    return NOT_WORD.sub(" ", text).casefold().strip()


def _is_most_of(heading_key: str, title_key: str) -> bool:
    """Whether a heading is a title or at least half of it, or contains a distinctive title.

    A section's name may be in a title, too, but is less than half of it.
    """
    if not heading_key:
        return False
    return (
        heading_key == title_key
        or (len(heading_key) * 2 >= len(title_key) and heading_key in title_key)
        or (len(title_key) >= MIN_DISTINCTIVE_LENGTH and title_key in heading_key)
    )


def _is_site_name(text: str, metadata: PageMetadata, site_key: str) -> bool:
    """Whether a heading is the site's name, unless the metadata gives it as the headline."""
    key = _comparison_key(text)
    return key == site_key and key not in {_comparison_key(headline) for headline in metadata.headlines[:1]}
