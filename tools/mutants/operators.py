"""The changes that a node of a module allows. Each is a fault that somebody could have made.

Texts are not changed: most are words for people, and a test that repeats them would notice nothing else.
"""

import ast
import itertools
import re
from collections.abc import Iterator

from tools.mutants.mutations import Offsets

Edit = tuple[int, int, str]  # start, end, and what stands there instead

COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"), ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"), ast.NotIn: (r"not\s+in", "in"),
    ast.Is: ("is", "is not"), ast.IsNot: (r"is\s+not", "is"),
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"), ast.Pow: ("**", "*"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.BitXor: ("^", "&"),
    ast.LShift: ("<<", ">>"), ast.RShift: (">>", "<<"),
}  # fmt: skip
NOTHING = ("@", "@")  # matrices, which we have none of
OPPOSITES = {
    "min": "max", "max": "min", "any": "all", "all": "any", "floor": "ceil", "ceil": "floor",
    "asc": "desc", "desc": "asc",
    "startswith": "endswith", "endswith": "startswith", "union": "intersection", "intersection": "union",
    "and_": "or_", "or_": "and_", "is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_",
}  # fmt: skip
# Parts of a query; what they are given is left out.
CLAUSES = frozenset({"where", "having", "order_by", "limit", "with_for_update", "distinct", "and_", "or_"})
LOGGERS = frozenset({"log", "logger", "warnings"})


def edits(node: ast.AST, at: Offsets) -> Iterator[Edit]:
    """All changes of one node, without those of the nodes inside it."""
    for operator in (
        _operator_edits,
        _value_edits,
        _call_edits,
        _statement_edits,
        _condition_edits,
        _order_edits,
    ):
        yield from operator(node, at)


def _operator_edits(node: ast.AST, at: Offsets) -> Iterator[Edit]:
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for before, operator, after in zip((left, *comparators), ops, comparators, strict=False):
                yield from _between(before, after, *COMPARISONS[type(operator)], at)
        case ast.BoolOp(op=boolean, values=values):
            word, other = ("and", "or") if isinstance(boolean, ast.And) else ("or", "and")
            for before, after in itertools.pairwise(values):
                yield from _between(before, after, word, other, at)
        case ast.BinOp(left=left, op=arithmetic, right=right) if not _is_text(left) and not _is_text(right):
            word, other = ARITHMETIC.get(type(arithmetic), NOTHING)
            yield from _between(left, right, re.escape(word), other, at)
        case ast.AugAssign(target=target, op=arithmetic, value=value) if not _is_text(value):
            word, other = ARITHMETIC.get(type(arithmetic), NOTHING)
            yield from _between(target, value, re.escape(word) + "=", other + "=", at)


def _between(before: ast.expr, after: ast.expr, pattern: str, other: str, at: Offsets) -> Iterator[Edit]:
    """The change of an operator between two operands."""
    found = re.compile(rf"(?<!\w){pattern}(?!\w)").search(at.source, at.end(before), at.start(after))
    if found:
        yield found.start(), found.end(), other


def _is_text(node: ast.expr) -> bool:
    """Whether a node is a text or a list as it is written. Their operators have no opposite."""
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple | ast.Set) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def _value_edits(node: ast.AST, at: Offsets) -> Iterator[Edit]:
    match node:
        case ast.Constant(value=bool(value)):
            yield at.start(node), at.end(node), str(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield at.start(node), at.end(node), str(value + 1)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield at.start(node), at.start(operand), ""
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            yield at.start(node), at.start(operand), ""
        case _:
            return


def _call_edits(node: ast.AST, at: Offsets) -> Iterator[Edit]:
    match node:
        case ast.Call(func=ast.Name(id=name) as function) if name in OPPOSITES:
            yield at.start(function), at.end(function), OPPOSITES[name]
        case ast.Call(func=ast.Attribute(attr=name) as function) if name in OPPOSITES:
            yield at.end(function) - len(name), at.end(function), OPPOSITES[name]
    match node:
        case (
            ast.Call(func=ast.Attribute(value=base, attr=name), args=[_])
            | ast.Call(func=ast.Attribute(value=base, attr=name), args=[])
        ) if name in CLAUSES:
            yield at.end(base), at.end(node), ""
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[_, _, *_] as arguments) if (
            name in CLAUSES
        ):
            for argument, following in itertools.pairwise(arguments):
                yield at.start(argument), at.start(following), ""
            yield at.end(arguments[-2]), at.end(arguments[-1]), ""
        case _:
            return


def _statement_edits(node: ast.AST, at: Offsets) -> Iterator[Edit]:
    match node:
        case ast.Expr(value=ast.Call() as call) if not _is_logging(call):
            yield at.start(node), at.end(node), "pass"
        case ast.Raise() | ast.Delete():
            yield at.start(node), at.end(node), "pass"
        case ast.Break():
            yield at.start(node), at.end(node), "continue"
        case ast.Continue():
            yield at.start(node), at.end(node), "break"
        case _:
            return


def _is_logging(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(value=ast.Name(id=name)):
            return name in LOGGERS
        case _:
            return False


def _condition_edits(node: ast.AST, at: Offsets) -> Iterator[Edit]:
    """A condition the other way round, unless its operator is changed anyway."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            tests = [test]
        case ast.comprehension(ifs=ifs):
            tests = ifs
        case ast.match_case(guard=ast.expr() as guard):
            tests = [guard]
        case _:
            return
    for test in tests:
        if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
            yield at.start(test), at.end(test), f"(not ({at.text(test)}))"


def _order_edits(node: ast.AST, at: Offsets) -> Iterator[Edit]:
    """The first two of a sort key, or of joined sequences, in the other order."""
    match node:
        case ast.Lambda(body=ast.Tuple(elts=[first, second, *_])):
            pass
        case (
            ast.List(elts=[ast.Starred() as first, second, *_])
            | ast.Tuple(elts=[ast.Starred() as first, second, *_])
        ):
            pass
        case _:
            return
    between = at.source[at.end(first) : at.start(second)]
    yield at.start(first), at.end(second), at.text(second) + between + at.text(first)
