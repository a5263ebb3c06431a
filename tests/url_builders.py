"""Makes applications quickly: werkzeug compiles the code that builds a route's URLs once, not for each application.

Compiling is most of the time that an application takes to make, and almost every test of a page makes one.
"""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


def keep_url_builders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is compiled for a rule, for equal rules of later applications.

    A builder holds texts only: it gets its rule, and with it the application's own converters, as an argument.
    """
    compile_builder: Callable[[Rule, bool], Builder] = Rule._compile_builder
    kept: dict[tuple[Any, ...], Builder] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Builder:
        if rule.defaults:  # are converted already
            return compile_builder(rule, append_unknown)
        key = (repr(rule), tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    monkeypatch.setattr(Rule, "_compile_builder", compile_once)
