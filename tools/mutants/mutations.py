"""One small change of a module: where it is, and how the module reads with it."""

import ast
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where a mutation takes effect, which decides how it is put into a module that is already imported."""

    BODY = "body"  # of a function or method
    VALUE = "value"  # a constant of the module, or the default of a parameter


@dataclass(frozen=True, slots=True)
class Mutation:
    """A text that replaces a span of a module's source.

    `scope` is the qualified name of the outermost function, "" outside of functions. Tests of `lines` can notice it.
    """

    start: int
    end: int
    text: str
    place: Place
    scope: str
    lines: tuple[int, ...]

    def applied(self, source: str) -> str:
        """The source with this change."""
        return source[: self.start] + self.text + source[self.end :]

    def shown(self, source: str) -> tuple[str, str]:
        """The changed lines before and after."""
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.end)
        last = len(source) if last < 0 else last
        changed = source[first : self.start] + self.text + source[self.end : last]
        return _one_line(source[first:last]), _one_line(changed)

    def line_number(self, source: str) -> int:
        """The line of the source where the change begins."""
        return source.count("\n", 0, self.start) + 1


def _one_line(text: str) -> str:
    return " ".join(text.split())


class Offsets:
    """Converts the positions of AST nodes, which count octets, to offsets in the source."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Where a node begins."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Where a node ends."""
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def text(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        """The source of a node."""
        return self.source[self.start(node) : self.end(node)]

    def _offset(self, line: int, octets: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:octets].decode())
