"""The operations of the API: each is declared once, beside its view, with all that OpenAPI and the documents say of it.

Which scope an operation needs is declared in `digest/route_access.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from pydantic import BaseModel

from digest.api.v1.blueprint import bp
from digest.api.v1.reading import read_request
from digest.api.v1.repeats import answered_once

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operation:
    """What is declared of an operation beside its models."""

    endpoint: str
    method: str
    path: str
    tag: str
    view: Callable[..., Any]  # its annotations `query` and `json` are the models of the request
    statuses: tuple[int, ...]  # of success
    problems: tuple[int, ...] = ()  # beside those that follow from the rest; see `openapi.py`
    repeatable: bool = False  # takes an Idempotency-Key
    conditional: bool = False  # takes If-Match
    model: type[BaseModel] | None = None


OPERATIONS: dict[str, Operation] = {}  # by endpoint


def operation(
    method: str,
    path: str,
    *,
    tag: str,
    answer: type[BaseModel] | None = None,
    statuses: tuple[int, ...] = (200,),
    problems: tuple[int, ...] = (),
    repeatable: bool = False,
    conditional: bool = False,
) -> Callable[[View], View]:
    """Make a view an operation. Its annotations `query` and `json` are the models of the request.

    `answer` is the model of a successful answer's body; None: it has none.
    """

    def register(view: View) -> View:
        name = view.__name__
        reading = _read_first(view)
        bp.add_url_rule(path, name, answered_once(reading) if repeatable else reading, methods=[method])
        OPERATIONS[f"{bp.name}.{name}"] = Operation(
            f"{bp.name}.{name}", method, path, tag, view, statuses, problems, repeatable, conditional, answer
        )
        return view

    return register


def _read_first(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, called with the values of the request that it asks for."""
    models: dict[str, type[BaseModel]] = {
        name: view.__annotations__[name] for name in ("query", "json") if name in view.__annotations__
    }

    @wraps(view)
    def run(**values: Any) -> Any:
        return view(**values, **read_request(models))

    return run
