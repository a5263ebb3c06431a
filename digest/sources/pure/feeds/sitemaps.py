"""Parser for sitemaps (https://www.sitemaps.org/protocol.html) and news sitemaps with titles and dates."""

from datetime import datetime

from lxml import etree

from digest.errors import NewsroomText
from digest.sources.pure.dates.date_parser import parse_date
from digest.sources.pure.entries import DocumentError, Entry, ParsedSource
from digest.sources.pure.feeds.feed_limits import MAX_ENTRIES, SanitizedFeed
from digest.sources.pure.feeds.newest_entries import UNDATED
from digest.sources.pure.feeds.xml_parser import create_xml_parser
from digest.sources.pure.text.markup import collapse_whitespace, resolve_web_url, title_to_text
from digest.sources.states import SourceKind

MAX_CHILD_SITEMAPS = 50  # from one sitemap index; a poll reads the first few of them


def read_sitemap(sanitized: SanitizedFeed, *, url: str) -> ParsedSource:
    """Return the newest `MAX_ENTRIES` pages of a sitemap, or the children of a sitemap index.

    Raises `DocumentError`.
    """
    try:
        root = etree.fromstring(sanitized.text.encode("utf-8", "replace"), create_xml_parser())
    except etree.XMLSyntaxError as error:
        raise DocumentError(NewsroomText("this sitemap can't be read: %(error)s", error=error)) from error
    if root is None:
        raise DocumentError(NewsroomText("this sitemap is empty"))
    if _name(root) == "sitemapindex":
        return _read_index(root, url, sanitized.warnings)
    pages = [page for page in root if _name(page) == "url"]
    warnings = list(sanitized.warnings)
    if len(pages) > MAX_ENTRIES:
        warnings.append(
            NewsroomText(
                "only the newest %(max_entries)s of %(count)s pages were read",
                max_entries=MAX_ENTRIES,
                count=len(pages),
            )
        )
        pages.sort(key=_date, reverse=True)  # sitemaps are unordered; the sort is stable
    entries = tuple(entry for page in pages[:MAX_ENTRIES] if (entry := _entry(page, url)))
    return ParsedSource(
        kind=SourceKind.SITEMAP,
        title=_first(root, "name"),
        language=_first(root, "language"),
        entries=entries,
        warnings=tuple(warnings),
    )


def _read_index(root: etree._Element, url: str, warnings: tuple[str, ...]) -> ParsedSource:
    """Return the child sitemaps of an index: those with "news" in the URL first, then the newest."""
    listed = [child for child in root if _name(child) == "sitemap"]
    listed.sort(key=lambda child: ("news" in _first(child, "loc").lower(), _date(child)), reverse=True)
    candidates = [resolve_web_url(_first(child, "loc"), url) for child in listed]
    urls = tuple(dict.fromkeys(candidate for candidate in candidates if candidate))[:MAX_CHILD_SITEMAPS]
    if not urls:
        raise DocumentError(NewsroomText("this index of sitemaps names no sitemap"))
    return ParsedSource(kind=SourceKind.SITEMAP, link=resolve_web_url(url), children=urls, warnings=warnings)


def _date(element: etree._Element) -> datetime:
    date = _first(element, "publication_date") or _first(element, "lastmod")
    return parse_date(date) or UNDATED


def _entry(page: etree._Element, url: str) -> Entry | None:
    link = resolve_web_url(_first(page, "loc"), url)
    if not link:
        return None
    keywords = [collapse_whitespace(word) for word in _first(page, "keywords").split(",")]
    image = next((child for child in page.iter() if _name(child) == "image"), None)
    return Entry(
        id=link,
        title=title_to_text(_first(page, "title"), is_html=False) or link,
        link=link,
        published=parse_date(_first(page, "publication_date")),
        updated=parse_date(_first(page, "lastmod")),
        categories=tuple(word for word in keywords if word),
        image=resolve_web_url(_first(image, "loc"), url) or None if image is not None else None,
    )


def _first(element: etree._Element, name: str) -> str:
    """Return the text of the first element with this local name, in any namespace; "" if there is none."""
    return next(((child.text or "").strip() for child in element.iter() if _name(child) == name), "")


def _name(element: etree._Element) -> str:
    """Return the local name; "" for comments. etree.QName raises on names that `recover` lets through."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""
