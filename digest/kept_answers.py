"""Answers of kept pages, given again before Flask begins with a request.

`web/page_cache.py` keeps pages that are the same for everybody. Routing, sessions and limits would still cost many
times what such an answer costs. So while a page is kept, this middleware answers requests without a cookie that agree
in everything the answer may depend on. The counts of requests go on as for all others.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.http import parse_etags
from werkzeug.wsgi import ClosingIterator

from digest.api import metrics, request_ids
from digest.editions.bounded_cache import BoundedCache
from digest.local_requests import is_local
from digest.parts import EXTENSION_KEY, Parts
from digest.web.page_cache import KEPT_PAGE, OF_THE_PAGE, KeptForm

MOST_ANSWERS = 1_000  # of a kilobyte each, beside the kept pages
LONGEST_PATH = 500  # of a path and its query; longer ones are seldom asked for twice
# What an answer may depend on, beside whether the request comes from this machine.
DECIDING = (
    "wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING",
    "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE",
)  # fmt: skip
NOT_ANSWERED = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_RANGE")

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What is sent for a kept page: headers of each answer, and those that only the page itself has."""

    form: KeptForm
    shared: tuple[tuple[str, str], ...]


class KeptAnswers:
    """WSGI middleware around the application. A proxy's headers must be applied before it."""

    def __init__(self, app: Flask) -> None:
        self._next = app.wsgi_app
        self._extensions = app.extensions
        self._answers = BoundedCache[KeptAnswer](MOST_ANSWERS)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer from memory, or let the application answer and remember what it said of a kept page."""
        key = _key(environ)
        if key is None:
            return self._next(environ, start_response)
        answer = self._answers.get(key)
        parts: Parts = self._extensions[EXTENSION_KEY]
        if answer is not None and answer.form.page.is_fresh(parts.clock(), parts.looks.known.version):
            return _give(answer, parts, environ, start_response)

        def start(status: str, headers: Headers, *error: Any) -> Any:
            form = environ.get(KEPT_PAGE)
            if form is not None and status[:3] in ("200", "304"):
                self._answers.replace(key, KeptAnswer(form, _shared(headers)))
            return start_response(status, headers, *error)

        return self._next(environ, start)


def _give(
    answer: KeptAnswer, parts: Parts, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    began, form = time.monotonic(), answer.form
    given_id = environ.get("HTTP_X_REQUEST_ID", "") if parts.settings.trusted_proxies else ""
    headers = [*answer.shared, (request_ids.HEADER, request_ids.choose_id(given_id))]
    is_known = parse_etags(environ.get("HTTP_IF_NONE_MATCH")).contains_weak(form.etag)
    status, body = ("304 NOT MODIFIED", []) if is_known else ("200 OK", [form.body])
    start_response(status, headers if is_known else [*form.headers, *headers])
    metrics.count_request(parts.figures, form.endpoint, "GET", status[:3], time.monotonic() - began)
    return ClosingIterator(body, [parts.figures.flush_if_due])


def _key(environ: dict[str, Any]) -> tuple[object, ...] | None:
    """What decides about the answer; None where only the application may answer."""
    if environ["REQUEST_METHOD"] != "GET" or any(name in environ for name in NOT_ANSWERED):
        return None
    if "HTTP_IF_MODIFIED_SINCE" in environ and "HTTP_IF_NONE_MATCH" not in environ:
        return None
    if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > LONGEST_PATH:
        return None
    sent = (name[5:].replace("_", "-") for name in environ if name.startswith("HTTP_"))
    from_here = is_local(environ.get("REMOTE_ADDR"), environ.get("HTTP_HOST", ""), sent)
    return (from_here, *(environ.get(name) for name in DECIDING))


def _shared(headers: Headers) -> tuple[tuple[str, str], ...]:
    left_out = {*OF_THE_PAGE, "date", request_ids.HEADER.lower()}  # the server adds the date
    return tuple(header for header in headers if header[0].lower() not in left_out)
