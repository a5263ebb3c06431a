"""From the bytes that a source sent to its entries. The only module that knows feedparser."""

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser

from digest.errors import InvalidInputError
from digest.sources.parser_process import run_apart
from digest.sources.pure.entries import NotAFeedError, ParsedSource
from digest.sources.pure.feeds.entry_fields import (
    ATOM_DATES,
    RSS_DATES,
    Found,
    detail_title,
    read_authors,
    read_entry,
)
from digest.sources.pure.feeds.feed_limits import MAX_BYTES, MAX_ENTRIES, Screened, screen
from digest.sources.pure.feeds.json_feed import read_json_feed
from digest.sources.pure.feeds.sitemaps import read_sitemap
from digest.sources.pure.feeds.skip_hours import read_skips
from digest.sources.pure.text.encoding import decode
from digest.sources.pure.text.language import guess
from digest.sources.pure.text.markup import one_line, web_url

PERIODS = {
    "hourly": 1,
    "daily": 24,
    "weekly": 24 * 7,
    "monthly": 24 * 30,
    "yearly": 24 * 365,
}  # sy:updatePeriod, hours
MANAGING_EDITOR = re.compile("<managingEditor>", re.IGNORECASE)
GUESSED_FROM = 20  # entries; enough words to tell a language
LONGEST_TTL = timedelta(days=1)  # a publisher that asks for more gets a daily look


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> ParsedSource:
    """The feed, JSON Feed or news sitemap in `body`, which came from `url`.

    Raises `NotAFeedError`, and nothing else, whatever the bytes are. Costs up to some seconds for a hostile
    body: for what came from the network use `parse_safely`.
    """
    if len(body) > MAX_BYTES:
        raise NotAFeedError(f"the body has {len(body):,} bytes; the most we read is {MAX_BYTES:,}")
    return _with_language(_parse(body, url, content_type))


def _parse(body: bytes, url: str, content_type: str | None) -> ParsedSource:
    text, doubts = decode(body, content_type)
    if text.lstrip()[:1] == "{":
        return read_json_feed(_json(text), url=url)
    screened = screen(text)
    if screened.root == "sitemap":
        return read_sitemap(screened, url=url)
    return _read_feed(_run_feedparser(screened.text), screened, url=url, doubts=doubts)


def parse_safely(body: bytes, *, url: str, content_type: str | None = None) -> ParsedSource:
    """`parse_feed` in a process with limits; adds about 0.2 s. Raises `NotAFeedError`, also for a too costly body."""
    if len(body) > MAX_BYTES:
        raise NotAFeedError(f"the body has {len(body):,} bytes; the most we read is {MAX_BYTES:,}")
    try:
        parsed = run_apart("digest.sources.parser_child", body, {"url": url, "content_type": content_type})
    except InvalidInputError as error:
        raise NotAFeedError(str(error)) from error
    return ParsedSource.from_json(json.loads(parsed))


def _with_language(parsed: ParsedSource) -> ParsedSource:
    """The source with the language that its entries are written in, where it does not say it."""
    if parsed.language:
        return parsed
    words = " ".join(f"{entry.title}. {entry.summary[:200]}" for entry in parsed.entries[:GUESSED_FROM])
    return replace(parsed, language=guess(words))


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise NotAFeedError(f"this looks like JSON but can't be read: {error}") from error


def _run_feedparser(text: str) -> Found:
    # BytesIO, because feedparser opens a body that is a path and fetches one that is a URL. It is not told the
    # document's address: it makes links of empty and forbidden ones by it, and knows nothing of the site's.
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        found: Found = feedparser.parse(
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
        # What feedparser lets through on mangled documents (its issues have one of each).
        raise NotAFeedError(f"this feed is too damaged to be read ({error})") from error
    return found


def _read_feed(found: Found, screened: Screened, *, url: str, doubts: tuple[str, ...]) -> ParsedSource:
    feed, entries = found["feed"], found["entries"][:MAX_ENTRIES]
    warnings = [*doubts, *screened.warnings]
    if found.get("bozo"):
        warnings.append(f"not well formed: {one_line(str(found.get('bozo_exception')))[:200]}")
    if screened.cut:
        entries = entries[:-1]
        warnings.append("the document is cut off; its last, unfinished entry was left out")
    if not (entries or found.get("version") or feed.get("title")):
        raise NotAFeedError("this has a feed's first tag, but nothing of a feed in it")
    site = web_url(feed.get("link"), url)
    # RSS's managing editor answers for the feed, often as "web support"; he did not write the articles.
    authors = "" if MANAGING_EDITOR.search(screened.text) else read_authors(feed)
    dates = ATOM_DATES if str(found.get("version")).startswith("atom") else RSS_DATES
    return ParsedSource(
        kind="feed",
        title=detail_title(feed) or site or web_url(url),
        link=site,
        language=one_line(str(feed.get("language") or ""))[:35],  # RFC 5646's longest tag
        entries=tuple(
            read_entry(entry, base=site or web_url(url), feed_authors=authors, date_keys=dates)
            for entry in entries
        ),
        warnings=tuple(warnings),
        ttl=_ttl(feed),
        skips=read_skips(screened.text),
    )


def _ttl(feed: Found) -> timedelta | None:
    """How long the publisher asks us to wait: RSS's ttl in minutes, or the syndication module's period."""
    minutes = re.match(r"\s*(\d{1,6})", str(feed.get("ttl") or ""))
    if minutes:
        return min(timedelta(minutes=int(minutes[1])), LONGEST_TTL) or None
    hours = PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    if hours is None:
        return None
    frequency = re.match(r"\s*(\d{1,4})", str(feed.get("sy_updatefrequency") or ""))
    return min(timedelta(hours=hours) / max(int(frequency[1]) if frequency else 1, 1), LONGEST_TTL)
