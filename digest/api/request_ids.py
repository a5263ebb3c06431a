"""Gives each request an id: it is in every line that is logged meanwhile, and in the response."""

import re
import secrets
from contextlib import ExitStack

from flask import Flask, Response, g, request

from digest.logs import log_context
from digest.parts import parts

HEADER = "X-Request-ID"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def identify_requests(app: Flask) -> None:
    """Give each request an id: the one that a trusted proxy sends, or a new one."""
    app.before_request(_begin)
    app.after_request(_name_response)
    app.teardown_request(_end)


def choose_id(given: str) -> str:
    """The id of a request: the given one if it is well formed, else a new one."""
    return given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)


def _begin() -> None:
    g.request_id = choose_id(request.headers.get(HEADER, "") if parts().settings.trusted_proxies else "")
    g.log_stack = ExitStack()
    g.log_stack.enter_context(log_context(request_id=g.request_id))


def _name_response(response: Response) -> Response:
    if "request_id" in g:
        response.headers[HEADER] = g.request_id
    return response


def _end(_error: BaseException | None) -> None:
    if (stack := g.pop("log_stack", None)) is not None:
        stack.close()
