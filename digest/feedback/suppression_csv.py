"""The suppressed addresses as CSV: export, and import of our own list or that of another program."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError, NewsroomText
from digest.subscribers import lifecycle
from digest.subscribers.csv_cells import CsvImportResult, RejectedLine, escape_cell
from digest.subscribers.pure.csv_columns import EMAIL_NAMES, ColumnNames, has_email, map_columns
from digest.subscribers.pure.csv_tables import read_table
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store import suppressions as store
from digest.subscribers.store.suppressions import SuppressionCause

COLUMNS = ("email", "reason", "since", "detail")
READ_COLUMNS: ColumnNames = {"email": EMAIL_NAMES, "reason": ("reason",), "detail": ("detail",)}
MOST_ROWS = 200_000
# What other programs call our reasons; any other word means "imported".
REASON_SYNONYMS: Mapping[SuppressionReason, tuple[str, ...]] = {
    SuppressionReason.BOUNCED: ("bounced", "bounce", "hard", "hardbounce"),
    SuppressionReason.COMPLAINED: ("complained", "complaint", "spamcomplaint", "spam"),
    SuppressionReason.EDITOR: ("editor", "manual", "manualsuppression"),
}
REASON_BY_SYNONYM = {word: reason for reason, words in REASON_SYNONYMS.items() for word in words}


def export_csv(db: Database) -> Iterator[str]:
    """The lines of the CSV, header first. Suppressions of which only the hash is left are not in it."""
    yield _csv_line(COLUMNS)
    with db.read() as tx:
        for suppression, email in store.iterate_all(tx):
            if email is not None:
                since = suppression.at.isoformat()
                yield _csv_line((email, suppression.reason, since, suppression.detail))


def suppress_file(db: Database, file: bytes, *, secret: str, now: datetime) -> CsvImportResult:
    """Suppress the addresses of a CSV file; returns what became of its rows.

    Raises InvalidInputError if it is no CSV with a column of addresses, or has too many rows.
    """
    table = read_table(file, has_email)
    if len(table.rows) > MOST_ROWS:
        raise InvalidInputError(
            NewsroomText(
                "The list has %(count)s rows. At most %(most_rows)s are possible: split it.",
                count=len(table.rows),
                most_rows=MOST_ROWS,
            )
        )
    columns = map_columns(table.header, READ_COLUMNS)
    result = CsvImportResult()
    for number, cells in table.rows:
        try:
            values = columns.values(cells)
            address = parse_address(_first(values, "email"))
        except InvalidInputError as error:
            result.rejected.append(RejectedLine(number, str(error)))
            continue
        if lifecycle.suppress_address(db, address, _cause(values), secret=secret, now=now):
            result.added += 1
        else:
            result.known += 1
    return result


def _cause(values: Mapping[str, Sequence[str]]) -> SuppressionCause:
    reason = REASON_BY_SYNONYM.get(_first(values, "reason").lower(), SuppressionReason.IMPORTED)
    return SuppressionCause(reason, _first(values, "detail"))


def _first(values: Mapping[str, Sequence[str]], field: str) -> str:
    return next(iter(values.get(field, ())), "")


def _csv_line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([escape_cell(cell) for cell in cells])
    return buffer.getvalue()
