"""Finds all mutations of a module."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tools.mutants.mutations import Mutation, Offsets, Place
from tools.mutants.operators import edits

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Data, not decisions: a number in a table is no bound.
TABLES = (ast.Dict, ast.List, ast.Set, ast.Tuple, ast.JoinedStr)


def find_mutations(source: str) -> list[Mutation]:
    """All mutations of a module's functions, of their defaults, and of its constants that are no tables."""
    at = Offsets(source)
    found: dict[tuple[int, int, str], Mutation] = {}
    for mutation in _in_statements(ast.parse(source).body, "", at):
        found.setdefault((mutation.start, mutation.end, mutation.text), mutation)
    meaning = ast.dump(ast.parse(source))
    return sorted(
        (mutation for mutation in found.values() if _changes(source, mutation, meaning)), key=_position
    )


def _position(mutation: Mutation) -> tuple[int, int, str]:
    return mutation.start, mutation.end, mutation.text


def _changes(source: str, mutation: Mutation, meaning: str) -> bool:
    """Whether the changed source can be read and means something else."""
    try:
        return ast.dump(ast.parse(mutation.applied(source))) != meaning
    except SyntaxError:
        return False


def _in_statements(statements: list[ast.stmt], prefix: str, at: Offsets) -> Iterator[Mutation]:
    for statement in statements:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _in_function(statement, prefix + statement.name, at)
            case ast.ClassDef(name=name, body=body):
                yield from _in_statements(body, f"{prefix}{name}.", at)
            case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value) if not prefix:
                yield from _in_value(value, "", at)


def _in_value(value: ast.expr, scope: str, at: Offsets) -> Iterator[Mutation]:
    if isinstance(value, TABLES):
        return
    for node in _nodes(value, TABLES):
        for start, end, text in edits(node, at):
            yield Mutation(start, end, text, Place.VALUE, scope, ())


def _in_function(function: Function, scope: str, at: Offsets) -> Iterator[Mutation]:
    arguments = function.args
    for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
        yield from _in_value(default, scope, at)
    for statement in function.body:
        yield from _in_body(statement, _Where(scope, (statement.lineno,)), at)


@dataclass(frozen=True, slots=True)
class _Where:
    scope: str
    lines: tuple[int, ...]


def _in_body(node: ast.AST, where: _Where, at: Offsets) -> Iterator[Mutation]:
    if isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
        where = _Where(where.scope, _lines(node))
    for start, end, text in edits(node, at):
        lines = (*where.lines, *_lines(node)) if isinstance(node, ast.expr) else where.lines
        yield Mutation(start, end, text, Place.BODY, where.scope, tuple(sorted(set(lines))))
    for child in _children(node, (ast.JoinedStr,)):
        yield from _in_body(child, where, at)


def _lines(node: ast.AST) -> tuple[int, ...]:
    match node:
        case ast.match_case(pattern=pattern):
            return (pattern.lineno,)
        case ast.expr(lineno=first, end_lineno=int(last)):
            return tuple(range(first, last + 1))
        case ast.stmt(lineno=first) | ast.excepthandler(lineno=first):
            return (first,)
        case _:
            return ()


def _nodes(node: ast.AST, left_out: tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
    yield node
    for child in _children(node, left_out):
        yield from _nodes(child, left_out)


def _children(node: ast.AST, left_out: tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
    """The nodes inside, without annotations. In texts with values, positions are wrong before Python 3.12."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, left_out):
                yield child
