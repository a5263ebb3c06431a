"""Parse a document whose kind is not known yet: a feed, a sitemap or a page."""

import json
import re
from datetime import datetime

from digest.errors import InvalidInputError, NewsroomText
from digest.sources.parser_process import run_isolated
from digest.sources.pure.entries import DocumentError, ParsedSource
from digest.sources.pure.feeds.feed_language import with_language
from digest.sources.pure.feeds.feed_limits import MAX_BYTES, check_size, detect_format
from digest.sources.pure.pages.parsed_page import ParsedPage
from digest.sources.pure.text.encoding import decode
from digest.sources.pure.text.gzip_stream import unpack
from digest.sources.states import SourceKind

ParsedDocument = ParsedSource | ParsedPage
BINARY_CHARACTER = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
MAX_BINARY_SHARE = 0.01  # of the characters in a document that counts as text
SAMPLE_LENGTH = 20_000  # characters


def parse_document(
    body: bytes, *, url: str, content_type: str | None = None, now: datetime
) -> ParsedDocument:
    """The feed, sitemap or page in `body`, perhaps packed by gzip, which came from `url` at `now`.

    Raises `DocumentError` with the reason if it is none of them, or too large. Use `parse_document_isolated` for
    documents from the network.
    """
    check_size(body)
    body = unpack(body, MAX_BYTES)
    text, _ = decode(body, content_type)
    kind = detect_format(text)
    if kind in ("html", "text"):
        return _parse_page(text, url=url, now=now, is_html=kind == "html")
    # Imported here because it imports feedparser, which only child processes need.
    from digest.sources.pure.feeds.feed_parser import parse_feed

    return parse_feed(body, url=url, content_type=content_type)


def parse_feed_isolated(body: bytes, *, url: str, content_type: str | None = None) -> ParsedSource:
    """Run `parse_feed` in a process with limits; this adds about 0.2 s.

    The language is detected in this process, from plain text: the model takes 0.7 s and 80 MB, once for each process.
    Raises `DocumentError`, also for a body that exceeds the limits.
    """
    check_size(body)
    try:
        parsed = run_isolated("digest.sources.parser_child", body, {"url": url, "content_type": content_type})
    except InvalidInputError as error:
        raise DocumentError(str(error)) from error
    return with_language(ParsedSource.from_json(json.loads(parsed)))


def parse_document_isolated(
    body: bytes, *, url: str, content_type: str | None = None, now: datetime
) -> ParsedDocument:
    """`parse_document` in a child process with limits. Raises `DocumentError`, also if a limit is exceeded."""
    check_size(body)
    request = {"url": url, "content_type": content_type, "now": now.isoformat()}
    try:
        data = json.loads(run_isolated("digest.sources.parser_child", body, request))
    except InvalidInputError as error:
        raise DocumentError(str(error)) from error
    return ParsedPage.deserialize(data) if data["kind"] == SourceKind.PAGE else ParsedSource.from_json(data)


def _parse_page(text: str, *, url: str, now: datetime, is_html: bool) -> ParsedPage:
    if is_html:
        # Imported here because trafilatura takes half a second to import, and feeds don't need it.
        from digest.sources.pure.pages.page_parser import parse_page

        return parse_page(text, url=url, now=now)
    from digest.sources.pure.pages.plain_page_parser import parse_plain_page

    sample = text[:SAMPLE_LENGTH]
    if len(BINARY_CHARACTER.findall(sample)) > MAX_BINARY_SHARE * len(sample):
        raise DocumentError(NewsroomText("this is not text: it is a picture, an archive or some other file"))
    return parse_plain_page(text, now=now)
