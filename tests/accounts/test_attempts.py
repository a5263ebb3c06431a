"""What an attempt leaves behind: counts that a success takes back, and who waits because of whom."""

from datetime import timedelta

import pytest

from digest.accounts import attempts
from digest.accounts.attempts import Attempt, RequestOrigin
from digest.accounts.pure.secrets_at_rest import subject_hash
from digest.accounts.pure.sign_in_delays import ANYWHERE
from digest.accounts.states import SecurityEvent
from digest.accounts.store import audit
from digest.accounts.store import failures as store
from digest.accounts.store.accounts import account_key
from digest.accounts.store.audit import AuditFilters
from digest.database import Database
from tests.accounts.conftest import ANN, KEY, on_sqlite
from tests.conftest import NOON

NARROW, WIDE = "192.0.2.7/32", "192.0.2.0/24"
SUBJECT = subject_hash(KEY, account_key(ANN))


def begin(
    db: Database, address: str = "192.0.2.7", *, device: str = "", email: str = ANN, **later: float
) -> Attempt:
    return attempts.begin(db, KEY, email, RequestOrigin(address, device), now=NOON + timedelta(**later))


def counts(db: Database) -> dict[str, int]:
    """The failures of each origin, however old."""
    names = [f"password:{name}" for name in (NARROW, WIDE, ANYWHERE, "device:d1", "198.51.100.9/32")]
    with db.read() as tx:
        rows = store.of_subject(tx, SUBJECT, names, since=NOON - timedelta(days=99))
        return {row.origin.partition(":")[2]: row.failures for row in rows}


@on_sqlite
def test_a_success_begins_anew_at_its_own_origin_and_takes_itself_back_from_the_wider_ones(
    db: Database,
) -> None:
    begin(db)
    begin(db, "192.0.2.8")
    attempts.succeed(db, begin(db), NOON)
    assert counts(db) == {WIDE: 2, ANYWHERE: 2}


@on_sqlite
def test_an_attempt_that_is_withdrawn_leaves_those_before_it(db: Database) -> None:
    first, second = begin(db), begin(db)
    attempts.withdraw(db, second, NOON)
    assert counts(db) == {NARROW: 1, WIDE: 1, ANYWHERE: 1}
    attempts.withdraw(db, first, NOON)
    attempts.withdraw(db, first, NOON)  # never below none
    assert counts(db) == {NARROW: 0, WIDE: 0, ANYWHERE: 0}


@on_sqlite
def test_a_success_deletes_what_is_older_than_a_day(db: Database) -> None:
    begin(db, "198.51.100.9")
    attempts.succeed(db, begin(db, hours=24), NOON + timedelta(hours=24))
    assert counts(db)["198.51.100.9/32"] == 1
    attempts.succeed(db, begin(db, hours=25), NOON + timedelta(hours=25))
    assert "198.51.100.9/32" not in counts(db)


@on_sqlite
def test_failures_of_neighbours_are_excused_by_a_second_factor_and_own_ones_are_not(db: Database) -> None:
    for number in range(20):
        begin(db, f"192.0.2.{100 + number}")
    neighbour = begin(db)
    assert (neighbour.wait, neighbour.only_wide) == (timedelta(seconds=5), True)
    for _ in range(5):
        begin(db, "203.0.113.5")
    own = begin(db, "203.0.113.5")
    assert (own.wait, own.only_wide) == (timedelta(seconds=5), False)
    assert begin(db, "198.51.100.9").wait == timedelta(0)


@on_sqlite
def test_an_attempt_that_must_wait_is_not_counted(db: Database) -> None:
    for _ in range(8):
        begin(db)
    assert counts(db)[NARROW] == 5


@on_sqlite
def test_the_audit_trail_says_what_must_wait(
    db: Database, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(7):
        begin(db, device="d1")
    for number in range(5):
        begin(db, "203.0.113.5", seconds=number)
        begin(db, email="nobody@example.org", seconds=number)
    with db.begin() as tx:
        store.save(tx, SUBJECT, f"password:{ANYWHERE}", failures=99, last_at=NOON, wait_until=NOON)
    begin(db, "198.51.100.1")
    with db.read() as tx:
        entries, _ = audit.audit_trail(tx, filters=AuditFilters(security_only=True))
    found = {
        (entry.account, entry.target, (entry.after or {})["origin"], (entry.after or {})["failures"])
        for entry in entries
        if entry.event == SecurityEvent.SIGN_IN_DELAYED
    }
    assert found == {
        (ANN, "", "known device", 5),
        (ANN, "", "203.0.113.5/32", 5),
        ("", "unknown address", NARROW, 5),
        (ANN, "", "many networks", 100),
    }
    assert caplog.text.count("sign_in_delayed account=None") == 1
