"""Importing subscribers in sets, on both databases: nobody twice, and a dry run that changes nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from digest.database import Database
from digest.errors import InvalidInputError
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.imports import import_run, undoing, uploads, work
from digest.subscribers.imports.import_run import ImportResult
from digest.subscribers.imports.row_reading import ExportFile, ReadExport, read_export
from digest.subscribers.imports.row_saving import RowSaver
from digest.subscribers.imports.rules import ImportRules
from digest.subscribers.models import (
    Consent,
    ImportChange,
    Preferences,
    Subscriber,
    SubscriberImport,
    Suppression,
)
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, map_columns
from digest.subscribers.pure.csv_tables import CsvRow, CsvTable
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.programs import programs
from digest.subscribers.states import ImportOutcome, SuppressionReason
from digest.subscribers.store import imports
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.suppressions import SuppressionCause
from tests.conftest import NOON
from tests.subscribers.subscriber_steps import SECRET, count, get_subscriber, subscribe

HEADER = ["email", "regions", "language"]
ACTIVE, KNOWN, REFUSED = ImportOutcome.ACTIVE, ImportOutcome.KNOWN, ImportOutcome.REFUSED


def read(
    tree: RegionTree, rows: Sequence[Sequence[str]], **options: Any
) -> tuple[ImportRules, ExportFile, ReadExport]:
    rules = ImportRules(
        tree=tree, languages=("en", "ru"), secret=SECRET, consent_wording="on paper", now=NOON, **options
    )
    numbered = [CsvRow(number, cells) for number, cells in enumerate(rows, start=2)]
    file = ExportFile("list.csv", CsvTable(HEADER, numbered, ","), map_columns(HEADER, SUBSCRIBER_COLUMNS))
    return rules, file, read_export([file], programs()["other"], rules)


def add_import(db: Database, export: ReadExport) -> int:
    row = uploads.new_import("other", "cem", [], {}, NOON)
    return import_run.begin(db, row, export, lambda: NOON)


def run_import(
    db: Database, tree: RegionTree, rows: Sequence[Sequence[str]], *, dry_run: bool = False, **options: Any
) -> ImportResult:
    rules, file, export = read(tree, rows, **options)
    if dry_run:
        return import_run.try_out(db, export, rules)
    return import_run.save_all(db, add_import(db, export), [file], export, rules=rules, clock=lambda: NOON)


def test_each_newcomer_is_active_with_a_consent(db: Database, tree: RegionTree) -> None:
    result = run_import(db, tree, [["ann@example.com", "KZ,GE", "RU"], ["bob@example.com", "ge kz", "ru"]])
    assert (result.counts[ACTIVE], count(db, Subscriber), count(db, Consent)) == (2, 2, 2)
    ann = get_subscriber(db)
    assert (ann.state, ann.confirmed_at, ann.send_minute) == ("active", NOON, 420)
    with db.read() as tx:
        assert [(c.action, c.origin, c.wording) for c in store.consents(tx, ann)] == [
            ("imported", "import", "on paper")
        ]


def test_those_known_or_suppressed_stay_as_they_are(db: Database, tree: RegionTree) -> None:
    subscribe(db)
    cause = SuppressionCause(SuppressionReason.EDITOR)
    lifecycle.suppress_address(db, parse_address("bob@example.com"), cause, secret=SECRET, now=NOON)
    rows = [[f"{name}@example.com", "KZ", ""] for name in ("Ann", "bob", "cat")]
    result = run_import(db, tree, rows)
    assert (result.counts[ACTIVE], result.counts[KNOWN], result.counts[REFUSED]) == (1, 1, 1)
    assert get_subscriber(db).state == "pending"
    assert run_import(db, tree, rows).counts[ACTIVE] == 0


def test_an_address_that_is_repeated_is_added_once_and_named(db: Database, tree: RegionTree) -> None:
    rows = [["ann@example.com", "KZ", ""], ["ANN@example.com", "GE", ""], ["ann@example.com", "KZ", ""]]
    result = run_import(db, tree, rows)
    assert (result.counts[ACTIVE], result.counts[KNOWN], count(db, Subscriber)) == (1, 0, 1)
    repeated = result.of(ImportOutcome.REPEATED)
    assert [row.line for row in repeated] == [3, 4]
    assert "is also in list.csv, line 2, which was used" in repeated[0].text


def test_an_interrupted_import_goes_on_where_it_was_and_counts_everybody_once(
    db: Database, tree: RegionTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_run, "BATCH_SIZE", 2)
    rows = [[f"reader{number}@example.com", "KZ", ""] for number in range(5)]
    rules, file, export = read(tree, rows)
    import_id = add_import(db, export)
    saved = RowSaver.save

    def break_off(self: RowSaver, tx: Any, batch: Any) -> Any:
        found = saved(self, tx, batch)
        if count(db, Subscriber) == 2:
            raise KeyboardInterrupt
        return found

    with monkeypatch.context() as patched:
        patched.setattr(RowSaver, "save", break_off)
        with pytest.raises(KeyboardInterrupt):
            import_run.save_all(db, import_id, [file], export, rules=rules, clock=lambda: NOON)
    assert count(db, Subscriber) == 2
    import_run.save_all(db, import_id, [file], export, rules=rules, clock=lambda: NOON)
    with db.read() as tx:
        row = tx.get(SubscriberImport, import_id)
        assert row
        assert (row.counts["active"], row.counts.get("known", 0), row.state) == (5, 0, "done")
    assert count(db, Subscriber) == 5


def test_a_dry_run_says_what_would_happen_and_changes_nothing(db: Database, tree: RegionTree) -> None:
    rows = [["ann@example.com", "KZ", ""], ["nobody", "KZ", ""], ["bob@example.com", "Atlantis", ""]]
    result = run_import(db, tree, rows, dry_run=True)
    assert result.counts[ACTIVE] == 1
    assert [row.line for row in result.of(ImportOutcome.REJECTED)] == [3, 4]
    assert (count(db, Subscriber), count(db, Preferences), count(db, Consent)) == (0, 0, 0)
    assert run_import(db, tree, rows).counts[ACTIVE] == 1


def test_defaults_are_for_rows_that_do_not_say(db: Database, tree: RegionTree) -> None:
    rows = [["ann@example.com", "", ""], ["bob@example.com", "GE", "en"]]
    assert run_import(db, tree, rows, defaults={"regions": "KZ", "language": "ru-RU"}).counts[ACTIVE] == 2
    with db.read() as tx:
        chosen = {s.email[:3]: (s.preferences.regions, s.preferences.language) for s in store.iterate_all(tx)}
    assert chosen == {"ann": (["kz"], "ru"), "bob": (["ge"], "en")}


@pytest.mark.parametrize("defaults", [{"email": "x"}, {"language": "xx"}, {"time": "07:10"}])
def test_a_wrong_default_stops_the_import_before_its_first_row(
    db: Database, tree: RegionTree, defaults: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError):
        run_import(db, tree, [["ann@example.com", "KZ", "en"]], defaults=defaults)
    assert count(db, Subscriber) == 0


def test_many_rows_take_few_statements(db: Database, tree: RegionTree) -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    rows = [[f"reader{number}@example.com", "KZ" if number % 2 else "GE", ""] for number in range(1500)]
    assert run_import(db, tree, rows).counts[ACTIVE] == 1500
    assert count(db, Consent) == 1500
    assert len(statements) < 100  # not a few for each row


def test_somebody_who_subscribes_meanwhile_is_left_as_they_are(db: Database, tree: RegionTree) -> None:
    del tree
    subscribe(db)
    subscription = store.subscription_of(get_subscriber(db))
    newcomers = {parse_address(f"{name}@example.com"): subscription for name in ("ann", "bob")}
    with db.begin() as tx:
        assert lifecycle.add_confirmed(tx, newcomers, wording="x", now=NOON) == 1
    assert get_subscriber(db).state == "pending"


def test_an_uploaded_list_is_checked_imported_and_undone_by_a_worker(db: Database, tree: RegionTree) -> None:
    subscribe(db)
    rules = ImportRules(tree=tree, languages=("en",), secret=SECRET, consent_wording="", now=NOON)

    def clock() -> datetime:
        return NOON

    def state() -> str:
        work.work_on_all(db, rules, clock)
        with db.read() as tx:
            return imports.by_id(tx, import_id).state

    rows = "bob@example.com,active\nann@example.com,complained\ncat@example.com,bounced\nnobody,active\n"
    file = uploads.Upload("list.csv", f"email,status\n{rows}".encode())
    import_id = uploads.receive(db, "other", [file], encoding="", actor="cem", now=NOON)
    uploads.choose(db, import_id, {}, {"regions": "KZ"})
    assert state() == "checked"
    assert count(db, Subscriber) == 1
    uploads.start(db, import_id, "on paper")
    with db.begin() as tx:  # two workers at once: one has it
        first = imports.claim(tx, import_id, until=NOON + timedelta(minutes=1), now=NOON)
        assert first
        assert imports.claim(tx, import_id, until=NOON + timedelta(minutes=1), now=NOON) is None
        imports.by_id(tx, import_id).claimed_until = None
    assert state() == "done"
    assert get_subscriber(db).state == "suppressed"
    assert (count(db, Subscriber), count(db, Suppression), count(db, ImportChange)) == (2, 2, 3)
    undoing.start(db, import_id, NOON)
    assert state() == "undone"
    assert get_subscriber(db).state == "pending"
    assert (count(db, Subscriber), count(db, Suppression), count(db, ImportChange)) == (1, 0, 0)


def test_what_fails_again_and_again_is_given_up(db: Database, tree: RegionTree) -> None:
    rules = ImportRules(tree=tree, languages=("en",), secret=SECRET, consent_wording="", now=NOON)
    file = uploads.Upload("list.csv", b"email\nann@example.com\n")
    import_id = uploads.receive(db, "other", [file], encoding="", actor="cem", now=NOON)
    uploads.choose(db, import_id, {}, {"regions": "Atlantis"})
    work.work_on_all(db, rules, lambda: NOON)
    with db.read() as tx:
        row = imports.by_id(tx, import_id)
        assert (row.state, "Atlantis" in row.error) == ("draft", True)
    uploads.choose(db, import_id, {}, {"regions": "KZ"})
    with db.begin() as tx:
        imports.by_id(tx, import_id).attempts = work.MAX_ATTEMPTS
    work.work_on_all(db, rules, lambda: NOON)
    with db.read() as tx:
        assert "interrupted" in imports.by_id(tx, import_id).error
