"""How `dateline import` says what became of the rows of files."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import click

from digest.cli.reports import explain, report
from digest.subscribers.imports.import_run import ImportResult
from digest.subscribers.imports.row_reading import ExportFile
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS
from digest.subscribers.pure.csv_tables import SEPARATOR_NAMES
from digest.subscribers.states import ImportOutcome

WORDS: Mapping[ImportOutcome, str] = {
    ImportOutcome.ACTIVE: "get mails",
    ImportOutcome.LEFT: "unsubscribed",
    ImportOutcome.SUPPRESSED: "suppressed",
    ImportOutcome.UNCONFIRMED: "never confirmed, left out",
    ImportOutcome.KNOWN: "known already",
    ImportOutcome.REFUSED: "suppressed here, left out",
    ImportOutcome.REPEATED: "repeated",
    ImportOutcome.REJECTED: "rejected",
}
LISTED = {  # the keys of remarks in JSON
    ImportOutcome.UNCONFIRMED: "unconfirmed",
    ImportOutcome.REPEATED: "repeated",
    ImportOutcome.REJECTED: "rejected",
    ImportOutcome.REMARK: "remarks",
}


class ImportReport(Enum):
    """How a result is printed: as `dateline import` does, or with the JSON of `dateline subscribers import`."""

    FULL = "full"
    OLD = "old"


def print_mapping(file: ExportFile, defaults: Mapping[str, str], *, named: bool) -> None:
    """Say how a file was read: its separator, the column of each field, and the columns that are not used."""
    table = file.table
    separator = SEPARATOR_NAMES.get(table.separator, f'"{table.separator}"')
    name = f"{file.name}: " if named else ""
    explain(f"{name}{len(table.rows)} rows; {separator} separate the columns")
    for remark in table.remarks:
        explain(f"encoding: {remark}; --encoding names another")
    for field in SUBSCRIBER_COLUMNS:
        sources = [f'column "{column}"' for column in file.columns.names_of(field)]
        if field in defaults:
            sources.append(f'"{defaults[field]}" where the file does not say')
        if sources:
            explain(f"  {field}: {', else '.join(sources)}")
    if file.columns.unused:
        explain(f"  not used: {', '.join(file.columns.unused)}")


def print_result(result: ImportResult, form: ImportReport, *, import_id: int | None) -> None:
    """Print every row that was left out, and how many rows have each outcome. `import_id` is None after a dry run."""
    is_dry = import_id is None
    for each in sorted(row for kind in LISTED for row in result.of(kind)):
        where = f"{each.file}, line" if form is ImportReport.FULL else "line"
        click.echo(f"{where} {each.line}: {each.text}", err=True)
    sentence, values = _full(result, is_dry) if form is ImportReport.FULL else _old(result, is_dry)
    report(sentence, **values, dry_run=is_dry, import_id=import_id)
    if is_dry:
        explain("Nothing was changed: this was a dry run.")
    else:
        explain(f"This was import {import_id}. For a day `dateline import undo {import_id}` takes it back.")


def _full(result: ImportResult, is_dry: bool) -> tuple[str, dict[str, Any]]:
    counts = result.count_all()
    values: dict[str, Any] = {kind.value: result.counts[kind] for kind in WORDS if kind not in LISTED}
    for kind, key in LISTED.items():
        values[key] = [{"file": row.file, "line": row.line, "text": row.text} for row in result.of(kind)]
    return f"{counts.total()} rows{' would be' if is_dry else ''}: {summary(counts)}", values


def _old(result: ImportResult, is_dry: bool) -> tuple[str, dict[str, Any]]:
    """The sentence and the keys of `dateline subscribers import`, and beside them what it did not do before."""
    counts, listed = result.counts, {key: result.of(kind) for kind, key in LISTED.items()}
    suppressed = counts[ImportOutcome.REFUSED] + counts[ImportOutcome.SUPPRESSED]
    sentence = (
        f"{'would add' if is_dry else 'added'} {counts[ImportOutcome.ACTIVE]}, "
        f"already subscribed {counts[ImportOutcome.KNOWN]}, suppressed {suppressed}, "
        f"rejected {len(listed['rejected'])}"
    )
    for count, word in (
        (counts[ImportOutcome.LEFT], "unsubscribed"),
        (len(listed["unconfirmed"]), "never confirmed"),
        (len(listed["repeated"]), "repeated"),
    ):
        sentence += f", {word} {count}" if count else ""
    rows = {key: [{"number": row.line, "reason": row.text} for row in found] for key, found in listed.items()}
    return sentence, {
        "added": counts[ImportOutcome.ACTIVE],
        "known": counts[ImportOutcome.KNOWN],
        "suppressed": suppressed,
        "left": counts[ImportOutcome.LEFT],
        **rows,
    }


def summary(counts: Mapping[ImportOutcome, int] | Mapping[str, int]) -> str:
    """The counts in words, those that are 0 aside."""
    return ", ".join(f"{counts[kind]} {word}" for kind, word in WORDS.items() if counts.get(kind)) or "nobody"
