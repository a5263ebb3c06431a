"""How requests are read: query and JSON body into the models of an operation, strictly and with every error named."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

from flask import Request, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from digest.errors import InvalidInputError

JSON_TYPE = "application/json"
MAX_ERRORS = 20  # that one answer names
MAX_DEPTH = 20  # of a body; no operation needs more than 4


class InvalidValuesError(InvalidInputError):
    """Some values are invalid; `errors` has the place of each, and a sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = [{"at": at, "detail": detail} for at, detail in errors.items()]


def read_request(models: Mapping[str, type[BaseModel]]) -> dict[str, BaseModel]:
    """The values of this request for its models: `query`, `json`, or both. Raises InvalidValuesError, BadRequest."""
    query, body = models.get("query"), models.get("json")
    given = _require_text(_parameters(), "query")
    if query is None and given:
        _refuse_parameters(given)
    values = {"query": _validated("query", partial(query.model_validate, given))} if query else {}
    if body is not None:
        read_json(request)
        # From JSON, so that a text may be a date, and yet `false` is no number.
        values["json"] = _validated("body", partial(body.model_validate_json, request.get_data()))
    return values


def _parameters() -> dict[str, str | list[str]]:
    """The parameters of this request; one that is repeated is a list, which no operation takes."""
    return {name: given[0] if len(given) == 1 else given for name, given in request.args.lists()}


def read_json(request: Request) -> None:
    """Raise UnsupportedMediaType or BadRequest unless a request's body is JSON that can be stored."""
    if request.mimetype != JSON_TYPE:
        shown = request.mimetype[:80] or "no type"
        raise UnsupportedMediaType(f"The body has {shown}; send JSON with Content-Type: {JSON_TYPE}.")
    try:
        value = json.loads(request.get_data().decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            f'The body is not JSON ({str(error)[:120]}; example: {{"name": "value"}}).'
        ) from None
    _require_text(value, "body")


def _validated(part: str, validate: Callable[[], BaseModel]) -> BaseModel:
    try:
        return validate()
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)[:MAX_ERRORS]
        raise InvalidValuesError({_place(part, item["loc"]): _sentence(item) for item in problems}) from None


def _place(part: str, location: tuple[int | str, ...]) -> str:
    """The place of a value: a JSON pointer into the body, or the name of a parameter."""
    if part == "query":
        return f"?{location[0]}" if location else "?"
    return "".join(f"/{str(step)[:60]}" for step in location) or "/"


def _sentence(problem: Any) -> str:
    shown = problem["input"]
    value = json.dumps(shown)[:60] if isinstance(shown, str | int | float | bool | None) else ""
    given = f" (it is {value})" if value and problem["type"] != "missing" else ""
    return f"{problem['msg']}{given}"


def _refuse_parameters(values: Mapping[str, Any]) -> NoReturn:
    raise InvalidValuesError(
        {f"?{name[:60]}": "There is no such parameter" for name in list(values)[:MAX_ERRORS]}
    )


def _require_text(value: Any, part: str, depth: int = 0) -> Any:
    """The value. Raises BadRequest for a text that no database holds, or for a body that is nested too deep."""
    if depth > MAX_DEPTH:
        raise BadRequest(f"The {part} is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
            raise BadRequest(
                f"The {part} has a character that is no text (NUL, or half of a surrogate pair)."
            )
    elif isinstance(value, dict):
        for name, item in value.items():
            _require_text(name, part, depth + 1)
            _require_text(item, part, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _require_text(item, part, depth + 1)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
