"""The operations of the API: each is declared once, beside its view, with all that OpenAPI and the documents say of it.

Which scope an operation needs is declared in `digest/route_access.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from spectree import Response as SpecResponse
from spectree import SpecTree

from digest.api.v1.blueprint import bp
from digest.api.v1.reading import StrictReading
from digest.api.v1.repeats import answered_once

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Operation:
    """What is declared of an operation beside its models."""

    endpoint: str
    method: str
    path: str
    tag: str
    statuses: tuple[int, ...]  # of success
    problems: tuple[int, ...] = ()  # beside those that follow from the rest; see `openapi.py`
    repeatable: bool = False  # takes an Idempotency-Key
    conditional: bool = False  # takes If-Match
    model: type[BaseModel] | None = None


OPERATIONS: dict[str, Operation] = {}  # by endpoint
SPEC = SpecTree(
    backend=StrictReading,
    mode="strict",
    title="Dateline",
    version="1",
    naming_strategy=lambda model: schema_name(model.__name__),
    nested_naming_strategy=lambda _parent, child: schema_name(child),
    page_templates={},
)


def schema_name(name: str) -> str:
    """The name of a model in OpenAPI.

    >>> schema_name("SourceOut"), schema_name("Page[SourceOut]")
    ('Source', 'PageOfSource')
    """
    inner = re.fullmatch(r"Page[\[_](\w+?)(?:Out)?[\]_]", name)
    return f"PageOf{inner[1]}" if inner else name.removesuffix("Out")


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
        models = {f"HTTP_{status}": answer for status in statuses}
        validated = SPEC.validate(resp=SpecResponse(**models), tags=(tag,), operation_id=name)(view)
        bp.add_url_rule(path, name, answered_once(validated) if repeatable else validated, methods=[method])
        OPERATIONS[f"{bp.name}.{name}"] = Operation(
            f"{bp.name}.{name}", method, path, tag, statuses, problems, repeatable, conditional, answer
        )
        return view

    return register
