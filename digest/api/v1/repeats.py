"""Requests that a program may repeat safely: with an Idempotency-Key, the first answer is given again for a day.

So a program that got no answer sends the request again, and nothing is created or sent twice. No answer that is stored
has an address of a subscriber.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Response, make_response, request
from werkzeug.exceptions import BadRequest

from digest.accounts.models import RepeatableRequest
from digest.accounts.store import repeatable_requests as store
from digest.api.v1.access import token_holder
from digest.api.v1.reading import JSON_TYPE, InvalidValuesError
from digest.parts import parts
from digest.problem_details import problem_response

KEY_HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 200  # characters
LIFETIME = timedelta(days=1)
# A request that has not ended by then was cut off, for no request takes so long. It is processed again: what it
# creates is unique in the database.
LONGEST_REQUEST = timedelta(minutes=2)


def answered_once(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, which a repeated request with the same Idempotency-Key does not run again."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(KEY_HEADER)
        if key is None:
            return view(*args, **kwargs)
        if not key or len(key) > MAX_KEY_LENGTH or not key.isprintable():
            raise BadRequest(
                f"{KEY_HEADER} needs 1 to {MAX_KEY_LENGTH} printable characters (example: a UUID)."
            )
        earlier = _begin(key)
        return earlier or _run(key, lambda: make_response(view(*args, **kwargs)))

    return run


def creation_key() -> str:
    """A key for what this request creates, the same for its repetitions; "" if the request has no Idempotency-Key."""
    key = request.headers.get(KEY_HEADER)
    return f"token {token_holder().token_id}: {key}" if key else ""


def _begin(key: str) -> Response | None:
    """None if the request is to be processed; else the answer to it, or why there is none yet."""
    p, token_id, digest = parts(), token_holder().token_id, _request_hash()
    now = p.clock()
    with p.db.begin() as tx:
        store.remove_old(tx, now - LIFETIME)
        if store.add(tx, token_id, key, digest, now):
            return None
        row = store.find(tx, token_id, key)
        if row is None:  # it failed at this moment
            return _unfinished()
        if row.request_hash != digest:
            raise InvalidValuesError(
                {KEY_HEADER: f"{key[:60]!r} was used with another request; use a new key"}
            )
        if row.status is not None:
            return _stored_answer(row)
        is_ours = row.at < now - LONGEST_REQUEST and store.take_over(tx, row, now)
    return None if is_ours else _unfinished()


def _run(key: str, process: Callable[[], Response]) -> Response:
    db, token_id = parts().db, token_holder().token_id
    try:
        response = process()
    except BaseException:
        with db.begin() as tx:
            store.remove(tx, token_id, key)
        raise
    with db.begin() as tx:
        if response.status_code < 300:
            location, body = response.headers.get("Location", ""), response.get_data(as_text=True)
            store.finish(tx, token_id, key, status=response.status_code, location=location, body=body)
        else:
            store.remove(tx, token_id, key)
    return response


def _stored_answer(row: RepeatableRequest) -> Response:
    response = Response(row.body, row.status, mimetype=JSON_TYPE)
    if row.location:
        response.headers["Location"] = row.location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _unfinished() -> Response:
    detail = f"A request with this {KEY_HEADER} is being processed. Repeat it in a second to get its answer."
    return problem_response(409, detail, headers={"Retry-After": "1"})


def _request_hash() -> str:
    parts_of_request = (request.method.encode(), request.path.encode(), request.get_data())
    return hashlib.sha256(b"\0".join(parts_of_request)).hexdigest()
