"""Reading and writing CSV files that people open in spreadsheets."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from digest.errors import InvalidInputError

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


def read_rows(file: bytes) -> Iterator[Mapping[str, str]]:
    """The rows of a CSV file in UTF-8 that has a column "email". Column names are in lower case, values stripped.

    Raises InvalidInputError at the first row when the file has no such column or is not UTF-8, and later at a row
    that is broken.
    """
    try:
        rows = csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""))
        columns = [name.strip().lower() for name in rows.fieldnames or ()]
        if "email" not in columns:
            header = ",".join(rows.fieldnames or ())[:60]
            raise InvalidInputError(
                f'The file has no column "email": its first line is "{header}" (commas separate the columns).'
            )
        for row in rows:
            yield {
                str(name).strip().lower(): value.strip()
                for name, value in row.items()
                if isinstance(value, str)
            }
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f"The file is no CSV in UTF-8: {error}.") from None
