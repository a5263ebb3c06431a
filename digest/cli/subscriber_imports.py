"""`dateline import`: subscribers from files of other programs, the list of imports, and taking one back."""

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click
from flask.cli import AppGroup, with_appcontext

from digest.cli.audited import command_actor
from digest.cli.exit_status import INVALID_INPUT
from digest.cli.import_reports import ImportReport, print_mapping, print_result, summary
from digest.cli.reports import report
from digest.parts import parts
from digest.subscribers.imports import import_run, left_out, undoing, uploads
from digest.subscribers.imports.export_files import csv_files
from digest.subscribers.imports.import_run import KEPT_WITH_CELLS, ImportResult
from digest.subscribers.imports.left_out import LeftOutRow, left_out_csv
from digest.subscribers.imports.row_reading import ExportFile, read_export
from digest.subscribers.imports.rules import ImportRules
from digest.subscribers.imports.tables import read_tables
from digest.subscribers.pure.programs import programs
from digest.subscribers.states import ImportOutcome
from digest.subscribers.store import imports

ANY_PROGRAM = "other"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
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
HELP = """Move subscribers here from {title}, by its exported CSV files or the ZIP archive with them.

    Who gets mails there gets digests here, with the dates and networks of their consent. Who unsubscribed stays
    unsubscribed. Addresses that bounced, complained or were blocked are suppressed. Who never confirmed is left out.
    Subscribers who are here already stay as they are. Every row is counted once; what was left out is listed by line,
    and the exit status is 2 if a row was rejected. The import can be taken back for a day: `dateline import undo ID`.

    Columns: email, regions (slugs, ISO codes or names, in the order of the digest's sections), and optionally cadence
    (daily, weekdays, weekly), weekday (0 or Monday), time (07:15), zone (Asia/Tashkent), language, size (brief,
    standard, full), kinds (of sport, culture, lifestyle, opinion; "none" for news only; empty for the operator's
    default), languages_read (en ru), show_why (yes, no), state. Separators, encodings and the columns of many programs
    are recognised.

    \b
    Example:
    dateline import {name} FILE --consent "list of May, double opt-in" --default regions=central-asia --dry-run
    """


class ReadFiles(NamedTuple):
    """The files of an import, and their SHA-256."""

    files: list[ExportFile]
    hashes: list[str]


def import_options(command: Any) -> Any:
    """Give a command the options of an import of subscribers."""
    for option in reversed(IMPORT_OPTIONS):
        command = option(command)
    return command


import_group = AppGroup(
    "import", help="Import subscribers from another program; list imports; take one back."
)


def _command_of(name: str, title: str) -> click.Command:
    command = click.command(name, help=HELP.format(title=title, name=name), short_help=f"From {title}.")
    argument = click.argument("paths", nargs=-1, required=True, type=FILE, metavar="FILE...")
    run = partial(_import, program=name)
    run.__doc__ = None  # the help is given
    wrapped = with_appcontext(run)
    return command(argument(import_options(wrapped)))


def _import(*, program: str, paths: tuple[Path, ...], consent: str, **options: Any) -> None:
    run_import(program, paths, consent, ImportReport.FULL, **options)


def run_import(  # noqa: PLR0913  -- each is an option
    program: str,
    paths: Sequence[Path],
    consent: str,
    form: ImportReport,
    *,
    dry_run: bool,
    columns: tuple[str, ...],
    defaults: tuple[str, ...],
    encoding: str,
    rejected_file: Path | None,
) -> None:
    """Import files of a program and report it; the exit status is 2 if a row was rejected."""
    chosen = pairs(columns, "--column")
    rules = import_rules(consent, pairs(defaults, "--default"))
    read = _read(paths, chosen, encoding)
    if dry_run:
        for file in read.files:
            print_mapping(file, rules.defaults, named=form is ImportReport.FULL)
    options = {"columns": dict(chosen), "defaults": dict(rules.defaults), "encoding": encoding}
    import_id, result = _run(program, read, rules, options, dry_run=dry_run)
    print_result(result, form, import_id=import_id)
    if rejected_file is not None:
        rejected_file.write_text(_left_out(read.files, result), encoding=left_out.ENCODING, newline="")
    sys.exit(INVALID_INPUT if result.of(ImportOutcome.REJECTED) else 0)


def _run(
    program: str, read: ReadFiles, rules: ImportRules, options: dict[str, Any], *, dry_run: bool
) -> tuple[int | None, ImportResult]:
    p = parts()
    export = read_export(read.files, programs()[program], rules)
    if dry_run:
        return None, import_run.try_out(p.db, export, rules)
    summaries = uploads.summaries(read.files, read.hashes)
    row = uploads.new_import(program, command_actor().name, summaries, options, rules.now)
    row.consent = rules.consent_wording
    import_id = import_run.begin(p.db, row, export, p.clock)
    return import_id, import_run.save_all(p.db, import_id, read.files, export, rules=rules, clock=p.clock)


def import_rules(consent: str, defaults: Mapping[str, str]) -> ImportRules:
    """The rules of an import with these options."""
    if not consent.strip():
        raise click.BadParameter("say where and when they agreed", param_hint="--consent")
    return parts().refresh_regions().import_rules(consent, defaults)


def pairs(texts: Iterable[str], option: str) -> Mapping[str, str]:
    """The values of an option that is given as FIELD=VALUE, by field."""
    given = [text.partition("=") for text in texts]
    for field, equals, _ in given:
        if not equals:
            raise click.BadParameter(
                f'"{field[:40]}" has no "=" (example: regions=central-asia)', param_hint=option
            )
    return {field.strip().lower(): value.strip() for field, _, value in given}


def _read(paths: Sequence[Path], chosen: Mapping[str, str], encoding: str) -> ReadFiles:
    times = Counter(path.name for path in paths)
    named = {path: str(path) if times[path.name] > 1 else path.name for path in paths}
    files = [each for path, name in named.items() for each in csv_files(name, path.read_bytes())]
    hashes = [hashlib.sha256(octets).hexdigest() for _name, octets in files]
    return ReadFiles(read_tables(files, chosen, encoding=encoding), hashes)


def _left_out(files: list[ExportFile], result: ImportResult) -> str:
    cells = [dict(file.table.rows) for file in files]
    rows = [
        LeftOutRow(each.position, each.line, cells[each.position][each.line], each.text)
        for kind in KEPT_WITH_CELLS
        for each in result.of(kind)
    ]
    return left_out_csv([(file.name, file.table.header) for file in files], rows)


for _name, _program in programs().items():
    import_group.add_command(_command_of(_name, _program.title))


@import_group.command("list")
def list_imports() -> None:
    """List the newest imports: their id, when, who, from what, and what became of the rows."""
    with parts().db.read() as tx:
        rows = imports.newest(tx)
    now = parts().clock()
    report(
        "\n".join(
            f"{row.id}  {row.created_at:%Y-%m-%d %H:%M}  {row.state}  {row.program}  {row.actor}  {summary(row.counts)}"
            + ("  can be undone" if undoing.can_undo(row, now) else "")
            for row in rows
        )
        or "No imports yet.",
        imports=[
            {
                "id": row.id,
                "created_at": row.created_at.isoformat(),
                "state": row.state,
                "program": row.program,
                "actor": row.actor,
                "files": [file["name"] for file in row.files],
                "counts": row.counts,
                "can_undo": undoing.can_undo(row, now),
            }
            for row in rows
        ],
    )


@import_group.command("undo")
@click.argument("import_id", type=int, metavar="ID")
@click.option("--dry-run", is_flag=True, help="Say what would be taken back; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def undo(import_id: int, dry_run: bool, yes: bool) -> None:
    """Take a whole import back, within a day after it.

    Subscribers whom it added are removed, unless they have changed something, signed up or complained since. Addresses
    that it suppressed may be written to again, and their subscribers have their earlier state. Mails that were sent
    can't be taken back.
    """
    p = parts()
    with p.db.read() as tx:
        row = imports.by_id(tx, import_id)
    undoing.require_undoable(row, p.clock())
    expected = undoing.preview(p.db, import_id)
    if dry_run:
        report(f"would be: {_undo_words(expected)}", dry_run=True, **expected)
        return
    if not yes:
        click.confirm(f"Undo import {import_id} ({_undo_words(expected)})", abort=True)
    undoing.start(p.db, import_id, p.clock())
    counts = undoing.undo_all(p.db, import_id, p.clock)
    report(_undo_words(counts), dry_run=False, **counts)


def _undo_words(counts: Mapping[str, int]) -> str:
    words = {
        undoing.REMOVED: "removed",
        undoing.LIFTED: "no longer suppressed",
        undoing.RESTORED: "as they were before",
    }
    listed = [
        f"{count} {words.get(name) or 'left: ' + name.replace('_', ' ')}" for name, count in counts.items()
    ]
    return ", ".join(listed) or "nothing to undo"


@click.command("import", deprecated="use `dateline import other`")
@click.argument("file", type=FILE)
@import_options
@with_appcontext
def import_csv(*, file: Path, consent: str, **options: Any) -> None:
    """Another name of `dateline import other`, with the JSON that it had.

    It reads like that: who left elsewhere becomes an unsubscribed subscriber, and is not rejected any more.
    """
    run_import(ANY_PROGRAM, [file], consent, ImportReport.OLD, **options)
