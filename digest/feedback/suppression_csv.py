"""The list of suppressed addresses as CSV: out, and in again (or from another program)."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError
from digest.feedback.suppression import Reason, suppress_address
from digest.subscribers.csv_cells import plain_cell, safe_cell
from digest.subscribers.pure.email_address import read_address
from digest.subscribers.store import suppressions as store

COLUMNS = ("email", "reason", "since", "detail")
MOST_ROWS = 200_000
# What other programs call our reasons; what is none of these is "imported".
REASONS: Mapping[str, Reason] = {
    "bounced": "bounced", "bounce": "bounced", "hard": "bounced", "hardbounce": "bounced",
    "complained": "complained", "complaint": "complained", "spamcomplaint": "complained", "spam": "complained",
    "editor": "editor", "manual": "editor", "manualsuppression": "editor",
}  # fmt: skip


@dataclass
class Listed:
    """What an import did; rejected lines with their number and the reason."""

    added: int = 0
    known: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


def export(db: Database) -> Iterator[str]:
    """The list line by line, with its header. Addresses of which only the hash is left are not in it."""
    yield _line(COLUMNS)
    with db.read() as tx:
        for row, email in store.everyone(tx):
            if email is not None:
                yield _line((email, row.reason, row.at.isoformat(), row.detail))


def suppress_rows(db: Database, rows: Iterable[Mapping[str, str]], *, secret: str, now: datetime) -> Listed:
    """Suppress the addresses of a CSV's rows; the first is line 2 of the file, below its header."""
    done = Listed()
    for number, values in enumerate(rows, start=2):
        if number > MOST_ROWS:
            done.rejected.append((number, f"a list may have {MOST_ROWS} lines; cut it in two"))
            break
        try:
            address = read_address(plain_cell(values.get("email", "")))
        except InvalidInputError as error:
            done.rejected.append((number, str(error)))
            continue
        reason = REASONS.get(values.get("reason", "").lower(), "imported")
        detail = values.get("detail", "").removeprefix("'")
        if suppress_address(db, address, reason, secret=secret, detail=detail, now=now):
            done.added += 1
        else:
            done.known += 1
    return done


def _line(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
