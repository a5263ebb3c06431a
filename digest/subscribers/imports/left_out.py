"""The rows that an import left out, as a CSV file to correct and import again."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from digest.subscribers.csv_cells import escape_cell

ENCODING = "utf-8-sig"  # spreadsheets take CSV without the mark for another encoding
OWN_COLUMNS = ("rejected line", "reason of the rejection", "file of the row", "more cells")


class LeftOutRow(NamedTuple):
    """A row that was left out: its file by position, its line, its cells, and why."""

    file: int
    line: int
    cells: Sequence[str]
    reason: str


def left_out_csv(files: Sequence[tuple[str, Sequence[str]]], rows: Iterable[LeftOutRow]) -> str:
    """The rows as they were, below the columns of all files (names and headers); an import ignores our own columns."""
    names = list(dict.fromkeys(name for _file, header in files for name in header if name not in OWN_COLUMNS))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [*map(escape_cell, names), *OWN_COLUMNS])
    writer.writeheader()
    for row in sorted(rows):
        file, header = files[row.file]
        cells = {name: text for name, text in zip(header, row.cells, strict=False) if name not in OWN_COLUMNS}
        own = (str(row.line), row.reason, file, " ".join(row.cells[len(header) :]))
        values = cells | dict(zip(OWN_COLUMNS, own, strict=True))
        writer.writerow({escape_cell(name): escape_cell(text) for name, text in values.items()})
    return buffer.getvalue()
