"""CSV files that people open in spreadsheets: safe cells, and rows of a list of addresses that they wrote."""

import csv
import io
from collections.abc import Iterator, Mapping

from digest.errors import InvalidInputError

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so (CWE-1236)


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet runs."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def plain_cell(text: str) -> str:
    """What `safe_cell` made safe, as it was."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def rows_of(file: bytes) -> Iterator[Mapping[str, str]]:
    """The rows of a CSV file in UTF-8 whose header names a column "email"; column names in small letters.

    Raises InvalidInputError at the first row, when it is no such file, or at one that is broken.
    """
    try:
        rows = csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""))
        names = [name.strip().lower() for name in rows.fieldnames or ()]
        if "email" not in names:
            first = ",".join(rows.fieldnames or ())[:60]
            raise InvalidInputError(
                f'The file has no column "email": its first line is "{first}" (columns are set apart by commas).'
            )
        for row in rows:
            yield {
                str(name).strip().lower(): value.strip()
                for name, value in row.items()
                if isinstance(value, str)
            }
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInputError(f"The file is no CSV in UTF-8: {error}.") from None
