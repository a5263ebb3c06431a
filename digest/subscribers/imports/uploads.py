"""An import that is prepared in the newsroom: the upload, the choice of columns, the dry run, the start."""

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digest.database import Database, Tx
from digest.errors import ConflictError, InvalidInputError, NewsroomText
from digest.subscribers.imports.export_files import csv_files
from digest.subscribers.imports.row_reading import ExportFile
from digest.subscribers.imports.tables import read_tables
from digest.subscribers.models import SubscriberImport
from digest.subscribers.states import ImportState
from digest.subscribers.store import imports

MAX_UNPACKED = 20_000_000  # octets of all files of an upload; Mailchimp's have 250 for each person
MAX_ROWS = 100_000  # of an upload; the command line takes more
SAMPLE_ROWS = 5
MAX_SAMPLE_CELL = 60  # characters
DRAFT_TIME = timedelta(days=1)  # after which an upload that was not imported is deleted
REMARKS_TIME = timedelta(days=7)  # for which the rows that were left out can be downloaded
OPEN_STATES = (ImportState.DRAFT, ImportState.CHECKING, ImportState.CHECKED)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was uploaded."""

    name: str
    octets: bytes


def receive(
    db: Database, program: str, uploads: Sequence[Upload], *, encoding: str, actor: str, now: datetime
) -> int:
    """Keep the files for an import; returns its id. Raises InvalidInputError if one of them can't be read."""
    files = [
        each
        for upload in uploads
        for each in csv_files(upload.name, upload.octets, max_unpacked=MAX_UNPACKED)
    ]
    options = {"columns": {}, "defaults": {}, "encoding": encoding}
    tables = read_tables(files, {}, encoding=encoding, is_draft=True)
    row_count = sum(len(file.table.rows) for file in tables)
    if not row_count:
        raise InvalidInputError(NewsroomText("The file has no rows below its first line."))
    if row_count > MAX_ROWS:
        raise InvalidInputError(
            NewsroomText(
                "The list has %(count)s rows. At most %(max)s are possible here: split it, or use "
                "`dateline import` on the server.",
                count=row_count,
                max=MAX_ROWS,
            )
        )
    hashes = [hashlib.sha256(octets).hexdigest() for _name, octets in files]
    row = new_import(program, actor, summaries(tables, hashes, sampled=True), options, now)
    row.total = row_count
    with db.begin() as tx:
        import_id = imports.add(tx, row)
        imports.add_files(tx, import_id, [(name, zlib.compress(octets)) for name, octets in files])
    return import_id


def new_import(
    program: str, actor: str, files: list[dict[str, Any]], options: Mapping[str, Any], now: datetime
) -> SubscriberImport:
    """The row of an import that is not begun."""
    return SubscriberImport(
        program=program,
        actor=actor,
        state=ImportState.DRAFT,
        files=files,
        options=dict(options),
        counts={},
        undo_counts={},
        created_at=now,
    )


def summaries(
    files: Sequence[ExportFile], hashes: Sequence[str], *, sampled: bool = False
) -> list[dict[str, Any]]:
    """What is kept of files: name, SHA-256, columns, number of rows, and until the import ends the first rows."""
    return [
        {
            "name": file.name,
            "sha256": sha256,
            "rows": len(file.table.rows),
            "separator": file.table.separator,
            "header": list(file.table.header),
            "remarks": list(file.table.remarks),
            "sample": [_shortened(row.cells) for row in file.table.rows[:SAMPLE_ROWS]] if sampled else [],
        }
        for file, sha256 in zip(files, hashes, strict=True)
    ]


def _shortened(cells: Sequence[str]) -> list[str]:
    return [cell if len(cell) <= MAX_SAMPLE_CELL else f"{cell[:MAX_SAMPLE_CELL]}…" for cell in cells]


def load_tables(tx: Tx, row: SubscriberImport, columns: Mapping[str, str] | None = None) -> list[ExportFile]:
    """The files of an import as tables, with the columns that were chosen. Raises InvalidInputError."""
    files = [(file.name, zlib.decompress(file.octets)) for file in imports.files(tx, row.id)]
    if not files:
        raise ConflictError(NewsroomText("The files of this import are deleted. Upload them again."))
    chosen = row.options["columns"] if columns is None else columns
    return read_tables(files, chosen, encoding=row.options["encoding"])


def choose(
    db: Database,
    import_id: int,
    columns: Mapping[str, str],
    defaults: Mapping[str, str],
    check: Callable[[Tx, SubscriberImport], None] | None = None,
) -> None:
    """Set the columns and defaults of an import, and have it checked. Raises ConflictError if it has begun.

    `check` may raise to leave it as it is.
    """
    with db.begin() as tx:
        row = _open(tx, import_id)
        if check is not None:
            check(tx, row)
        row.options = {**row.options, "columns": dict(columns), "defaults": dict(defaults)}
        row.state, row.error, row.counts = ImportState.CHECKING, "", {}
        row.position, row.attempts, row.claimed_until, row.revision = 0, 0, None, row.revision + 1


def start(db: Database, import_id: int, consent: str) -> None:
    """Import what was checked. Raises ConflictError if it was not, or has begun already."""
    with db.begin() as tx:
        row = _open(tx, import_id)
        if row.state != ImportState.CHECKED:
            raise ConflictError(NewsroomText("Check the file first: choose its columns."))
        row.state, row.consent, row.counts = ImportState.RUNNING, consent, {}
        row.position, row.attempts, row.claimed_until = 0, 0, None


def discard(db: Database, import_id: int) -> None:
    """Delete an import that has not begun, with its files. Raises ConflictError if it has."""
    with db.begin() as tx:
        _open(tx, import_id)
        imports.remove(tx, import_id)


def forget(db: Database, now: datetime, undo_time: timedelta) -> int:
    """Delete uploads that nobody imported, and what ended imports need no more; returns how many uploads they were."""
    with db.begin() as tx:
        unused = imports.unused(tx, now - DRAFT_TIME)
        for import_id in unused:
            imports.remove(tx, import_id)
        imports.drop_changes(tx, imports.ended_before(tx, now - undo_time))
        imports.drop_remarks(tx, imports.ended_before(tx, now - REMARKS_TIME))
    return len(unused)


def _open(tx: Tx, import_id: int) -> SubscriberImport:
    row = imports.by_id(tx, import_id, locked=True)
    if row.state not in OPEN_STATES:
        raise ConflictError(NewsroomText("This import has begun already."))
    return row
