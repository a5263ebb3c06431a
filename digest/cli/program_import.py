"""`dateline import`: everybody whom an export of another mailing program has."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import with_appcontext

from digest.cli.exit_status import INVALID_INPUT
from digest.cli.subscriber_import import UTF8_WITH_MARK, import_context, import_options, pairs, print_mapping
from digest.parts import parts
from digest.subscribers.csv_cells import escape_cell
from digest.subscribers.export_files import csv_files
from digest.subscribers.program_import import ExportFile, ProgramImportResult, RowRemark, import_export
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, has_email, map_columns
from digest.subscribers.pure.csv_tables import read_table
from digest.subscribers.pure.programs import programs

COUNTS = {  # fields of the result, in words
    "active": "get mails",
    "left": "unsubscribed",
    "suppressed": "suppressed",
    "unconfirmed": "never confirmed, left out",
    "known": "known already",
    "refused": "suppressed here, left out",
    "repeated": "repeated",
    "rejected": "rejected",
}


@click.command("import")
@click.argument("program", type=click.Choice(list(programs())))
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE...",
)  # fmt: skip
@import_options
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@with_appcontext
def import_program(  # noqa: PLR0913, PLR0917  -- each is an option
    program: str,
    files: tuple[Path, ...],
    consent: str,
    dry_run: bool,
    columns: tuple[str, ...],
    defaults: tuple[str, ...],
    encoding: str,
    rejected_file: Path | None,
    as_json: bool,
) -> None:
    """Move subscribers here from another program, by its exported CSV files or the ZIP archive with them.

    Who gets mails there gets digests here, with the dates and networks of their consent. Who unsubscribed stays
    unsubscribed. Addresses that bounced, complained or were blocked are suppressed. Who never confirmed is left out.
    Subscribers who are here already stay as they are. Every row is counted once; what was left out is listed by line,
    and the exit status is 2 if a row was rejected. "other" reads exports of any program.

    \b
    Examples:
    dateline import mailchimp audience_export.zip --consent "audience Asia, double opt-in" --dry-run
    dateline import listmonk subscribers.csv --consent "…" --default regions=central-asia
    """
    chosen = pairs(columns, "--column")
    context = import_context(consent, pairs(defaults, "--default"), dry_run=dry_run)
    exports = [export for path in files for export in _read(path, chosen, encoding)]
    if dry_run and not as_json:
        _print_mappings(exports, context.defaults)
    result = import_export(parts().db, exports, programs()[program], context)
    if as_json:
        click.echo(json.dumps(asdict(result) | {"dry_run": dry_run}, ensure_ascii=False))
    else:
        _print_result(result, dry_run=dry_run)
    if rejected_file is not None:
        text = _left_out_csv(exports, [*result.rejected, *result.unconfirmed])
        rejected_file.write_text(text, encoding=UTF8_WITH_MARK, newline="")
    sys.exit(INVALID_INPUT if result.rejected else 0)


def _read(path: Path, chosen: Mapping[str, str], encoding: str) -> Iterable[ExportFile]:
    for name, octets in csv_files(path):
        table = read_table(
            octets, lambda header: has_email(header, chosen.get("email", "")), encoding=encoding
        )
        yield ExportFile(name, table, map_columns(table.header, SUBSCRIBER_COLUMNS, chosen))


def _print_mappings(exports: Iterable[ExportFile], defaults: Mapping[str, str]) -> None:
    for export in exports:
        click.echo(f"{export.name}: ", nl=False)
        print_mapping(export.table, export.columns, defaults)


def _print_result(result: ProgramImportResult, *, dry_run: bool) -> None:
    listed = (*result.rejected, *result.unconfirmed, *result.repeated, *result.remarks)
    for each in sorted(listed):
        click.echo(f"{each.file}, line {each.line}: {each.text}", err=True)
    values = {name: getattr(result, name) for name in COUNTS}
    counts = {name: value if isinstance(value, int) else len(value) for name, value in values.items()}
    click.echo(f"{sum(counts.values())} rows" + (" would be: " if dry_run else ": "), nl=False)
    click.echo(", ".join(f"{count} {COUNTS[name]}" for name, count in counts.items() if count) or "nobody")
    if dry_run:
        click.echo("Nothing was changed: this was a dry run.")


def _left_out_csv(files: Sequence[ExportFile], left_out: Iterable[RowRemark]) -> str:
    """The rows that were left out, as they were, with their columns by name, file, line and reason."""
    cells = {(file.name, number): row for file in files for number, row in file.table.rows}
    headers = {file.name: file.table.header for file in files}
    names = list(dict.fromkeys(name for header in headers.values() for name in header))
    buffer = io.StringIO()
    writer = csv.DictWriter(
        buffer, [*names, "more cells", "file of the row", "rejected line", "reason of the rejection"]
    )
    writer.writeheader()
    for each in sorted(left_out):
        header, own = headers[each.file], cells[each.file, each.line]
        row = dict(zip(header, own, strict=False)) | {"more cells": " ".join(own[len(header) :])}
        row |= {
            "file of the row": each.file,
            "rejected line": str(each.line),
            "reason of the rejection": each.text,
        }
        writer.writerow({name: escape_cell(text) for name, text in row.items()})
    return buffer.getvalue()
