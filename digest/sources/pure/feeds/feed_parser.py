"""Parser for feeds, JSON Feeds and news sitemaps. The only module that imports feedparser."""

import io
import json
import re
from datetime import timedelta
from typing import Any

import feedparser

from digest.errors import NewsroomText
from digest.sources.pure.entries import DocumentError, ParsedSource
from digest.sources.pure.feeds.entry_fields import (
    ATOM_DATE_KEYS,
    RSS_DATE_KEYS,
    FeedparserData,
    read_authors,
    read_entry,
    read_title,
)
from digest.sources.pure.feeds.feed_language import with_language
from digest.sources.pure.feeds.feed_limits import (
    MAX_BYTES,
    MAX_ENTRIES,
    SanitizedFeed,
    check_size,
    sanitize_feed,
)
from digest.sources.pure.feeds.json_feed import read_json_feed
from digest.sources.pure.feeds.sitemaps import read_sitemap
from digest.sources.pure.feeds.skip_hours import read_skip_schedule
from digest.sources.pure.text.encoding import decode
from digest.sources.pure.text.gzip_stream import unpack
from digest.sources.pure.text.markup import collapse_whitespace, resolve_web_url
from digest.sources.states import SourceKind

# The hours of each sy:updatePeriod.
UPDATE_PERIOD_HOURS = {
    "hourly": 1,
    "daily": 24,
    "weekly": 24 * 7,
    "monthly": 24 * 30,
    "yearly": 24 * 365,
}
MANAGING_EDITOR = re.compile("<managingEditor>", re.IGNORECASE)
MAX_TTL = timedelta(days=1)  # a source is polled at least daily


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedSource:
    """Parse the feed, JSON Feed or sitemap in `body`, perhaps packed by gzip, which came from `url`.

    Raises only `DocumentError`, for any bytes. A hostile body can take some seconds: use `parse_feed_isolated`
    for bodies from the network.
    """
    return with_language(parse_stated(body, url=url, content_type=content_type))


def parse_stated(body: bytes, *, url: str, content_type: str | None = None) -> ParsedSource:
    """What `parse_feed` returns, with the language only if the document states it."""
    check_size(body)
    return _parse(unpack(body, MAX_BYTES), url, content_type)


def _parse(body: bytes, url: str, content_type: str | None) -> ParsedSource:
    text, decode_warnings = decode(body, content_type)
    if text.lstrip()[:1] == "{":
        return read_json_feed(_json(text), url=url)
    sanitized = sanitize_feed(text)
    if sanitized.kind == SourceKind.SITEMAP:
        return read_sitemap(sanitized, url=url)
    return _read_feed(_run_feedparser(sanitized.text), sanitized, url=url, decode_warnings=decode_warnings)


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise DocumentError(
            NewsroomText("this looks like JSON but can't be read: %(error)s", error=error)
        ) from error


def _run_feedparser(text: str) -> FeedparserData:
    # BytesIO, because feedparser opens a body that is a path and fetches a body that is a URL. We do not pass the
    # document's address, because feedparser would turn empty links and links of forbidden schemes into links to the
    # document, and does not know the site's address.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        document: FeedparserData = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        AssertionError,
        RecursionError,
    ) as error:
        # feedparser lets these through on damaged documents (its issue tracker has an example of each).
        raise DocumentError(
            NewsroomText("this feed is too damaged to be read (%(error)s)", error=error)
        ) from error
    return document


def _read_feed(
    document: FeedparserData, sanitized: SanitizedFeed, *, url: str, decode_warnings: tuple[str, ...]
) -> ParsedSource:
    feed, entries = document["feed"], document["entries"][:MAX_ENTRIES]
    warnings = [*decode_warnings, *sanitized.warnings]
    if document.get("bozo"):
        warnings.append(
            NewsroomText(
                "not well formed: %(error)s",
                error=collapse_whitespace(str(document.get("bozo_exception")))[:200],
            )
        )
    if sanitized.truncated:
        entries = entries[:-1]
        warnings.append(NewsroomText("the document is cut off; its last, unfinished entry was left out"))
    if not (entries or document.get("version") or feed.get("title")):
        raise DocumentError(NewsroomText("this begins with a feed's first tag, but contains no feed"))
    site = resolve_web_url(feed.get("link"), url)
    # RSS's managing editor is responsible for the feed, often as "web support", and is not the articles' author.
    feed_authors = "" if MANAGING_EDITOR.search(sanitized.text) else read_authors(feed)
    date_keys = ATOM_DATE_KEYS if str(document.get("version")).startswith("atom") else RSS_DATE_KEYS
    return ParsedSource(
        kind=SourceKind.FEED,
        title=read_title(feed) or site or resolve_web_url(url),
        link=site,
        language=collapse_whitespace(str(feed.get("language") or ""))[:35],  # RFC 5646's longest tag
        entries=tuple(
            read_entry(
                entry, base=site or resolve_web_url(url), feed_authors=feed_authors, date_keys=date_keys
            )
            for entry in entries
        ),
        warnings=tuple(warnings),
        ttl=_ttl(feed),
        skips=read_skip_schedule(sanitized.text),
    )


def _ttl(feed: FeedparserData) -> timedelta | None:
    """Return the interval that the publisher asks for: RSS's ttl in minutes, or the syndication module's period."""
    minutes = re.match(r"\s*(\d{1,6})", str(feed.get("ttl") or ""))
    if minutes:
        return min(timedelta(minutes=int(minutes[1])), MAX_TTL) or None
    hours = UPDATE_PERIOD_HOURS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    if hours is None:
        return None
    frequency = re.match(r"\s*(\d{1,4})", str(feed.get("sy_updatefrequency") or ""))
    return min(timedelta(hours=hours) / max(int(frequency[1]) if frequency else 1, 1), MAX_TTL)
