"""Problem details (RFC 9457): how the API says what is wrong, and what to do about it."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Response

PROBLEM_TYPE = "application/problem+json"
# The name of each problem, for programs; a heading of the API's page has it. A status that is not here has none.
PROBLEM_NAMES = {
    400: "unreadable-request",
    401: "token-needed",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    412: "changed-meanwhile",
    413: "too-large",
    415: "not-json",
    422: "invalid-values",
    429: "too-many-requests",
    500: "our-error",
    503: "unavailable",
}


def problem_response(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A response that says what is wrong. `errors` has the place of each wrong value, and what is expected there."""
    name = PROBLEM_NAMES.get(status)
    body: dict[str, Any] = {
        "type": f"/api/v1/#{name}" if name else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers=dict(headers or {}), mimetype=PROBLEM_TYPE)
