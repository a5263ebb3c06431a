"""What an account did on the desk, on both databases: twenty steps for a day, each taken once, the last one first."""

from datetime import timedelta

import pytest

from digest.accounts import authentication
from digest.accounts.models import UndoStep
from digest.accounts.store import undo_steps
from digest.accounts.store.undo_steps import KEPT_FOR, MAX_STEPS
from digest.database import Database
from digest.errors import ConflictError
from tests.conftest import NOON

LATER = NOON + KEPT_FOR + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def accounts(db: Database) -> None:
    for name in ("anna", "bela"):
        authentication.create_account(db, f"{name}@example.org", "editor", now=NOON)


def add(db: Database, message: str, account_id: int = 1) -> int:
    step = UndoStep(account_id=account_id, at=NOON, message=message, about="", fields=[["action", "unhide"]])
    with db.begin() as tx:
        return undo_steps.add(tx, step)


def messages(db: Database, account_id: int = 1) -> list[str]:
    with db.read() as tx:
        return [step.message for step in undo_steps.newest_first(tx, account_id, NOON)]


def test_the_oldest_steps_of_an_account_go(db: Database) -> None:
    add(db, "another's", account_id=2)
    for number in range(MAX_STEPS + 5):
        add(db, str(number))
    assert messages(db) == [str(number) for number in range(MAX_STEPS + 4, 4, -1)]
    assert messages(db, account_id=2) == ["another's"]


def test_steps_are_kept_for_a_day(db: Database) -> None:
    add(db, "hidden")
    with db.begin() as tx:
        assert undo_steps.newest_first(tx, 1, LATER) == []
        assert (undo_steps.prune(tx, NOON), undo_steps.prune(tx, LATER)) == (0, 1)


def test_only_the_last_step_of_ones_own_is_taken_and_once(db: Database) -> None:
    first, last = add(db, "first"), add(db, "last")
    for account_id, step_id, words in ((1, first, "Undo that first"), (2, last, "undone already")):
        with pytest.raises(ConflictError, match=words), db.begin() as tx:
            undo_steps.take(tx, account_id, step_id, NOON)
    with db.begin() as tx:
        step = undo_steps.take(tx, 1, last, NOON)
    with pytest.raises(ConflictError, match="undone already"), db.begin() as tx:
        undo_steps.take(tx, 1, last, NOON)
    assert messages(db) == ["first"]
    with db.begin() as tx:
        undo_steps.put_back(tx, step)
    assert messages(db) == ["last", "first"]


def test_no_id_is_used_twice(db: Database) -> None:
    step_id = add(db, "hidden")
    with db.begin() as tx:
        undo_steps.take(tx, 1, step_id, NOON)
    assert add(db, "pinned") > step_id
