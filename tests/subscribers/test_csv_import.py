"""Importing subscribers in sets, on both databases: nobody twice, and a dry run that changes nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event

from digest.database import Database
from digest.errors import InvalidInputError
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import csv_import, lifecycle
from digest.subscribers.csv_import import SubscriberImportContext, SubscriberImportResult
from digest.subscribers.models import Consent, Preferences, Subscriber
from digest.subscribers.pure.csv_columns import SUBSCRIBER_COLUMNS, map_columns
from digest.subscribers.pure.csv_tables import CsvRow
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.suppressions import SuppressionCause
from tests.conftest import NOON
from tests.subscribers.subscriber_steps import SECRET, count, get_subscriber, subscribe

HEADER = ["email", "regions", "language"]


def run_import(
    db: Database, tree: RegionTree, rows: Sequence[Sequence[str]], **options: Any
) -> SubscriberImportResult:
    context = SubscriberImportContext(
        tree=tree, languages=("en", "ru"), secret=SECRET, consent_wording="on paper", now=NOON, **options
    )
    numbered = [CsvRow(number, cells) for number, cells in enumerate(rows, start=2)]
    return csv_import.import_rows(db, numbered, map_columns(HEADER, SUBSCRIBER_COLUMNS), context)


def test_each_newcomer_is_active_with_a_consent(db: Database, tree: RegionTree) -> None:
    result = run_import(db, tree, [["ann@example.com", "KZ,GE", "RU"], ["bob@example.com", "ge kz", "ru"]])
    assert (result.added, count(db, Subscriber), count(db, Consent)) == (2, 2, 2)
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
    assert (result.added, result.known, result.suppressed) == (1, 1, 1)
    assert get_subscriber(db).state == "pending"
    assert run_import(db, tree, rows).added == 0


def test_an_address_that_is_repeated_is_added_once_and_named(db: Database, tree: RegionTree) -> None:
    rows = [["ann@example.com", "KZ", ""], ["ANN@example.com", "GE", ""], ["ann@example.com", "KZ", ""]]
    result = run_import(db, tree, rows)
    assert (result.added, result.known, count(db, Subscriber)) == (1, 0, 1)
    assert [number for number, _ in result.repeated] == [3, 4]
    assert "is in line 2 already" in result.repeated[0].reason


def test_a_dry_run_says_what_would_happen_and_changes_nothing(db: Database, tree: RegionTree) -> None:
    rows = [["ann@example.com", "KZ", ""], ["nobody", "KZ", ""], ["bob@example.com", "Atlantis", ""]]
    result = run_import(db, tree, rows, dry_run=True)
    assert (result.added, [number for number, _ in result.rejected]) == (1, [3, 4])
    assert (count(db, Subscriber), count(db, Preferences), count(db, Consent)) == (0, 0, 0)
    assert run_import(db, tree, rows).added == 1


def test_defaults_are_for_rows_that_do_not_say(db: Database, tree: RegionTree) -> None:
    rows = [["ann@example.com", "", ""], ["bob@example.com", "GE", "en"]]
    assert run_import(db, tree, rows, defaults={"regions": "KZ", "language": "ru-RU"}).added == 2
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
    rows = [[f"reader{number}@example.com", "KZ" if number % 2 else "GE", ""] for number in range(3000)]
    assert run_import(db, tree, rows).added == 3000
    assert count(db, Consent) == 3000
    assert len(statements) < 100  # not a few for each row


def test_somebody_who_subscribes_meanwhile_is_left_as_they_are(db: Database, tree: RegionTree) -> None:
    del tree
    subscribe(db)
    subscription = store.subscription_of(get_subscriber(db))
    newcomers = {parse_address(f"{name}@example.com"): subscription for name in ("ann", "bob")}
    with db.begin() as tx:
        assert lifecycle.add_confirmed(tx, newcomers, wording="x", now=NOON) == 1
    assert get_subscriber(db).state == "pending"
