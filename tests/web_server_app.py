"""A small application and a worker with short limits, for the tests of the web server."""

from collections.abc import Callable, Iterable
from typing import Any

from digest.web_server import BufferedThreadWorker

LONG_PAGE = b"x" * 300_000


class QuickWorker(BufferedThreadWorker):
    """The worker, with limits that a test can wait for."""

    REQUEST_TIME = 1.0
    RESPONSE_TIME = 1.0
    MOST_OCTETS = 8_000_000


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers with the length of the body, or with a long page at /long."""
    body = environ["wsgi.input"].read()
    answer = LONG_PAGE if environ["PATH_INFO"] == "/long" else str(len(body)).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
