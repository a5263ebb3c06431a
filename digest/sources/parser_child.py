"""The child process that parses untrusted documents: reads them from standard input, writes JSON to standard output."""

import json
import sys
from datetime import datetime
from typing import Any

from digest.sources.parser_process import serve_requests
from digest.sources.pure.feeds.feed_parser import parse_stated


def handle_request(body: bytes, request: dict[str, Any]) -> str:
    """The parsed document as JSON. A request without "now" accepts only a feed or a sitemap, not a page.

    The language of a feed is left to who asks: a child is ended after some minutes, and would load the model each time.
    """
    if request.get("now") is None:
        feed = parse_stated(body, url=request["url"], content_type=request["content_type"])
        return json.dumps(feed.as_json())
    # Imported here because the parsers of pages take a quarter of a child's start, and most children read feeds alone.
    from digest.sources.documents import parse_document
    from digest.sources.pure.pages.parsed_page import ParsedPage

    now = datetime.fromisoformat(request["now"])
    document = parse_document(body, url=request["url"], content_type=request["content_type"], now=now)
    return json.dumps(document.serialize() if isinstance(document, ParsedPage) else document.as_json())


if __name__ == "__main__":
    sys.exit(serve_requests(handle_request))
