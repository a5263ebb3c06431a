"""What Spectree describes of the operations: paths, parameters and models.

Only `openapi.py` imports this, once somebody asks for the description: making it takes longer than starting a process.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, cast

from spectree import Response, SpecTree
from spectree.plugins.flask_plugin import FlaskPlugin
from werkzeug.routing import Rule

from digest.api.v1.operations import OPERATIONS


@cache
def paths_and_models() -> Mapping[str, Any]:
    """The description of all operations, without what `openapi.py` adds to each. Needs an application."""
    spec = SpecTree(
        backend=_OperationsPlugin,
        mode="strict",
        title="Dateline",
        version="1",
        naming_strategy=lambda model: schema_name(model.__name__),
        nested_naming_strategy=lambda _parent, child: schema_name(child),
        page_templates={},
    )
    plugin = cast("_OperationsPlugin", spec.backend)
    for endpoint, found in OPERATIONS.items():
        answers = Response(**{f"HTTP_{status}": found.model for status in found.statuses})
        declare = spec.validate(resp=answers, tags=(found.tag,), operation_id=found.view.__name__)
        plugin.declared[endpoint] = declare(found.view)
    described: Mapping[str, Any] = spec.spec
    return described


def schema_name(name: str) -> str:
    """The name of a model in OpenAPI.

    >>> schema_name("SourceOut"), schema_name("Page[SourceOut]")
    ('Source', 'PageOfSource')
    """
    inner = re.fullmatch(r"Page[\[_](\w+?)(?:Out)?[\]_]", name)
    return f"PageOf{inner[1]}" if inner else name.removesuffix("Out")


class _OperationsPlugin(FlaskPlugin):
    """Finds the routes of the operations. Requests are read in `reading.py`, not by Spectree."""

    def __init__(self, spectree: SpecTree) -> None:
        super().__init__(spectree)
        self.declared: dict[str, Callable[..., Any]] = {}  # by endpoint

    def parse_func(self, route: Rule) -> Iterator[tuple[str, Callable[..., Any]]]:
        """The method of a route, and its view; nothing of other pages."""
        if route.endpoint in self.declared:
            yield OPERATIONS[route.endpoint].method, self.declared[route.endpoint]
