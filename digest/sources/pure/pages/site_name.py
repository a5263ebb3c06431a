"""The name of the site that a page belongs to, from its metadata, its link home, or its title beside the headline."""

import re
from collections.abc import Iterator

from lxml import etree

from digest.sources.pure.naming.source_name import is_name
from digest.sources.pure.pages.metadata import PageMetadata
from digest.sources.pure.text.markup import collapse_whitespace, resolve_web_url

MAX_NAME_LENGTH = 60  # characters
MAX_LINKS = 300  # of a page that are looked at: its header comes first
TITLE_SEPARATOR = re.compile(r"\s+[-–—|:·•»/]+\s+|\s*[|»]\s*")


def find_site_name(root: etree._Element, metadata: PageMetadata, *, url: str, headline: str) -> str:
    """The name of the site of the page at `url`; "" if the page does not say it."""
    candidates = (
        metadata.site,
        *_names_in_home_links(root, url, headline),
        _part_beside(metadata.html_title, headline),
    )
    return next((name for name in candidates if is_name(name) and len(name) <= MAX_NAME_LENGTH), "")


def _names_in_home_links(root: etree._Element, url: str, headline: str) -> Iterator[str]:
    """The texts of the links to the site's front page: words, the name of a logo, or a description."""
    home = resolve_web_url("/", url)
    links = (
        link
        for link in root.iter("a")
        if home and resolve_web_url(link.get("href"), url) in (home, home.rstrip("/"))
    )
    for _, link in zip(range(MAX_LINKS), links, strict=False):
        images = [image.get("alt") or "" for image in link.iter("img")]
        texts = (
            "".join(map(str, link.itertext())),
            *images,
            link.get("title") or "",
            link.get("aria-label") or "",
        )
        yield from (text for text in map(collapse_whitespace, texts) if text and text != headline)


def _part_beside(html_title: str, headline: str) -> str:
    """The part of a page's title that is not its headline, "" if the title is only one of them."""
    parts = [part.strip() for part in TITLE_SEPARATOR.split(html_title) if part.strip()]
    if len(parts) < 2 or not headline or headline not in html_title:
        return ""
    others = [part for part in parts if part not in headline]
    return next((part for part in reversed(others) if is_name(part)), "")
