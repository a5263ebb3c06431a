"""The process that reads untrusted documents: a feed, a sitemap or a page on its standard input, JSON on its output."""

import json
import sys
from datetime import datetime
from typing import Any

from digest.sources.documents import read_document
from digest.sources.parser_process import serve
from digest.sources.pure.feeds.feed_parser import parse_feed
from digest.sources.pure.pages.parsed_page import ParsedPage


def parse(body: bytes, order: dict[str, Any]) -> str:
    """The document as JSON; an order that tells no time asks for a feed and nothing else."""
    if order.get("now") is None:
        return json.dumps(parse_feed(body, url=order["url"], content_type=order["content_type"]).as_json())
    now = datetime.fromisoformat(order["now"])
    read = read_document(body, url=order["url"], content_type=order["content_type"], now=now)
    return json.dumps(read.as_letter() if isinstance(read, ParsedPage) else read.as_json())


if __name__ == "__main__":
    sys.exit(serve(parse))
