"""The suppressed addresses as CSV: export, and import of our own list or that of another program."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError
from digest.subscribers import lifecycle
from digest.subscribers.csv_cells import CsvImportResult, RejectedLine, escape_cell, unescape_cell
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store import suppressions as store
from digest.subscribers.store.suppressions import SuppressionCause

COLUMNS = ("email", "reason", "since", "detail")
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


def suppress_rows(
    db: Database, rows: Iterable[Mapping[str, str]], *, secret: str, now: datetime
) -> CsvImportResult:
    """Suppress the addresses of CSV rows; returns what became of them. The first row is line 2, below the header."""
    result = CsvImportResult()
    for number, values in enumerate(rows, start=2):
        if number > MOST_ROWS:
            reason = f"a list may have {MOST_ROWS} lines; split it"
            result.rejected.append(RejectedLine(number, reason))
            break
        try:
            address = parse_address(unescape_cell(values.get("email", "")))
        except InvalidInputError as error:
            result.rejected.append(RejectedLine(number, str(error)))
            continue
        if lifecycle.suppress_address(db, address, _cause(values), secret=secret, now=now):
            result.added += 1
        else:
            result.known += 1
    return result


def _cause(values: Mapping[str, str]) -> SuppressionCause:
    reason = REASON_BY_SYNONYM.get(values.get("reason", "").lower(), SuppressionReason.IMPORTED)
    return SuppressionCause(reason, values.get("detail", "").removeprefix("'"))


def _csv_line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([escape_cell(cell) for cell in cells])
    return buffer.getvalue()
