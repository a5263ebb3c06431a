"""What the worker does about imports of the newsroom: the step that the state of each one names."""

import logging
from collections.abc import Callable
from dataclasses import replace

from digest.clock import Clock
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.subscribers.imports import import_run, undoing, uploads
from digest.subscribers.imports.import_run import CLAIM_TIME
from digest.subscribers.imports.row_reading import read_export
from digest.subscribers.imports.rules import ImportRules
from digest.subscribers.models import SubscriberImport
from digest.subscribers.pure.programs import programs
from digest.subscribers.states import ImportState
from digest.subscribers.store import imports

MAX_ATTEMPTS = 3  # without progress
log = logging.getLogger(__name__)


def work_on_all(db: Database, rules: ImportRules, clock: Clock) -> int:
    """Do the next step of each import that waits for one; returns how many."""
    with db.read() as tx:
        waiting = imports.due(tx, clock())
    return sum(work_on(db, import_id, rules, clock) for import_id in waiting)


def work_on(db: Database, import_id: int, rules: ImportRules, clock: Clock) -> bool:
    """Do the next step of an import; false if another process does it. An error ends the step, and is stored."""
    with db.begin() as tx:
        row = imports.claim(tx, import_id, until=clock() + CLAIM_TIME, now=clock())
    if row is None:
        return False
    if row.attempts > MAX_ATTEMPTS:
        _fail(db, row, "It was interrupted several times. What is in the counts is done.", clock)
        return True
    try:
        _do_step(db, row, replace(rules, consent_wording=row.consent, now=clock()), clock)
    except ConflictError as error:
        log.info("import %d: %s", import_id, error)
        if row.state == ImportState.RUNNING and not _has_files(db, import_id):
            _fail(db, row, str(error), clock)
    except (InvalidInputError, NotFoundError) as error:
        _fail(db, row, str(error), clock)
    return True


def _do_step(db: Database, row: SubscriberImport, rules: ImportRules, clock: Clock) -> None:
    rules = replace(rules, defaults=row.options["defaults"])
    if row.state == ImportState.UNDOING:
        undoing.undo_all(db, row.id, clock)
    elif row.state == ImportState.CHECKING:
        _check(db, row, rules, clock)
    else:
        _import(db, row, rules, clock)


def _check(db: Database, row: SubscriberImport, rules: ImportRules, clock: Clock) -> None:
    with db.read() as tx:
        files = uploads.load_tables(tx, row)
    export = read_export(files, programs()[row.program], rules)
    is_current = _progress_of(db, row, len(export.rows), clock)
    is_current(0)
    result = import_run.try_out(db, export, rules, is_current)
    with db.begin() as tx:
        stored = imports.by_id(tx, row.id, locked=True)
        if stored.state == ImportState.CHECKING and stored.revision == row.revision:
            stored.counts = {kind.value: count for kind, count in result.count_all().items()}
            imports.replace_remarks(tx, row.id, import_run.remark_rows(result, files))
            stored.state, stored.claimed_until = ImportState.CHECKED, None


def _import(db: Database, row: SubscriberImport, rules: ImportRules, clock: Clock) -> None:
    with db.read() as tx:
        files = uploads.load_tables(tx, row)
    export = read_export(files, programs()[row.program], rules)
    with db.begin() as tx:
        imports.by_id(tx, row.id, locked=True).total = len(export.rows)
    import_run.save_all(db, row.id, files, export, rules=rules, clock=clock)
    log.info("import %d is done: %d addresses", row.id, len(export.rows))


def _progress_of(db: Database, row: SubscriberImport, total: int, clock: Clock) -> Callable[[int], bool]:
    """A function that stores how far a dry run is; it returns False when the dry run does not matter any more."""

    def store(done: int) -> bool:
        with db.begin() as tx:
            stored = imports.by_id(tx, row.id, locked=True)
            if stored.state != ImportState.CHECKING or stored.revision != row.revision:
                return False
            stored.total, stored.position, stored.attempts = total, done, 0
            stored.claimed_until = clock() + CLAIM_TIME
        return True

    return store


def _has_files(db: Database, import_id: int) -> bool:
    with db.read() as tx:
        return bool(imports.files(tx, import_id))


def _fail(db: Database, row: SubscriberImport, error: str, clock: Clock) -> None:
    """Store an error: a dry run is corrected and repeated, an import ends."""
    with db.begin() as tx:
        stored = imports.find(tx, row.id, locked=True)
        if stored is None or stored.state != row.state or stored.revision != row.revision:
            return  # it has been thrown away, or somebody has chosen other columns
        if stored.state == ImportState.CHECKING:
            stored.state, stored.error, stored.claimed_until = ImportState.DRAFT, error, None
        elif stored.state == ImportState.RUNNING:
            import_run.end(tx, stored, ImportState.FAILED, clock, error)
        else:  # what is left can be undone by a new attempt
            stored.state, stored.error, stored.claimed_until = ImportState.DONE, error, None
