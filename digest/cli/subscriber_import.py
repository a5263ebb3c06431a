"""`dateline subscribers import`: subscribers from a CSV file of a spreadsheet or of another mailing program."""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from digest.cli.exit_status import INVALID_INPUT
from digest.cli.reports import explain, report
from digest.parts import parts
from digest.subscribers import csv_import
from digest.subscribers.csv_cells import RejectedLine, escape_cell
from digest.subscribers.csv_import import SubscriberImportContext, SubscriberImportResult
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, ColumnMap, has_email, map_columns
from digest.subscribers.pure.csv_tables import SEPARATOR_NAMES, CsvTable, read_table

UTF8_WITH_MARK = "utf-8-sig"  # spreadsheets take CSV without the mark for another encoding


IMPORT_OPTIONS = (
    click.option("--consent", required=True, help="Where and when these people agreed; stored with each of them."),
    click.option("--dry-run", is_flag=True, help="Show which columns are used and what would happen; change nothing."),
    click.option(
        "--column", "columns", multiple=True, metavar="FIELD=NAME", help="Which column has a field; none: FIELD="
    ),
    click.option("--default", "defaults", multiple=True, metavar="FIELD=VALUE", help="For rows that do not say."),
    click.option("--encoding", default="", help="Of the CSV, if it is guessed wrongly (windows-1251, say)."),
    click.option(
        "--rejected", "rejected_file", type=click.Path(dir_okay=False, path_type=Path),
        help="Write the rows that were left out, with the reasons, into this CSV file, to correct and import them.",
    ),
)  # fmt: skip


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of an import of subscribers."""
    for option in reversed(IMPORT_OPTIONS):
        command = option(command)
    return command


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@import_options
@with_appcontext
def import_csv(
    *,
    file: Path,
    consent: str,
    dry_run: bool,
    columns: tuple[str, ...],
    defaults: tuple[str, ...],
    encoding: str,
    rejected_file: Path | None,
) -> None:
    """Add active subscribers from a CSV file with a header; existing ones stay as they are.

    Separators, encodings and the columns of Mailchimp, Buttondown, Ghost, listmonk and Substack are recognised.

    Columns: email, regions (slugs, ISO codes or names, in the order of the digest's sections), and optionally cadence
    (daily, weekdays, weekly), weekday (0 or Monday), time (07:15), zone (Asia/Tashkent), language, size (brief,
    standard, full), kinds (of sport, culture, lifestyle, opinion; "none" for news only; empty for the operator's
    default), languages_read (en ru), show_why (yes, no), state (only active ones are imported). Invalid lines are
    reported with their number; the others are imported, and the exit status is 2.

    \b
    Examples:
    dateline subscribers import subscribers.csv --consent "list of 2026-05-01, double opt-in"
    dateline subscribers import export.csv --consent "…" --dry-run --default regions=central-asia
    """
    chosen = pairs(columns, "--column")
    context = import_context(consent, pairs(defaults, "--default"), dry_run=dry_run)
    table = read_table(
        file.read_bytes(), lambda header: has_email(header, chosen.get("email", "")), encoding=encoding
    )
    column_map = map_columns(table.header, SUBSCRIBER_COLUMNS, chosen)
    if dry_run:
        print_mapping(table, column_map, context.defaults)
    result = csv_import.import_rows(parts().db, table.rows, column_map, context)
    _print_result(result, dry_run=dry_run)
    if rejected_file is not None:
        rejected_file.write_text(rejected_csv(table, result.rejected), encoding=UTF8_WITH_MARK, newline="")
    sys.exit(INVALID_INPUT if result.rejected else 0)


def import_context(consent: str, defaults: Mapping[str, str], *, dry_run: bool) -> SubscriberImportContext:
    """The rules of an import with these options."""
    if not consent.strip():
        raise click.BadParameter("say where and when they agreed", param_hint="--consent")
    p = parts().refresh_regions()
    return SubscriberImportContext(
        tree=p.tree,
        languages=p.languages,
        secret=p.settings.secret_key,
        consent_wording=consent,
        now=p.clock(),
        default_kinds=p.default_kinds,
        defaults=defaults,
        dry_run=dry_run,
    )


def pairs(texts: Iterable[str], option: str) -> Mapping[str, str]:
    """The values of an option that is given as FIELD=VALUE, by field."""
    given = [text.partition("=") for text in texts]
    for field, equals, _ in given:
        if not equals:
            raise click.BadParameter(
                f'"{field[:40]}" has no "=" (example: regions=central-asia)', param_hint=option
            )
    return {field.strip().lower(): value.strip() for field, _, value in given}


def print_mapping(table: CsvTable, columns: ColumnMap, defaults: Mapping[str, str]) -> None:
    """Say how the file was read: its separator, the column of each field, and the columns that are not used."""
    separator = SEPARATOR_NAMES.get(table.separator, f'"{table.separator}"')
    explain(f"{len(table.rows)} rows; {separator} separate the columns")
    for remark in table.remarks:
        explain(f"encoding: {remark}; --encoding names another")
    for field in SUBSCRIBER_COLUMNS:
        sources = [f'column "{name}"' for name in columns.names_of(field)]
        if field in defaults:
            sources.append(f'"{defaults[field]}" where the file does not say')
        if sources:
            explain(f"  {field}: {', else '.join(sources)}")
    if columns.unused:
        explain(f"  not used: {', '.join(columns.unused)}")


def _print_result(result: SubscriberImportResult, *, dry_run: bool) -> None:
    for number, reason in sorted([*result.rejected, *result.repeated]):
        click.echo(f"line {number}: {reason}", err=True)
    report(
        f"{'would add' if dry_run else 'added'} {result.added}, already subscribed {result.known}, "
        f"suppressed {result.suppressed}, rejected {len(result.rejected)}"
        + (f", repeated {len(result.repeated)}" if result.repeated else ""),
        added=result.added,
        known=result.known,
        suppressed=result.suppressed,
        rejected=[row._asdict() for row in result.rejected],
        repeated=[row._asdict() for row in result.repeated],
        dry_run=dry_run,
    )
    if dry_run:
        explain("Nothing was changed: this was a dry run.")


def rejected_csv(table: CsvTable, rejected: Iterable[RejectedLine]) -> str:
    """The rejected rows as they were, with the line and the reason. `import` ignores these two columns."""
    cells_by_line = {row.number: row.cells for row in table.rows}
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(escape_cell(cell) for cell in (*table.header, "rejected line", "reason of the rejection"))
    for number, reason in rejected:
        cells = cells_by_line[number]
        padding = [""] * (len(table.header) - len(cells))
        writer.writerow(escape_cell(cell) for cell in (*cells, *padding, number, reason))
    return buffer.getvalue()
