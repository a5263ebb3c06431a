"""Whatever a source may send, read as what it is: a feed, a sitemap, or a page."""

import json
import re
from datetime import datetime

from digest.errors import InvalidInputError
from digest.sources.parser_process import run_apart
from digest.sources.pure.entries import NotAFeedError, ParsedSource
from digest.sources.pure.feeds.feed_limits import MAX_BYTES, document_kind
from digest.sources.pure.feeds.feed_parser import parse_feed
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.text.encoding import decode

Document = ParsedSource | ParsedPage
BINARY = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
MOST_BINARY = 0.01  # share of such characters in a text that is one
SAMPLE = 20_000  # characters


def read_document(body: bytes, *, url: str, content_type: str | None = None, now: datetime) -> Document:
    """The feed, sitemap or page in `body`, which came from `url` at `now`.

    Raises `NotAFeedError` with the reason where it is none of them. For what came from the network use `read_safely`.
    """
    if len(body) > MAX_BYTES:
        raise NotAFeedError(f"the body has {len(body):,} bytes; the most we read is {MAX_BYTES:,}")
    text, _ = decode(body, content_type)
    kind = document_kind(text)
    if kind in ("html", "text"):
        return _page(text, url=url, now=now, html=kind == "html")
    return parse_feed(body, url=url, content_type=content_type)


def read_safely(body: bytes, *, url: str, content_type: str | None = None, now: datetime) -> Document:
    """`read_document` in a process with limits. Raises `NotAFeedError`, also for a too costly body."""
    if len(body) > MAX_BYTES:
        raise NotAFeedError(f"the body has {len(body):,} bytes; the most we read is {MAX_BYTES:,}")
    order = {"url": url, "content_type": content_type, "now": now.isoformat()}
    try:
        read = json.loads(run_apart("digest.sources.parser_child", body, order))
    except InvalidInputError as error:
        raise NotAFeedError(str(error)) from error
    return ParsedPage.from_letter(read) if read["kind"] == "page" else ParsedSource.from_json(read)


def _page(text: str, *, url: str, now: datetime, html: bool) -> ParsedPage:
    # Imported here because trafilatura takes half a second, and feeds don't need it.
    if html:
        from digest.sources.pure.pages.page_parser import read_page

        return read_page(text, url=url, now=now)
    from digest.sources.pure.pages.plain_page_parser import read_plain_page

    sample = text[:SAMPLE]
    if len(BINARY.findall(sample)) > MOST_BINARY * len(sample):
        raise NotAFeedError("this is no text: a picture, an archive or some other file")
    return read_plain_page(text, now=now)
