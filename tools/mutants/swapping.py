"""Puts a mutation into a module that is already imported, so that nothing has to be imported again.

Other modules have the module's functions by name. So a function keeps its identity and gets the changed code, and a
constant is replaced wherever its value stands under its name.
"""

import functools
import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePath
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tools.mutants.mutations import Mutation, Place

SIMPLE = (bool, int, float, str, bytes, datetime, timedelta, PurePath, re.Pattern, frozenset, tuple)
DECORATED = (
    FunctionType, staticmethod, classmethod, property, functools.cached_property, functools.partial,
    functools._lru_cache_wrapper,
)  # fmt: skip


class NotAppliedError(Exception):
    """The function or constant was not found, so nothing was tested."""


class ChangedModuleError(Exception):
    """The changed module can't be imported, which every test would notice."""


def put_in(module: ModuleType, source: str, mutation: Mutation) -> None:
    """Change a module, in this process, as a mutation says."""
    code = compile(mutation.applied(source), module.__file__ or "", "exec")
    if mutation.place is Place.BODY:
        _swap_code(module, code, mutation.scope)
    else:
        _swap_values(module, code)
    _forget_results(module)


def _swap_code(module: ModuleType, code: CodeType, scope: str) -> None:
    functions = [function for function in functions_of(module) if function.__code__.co_qualname == scope]
    changed = [each for each in _code_objects(code) if each.co_qualname == scope]
    swapped = 0
    for function in functions:
        for candidate in changed:
            if candidate.co_firstlineno == function.__code__.co_firstlineno:
                function.__code__ = candidate
                swapped += 1
    if not swapped:
        raise NotAppliedError(scope)


def _code_objects(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _code_objects(constant)


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """The functions and methods that a module defines, also those inside of decorators."""
    seen: set[int] = set()
    for value in list(vars(module).values()):
        yield from _functions_in(value, module.__name__, seen)


def _functions_in(value: Any, module: str, seen: set[int]) -> Iterator[FunctionType]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, FunctionType) and value.__module__ == module:
        yield value
    if isinstance(value, type) and value.__module__ == module:
        for member in list(vars(value).values()):
            yield from _functions_in(member, module, seen)
    if isinstance(value, DECORATED):
        for name in ("__wrapped__", "__func__", "fget", "func"):
            yield from _functions_in(getattr(value, name, None), module, seen)


def _swap_values(module: ModuleType, code: CodeType) -> None:
    changed: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__}
    try:
        exec(code, changed)  # noqa: S102 - our own module, with one change
    except Exception as error:
        raise ChangedModuleError(type(error).__name__) from error
    swapped = 0
    for name, old in list(vars(module).items()):
        new = changed.get(name)
        if isinstance(old, SIMPLE) and isinstance(new, SIMPLE) and new != old:
            _replace_everywhere(name, old, new)
            swapped += 1
        elif isinstance(old, dict) and isinstance(new, dict) and _is_simple(old) and new != old:
            old.clear()
            old.update(new)
    new_functions = {function.__qualname__: function for function in _defined(changed, module.__name__)}
    for function in functions_of(module):
        new_function = new_functions.get(function.__qualname__)
        if new_function and _defaults(new_function) != _defaults(function):
            function.__defaults__, function.__kwdefaults__ = _defaults(new_function)
            swapped += 1
    if not swapped:
        raise NotAppliedError


def _is_simple(table: dict[Any, Any]) -> bool:
    return all(isinstance(value, SIMPLE) for value in table.values())


def _defined(namespace: dict[str, Any], name: str) -> Iterator[FunctionType]:
    seen: set[int] = set()
    for value in list(namespace.values()):
        yield from _functions_in(value, name, seen)


def _defaults(function: FunctionType) -> tuple[Any, Any]:
    return function.__defaults__, function.__kwdefaults__


def _replace_everywhere(name: str, old: Any, new: Any) -> None:
    for module in list(sys.modules.values()):
        namespace = getattr(module, "__dict__", {})
        if namespace.get("__name__", "").startswith(("digest", "tests")) and namespace.get(name) is old:
            namespace[name] = new


def _forget_results(module: ModuleType) -> None:
    """Empty the caches of functions, and tables that fill themselves, in this module and in those that import it."""
    for name in importers_of(module.__name__):
        for value in list(vars(sys.modules[name]).values()):
            if isinstance(value, functools._lru_cache_wrapper):
                value.cache_clear()
            elif isinstance(value, dict) and hasattr(type(value), "__missing__") and _is_ours(type(value)):
                value.clear()


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith(("digest", "tests"))


def importers_of(name: str) -> set[str]:
    """A module and all loaded modules of the program and its tests that have something of it, directly or not."""
    uses: dict[str, set[str]] = {}
    for each, module in list(sys.modules.items()):
        if each.startswith(("digest", "tests")):
            for value in list(getattr(module, "__dict__", {}).values()):
                uses.setdefault(_origin(value), set()).add(each)
    found, waiting = {name}, [name]
    while waiting:
        for each in uses.get(waiting.pop(), set()) - found:
            found.add(each)
            waiting.append(each)
    return found & set(sys.modules)


def _origin(value: object) -> str:
    """The module that a value is from."""
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, FunctionType | type | functools._lru_cache_wrapper):
        return str(value.__module__)
    return type(value).__module__
