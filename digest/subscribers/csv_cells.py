"""Cells of CSV files that people open in spreadsheets, and what becomes of the lines of a file."""

from dataclasses import dataclass, field
from typing import NamedTuple

# A spreadsheet runs a cell that begins with one of these as a formula (CWE-1236).
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")


class RejectedLine(NamedTuple):
    """A line of a file that could not be used, and why."""

    number: int
    reason: str


@dataclass
class CsvImportResult:
    """How many lines of a file were added or known already, and which were rejected."""

    added: int = 0
    known: int = 0
    rejected: list[RejectedLine] = field(default_factory=list)


def escape_cell(value: object) -> object:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_PREFIXES) else value


def unescape_cell(text: str) -> str:
    """The value that `escape_cell` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_PREFIXES) else text
