"""The process that `parse_safely` starts: parses the body on its standard input and prints JSON."""

import json
import sys
from typing import Any

from digest.sources.parsing import parse_feed
from digest.sources.sandbox import serve


def parse(body: bytes, order: dict[str, Any]) -> str:
    """The parsed source as JSON."""
    return json.dumps(parse_feed(body, url=order["url"], content_type=order["content_type"]).as_json())


if __name__ == "__main__":
    sys.exit(serve(parse))
