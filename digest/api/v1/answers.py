"""How answers are written: JSON with an ETag, pages with a cursor, only the fields that were asked for."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.http import parse_etags

from digest.api.v1.blueprint import bp
from digest.api.v1.problems import PreconditionFailedError
from digest.api.v1.reading import JSON_TYPE, InvalidValuesError

MAX_PAGE_SIZE = 200
ETAG_LENGTH = 32  # hexadecimal digits
Row = TypeVar("Row", bound=BaseModel)


class Query(BaseModel):
    """The parameters of a request; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class PageQuery(Query):
    """Which page of a list, and which fields of its rows."""

    limit: int = Field(50, ge=1, le=MAX_PAGE_SIZE, description="Rows of a page.")
    cursor: str | None = Field(None, max_length=200, description="`next` of the page before.")
    fields: str | None = Field(
        None,
        max_length=1000,
        description="Names of the fields to answer with, separated by commas; all if left out.",
    )


class Page(BaseModel, Generic[Row]):
    """A page of a list, and the cursor of the next one."""

    model_config = ConfigDict(defer_build=True)

    data: list[Row]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


def answer(model: BaseModel, status: int = 200, *, location: str = "") -> Response:
    """A model as JSON."""
    response = Response(_as_json(model.model_dump(mode="json")), status, mimetype=JSON_TYPE)
    if location:
        response.headers["Location"] = location
    return response


def no_content() -> Response:
    """The answer of a change that leaves nothing to show."""
    return Response(status=204)


def page_answer(
    rows: Sequence[Row],
    query: PageQuery,
    model: type[Row],
    *,
    key: Callable[[Row], int | str] = attrgetter("id"),
) -> Response:
    """A page of `rows`, of which there is one more than `query.limit` if another page follows."""
    names = _chosen_fields(query)
    if names and (unknown := sorted(names - model.model_fields.keys())):
        raise InvalidValuesError({"?fields": f'There is no field "{unknown[0][:60]}"'})
    shown = rows[: query.limit]
    cursor = write_cursor(key(shown[-1])) if len(rows) > query.limit else None
    data = [row.model_dump(mode="json", include=names) for row in shown]
    response = Response(_as_json({"data": data, "next": cursor}), mimetype=JSON_TYPE)
    if cursor:
        parameters = {name: value for name, value in request.args.items() if name != "cursor"}
        target = f"{request.path}?{urlencode(parameters | {'cursor': cursor})}"
        response.headers["Link"] = f'<{target}>; rel="next"'
    return response


def write_cursor(value: int | str) -> str:
    """The cursor behind a row. Programs must not read it: what is in it may change."""
    return base64.urlsafe_b64encode(f"1:{value}".encode()).decode().rstrip("=")


def read_cursor(query: PageQuery) -> str:
    """What the cursor of a request stands behind; "" without one. Raises InvalidValuesError."""
    if query.cursor is None:
        return ""
    try:
        padded = query.cursor.encode("ascii") + b"=" * (-len(query.cursor) % 4)
        version, _, value = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        version = value = ""
    if version != "1" or not value:
        raise InvalidValuesError({"?cursor": f'"{query.cursor[:40]}" is not `next` of an earlier page'})
    return value


def read_id_cursor(query: PageQuery) -> int | None:
    """The row id that the cursor of a request stands behind; None without one. Raises InvalidValuesError."""
    value = read_cursor(query)
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise InvalidValuesError({"?cursor": "This cursor is of another list"})
    return int(value)


def require_match(model: BaseModel) -> None:
    """Raise PreconditionFailedError unless the thing is still what If-Match names; anything is without that header."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return
    if not parse_etags(header).contains(_etag(_as_json(model.model_dump(mode="json")).encode())):
        raise PreconditionFailedError(
            "It was changed since you read it (If-Match does not fit). Read it again, then repeat the change."
        )


@bp.after_request
def add_etag(response: Response) -> Response:
    """Let programs ask whether a thing has changed. What is answered may be kept only by the program itself."""
    if response.mimetype == JSON_TYPE:  # problems have another type
        response.set_etag(_etag(response.get_data()))
    if request.method in ("GET", "HEAD") and response.status_code == 200 and response.mimetype == JSON_TYPE:
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    response.headers.setdefault("Vary", "Authorization")
    return response


def _chosen_fields(query: PageQuery) -> set[str] | None:
    return set(filter(None, map(str.strip, query.fields.split(",")))) or None if query.fields else None


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:ETAG_LENGTH]
