"""Runs an import: as a dry run, or in batches that are saved with their counts, so that it can be continued."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from digest.clock import Clock
from digest.database import Database, Tx, chunked
from digest.errors import ConflictError
from digest.subscribers.imports.row_reading import ExportFile, ImportRow, ReadExport, RowRemark
from digest.subscribers.imports.row_saving import RowSaver
from digest.subscribers.imports.rules import ImportRules
from digest.subscribers.models import SubscriberImport
from digest.subscribers.states import ImportOutcome, ImportState
from digest.subscribers.store import imports

BATCH_SIZE = 500  # rows of one transaction: other writers wait for it, some 0.2 s
CLAIM_TIME = timedelta(minutes=3)  # after the last batch another process may continue
KEPT_WITH_CELLS = (
    ImportOutcome.REJECTED,
    ImportOutcome.UNCONFIRMED,
)  # rows that can be corrected and imported


@dataclass
class ImportResult:
    """What became of the rows of an import."""

    counts: Counter[ImportOutcome] = field(default_factory=Counter)
    remarks: dict[ImportOutcome, list[RowRemark]] = field(default_factory=dict)

    def of(self, kind: ImportOutcome) -> list[RowRemark]:
        """The remarks of a kind, by file and line."""
        return sorted(self.remarks.get(kind, ()))

    def count_all(self) -> Counter[ImportOutcome]:
        """How many rows have each outcome; the remarks about rows that have another one do not count."""
        listed = {kind: len(rows) for kind, rows in self.remarks.items() if kind is not ImportOutcome.REMARK}
        return self.counts + Counter(listed)


def try_out(
    db: Database,
    export: ReadExport,
    rules: ImportRules,
    progress: Callable[[int], bool] = lambda _done: True,
) -> ImportResult:
    """What an import would do. Writes nothing. `progress` is told how many rows are done, and may end it."""
    result, saver, done = ImportResult(remarks=dict(export.remarks)), RowSaver(rules, None), 0
    for batch in chunked(export.rows, BATCH_SIZE):
        with db.read() as tx:
            _add_batch(result, saver, tx, batch)
        done += len(batch)
        if not progress(done):
            break
    return result


def begin(db: Database, row: SubscriberImport, export: ReadExport, clock: Clock) -> int:
    """Record an import that this process runs at once; returns its id."""
    row.state, row.total, row.claimed_until = ImportState.RUNNING, len(export.rows), clock() + CLAIM_TIME
    with db.begin() as tx:
        return imports.add(tx, row)


def save_all(
    db: Database,
    import_id: int,
    files: Sequence[ExportFile],
    export: ReadExport,
    *,
    rules: ImportRules,
    clock: Clock,
) -> ImportResult:
    """Save the rows that are not saved yet, and end the import. Raises ConflictError if another process does it too."""
    with db.read() as tx:
        position = imports.by_id(tx, import_id).position
    result, saver = ImportResult(remarks=dict(export.remarks)), RowSaver(rules, import_id)
    for batch in chunked(export.rows[position:], BATCH_SIZE):
        with db.begin() as tx:
            counts = _add_batch(result, saver, tx, batch)
            _advance(tx, import_id, position, len(batch), counts=counts, clock=clock)
        position += len(batch)
    with db.begin() as tx:
        row = imports.by_id(tx, import_id, locked=True)
        if row.state != ImportState.RUNNING:
            raise ConflictError(f"Import {import_id} has been ended by another process.")
        listed = ImportResult(remarks=result.remarks).count_all()
        row.counts = {**row.counts, **{kind.value: count for kind, count in listed.items()}}
        imports.replace_remarks(tx, import_id, remark_rows(result, files))
        end(tx, row, ImportState.DONE, clock)
    return result


def end(tx: Tx, row: SubscriberImport, state: ImportState, clock: Clock, error: str = "") -> None:
    """End an import, and delete its files."""
    imports.remove_files(tx, row.id)
    row.files = [{**file, "sample": []} for file in row.files]
    row.state, row.error, row.finished_at, row.claimed_until = state, error, clock(), None


def remark_rows(result: ImportResult, files: Sequence[ExportFile]) -> Iterator[dict[str, Any]]:
    """The rows of the table of remarks."""
    cells = [dict(file.table.rows) for file in files]
    for kind in result.remarks:
        for remark in result.of(kind):
            row: Mapping[int, Sequence[str]] = cells[remark.position]
            yield {
                "kind": kind,
                "file": remark.position,
                "line": remark.line,
                "text": remark.text,
                "cells": list(row[remark.line]) if kind in KEPT_WITH_CELLS else [],
            }


def _add_batch(
    result: ImportResult, saver: RowSaver, tx: Tx, batch: Iterable[ImportRow]
) -> Mapping[ImportOutcome, int]:
    counts = saver.save(tx, batch)
    result.counts += counts
    return counts


def _advance(
    tx: Tx,
    import_id: int,
    position: int,
    done: int,
    *,
    counts: Mapping[ImportOutcome, int],
    clock: Clock,
) -> None:
    """Record in the transaction of a batch that it is done. Raises ConflictError, which undoes the batch."""
    row = imports.by_id(tx, import_id, locked=True)
    if row.state != ImportState.RUNNING or row.position != position:
        raise ConflictError(f"Import {import_id} has been continued by another process.")
    row.position, row.attempts, row.claimed_until = position + done, 0, clock() + CLAIM_TIME
    row.counts = {
        **row.counts,
        **{kind.value: row.counts.get(kind, 0) + count for kind, count in counts.items()},
    }
