"""Accounts: one-time passwords, password rules, closing."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from digest.accounts import authentication, store
from digest.accounts.models import Account
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError
from tests.conftest import NOON

ANN = "Ann@Example.org"
NEW_PASSWORD = "a long and quiet sentence"

# Hashing is slow by design and the same on every database: only the test with a race runs on both.
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def password(db: Database) -> str:
    """Ann's one-time password."""
    return authentication.create_account(db, ANN, "admin", now=NOON)


def load_account(db: Database, email: str = ANN) -> Account:
    with db.read() as tx:
        account = store.find_by_email(tx, email)
    assert account is not None
    return account


def audited_actions(db: Database) -> list[str]:
    with db.read() as tx:
        return [entry.action for entry in store.audit_trail(tx)[0]]


@on_sqlite
def test_the_one_time_password_signs_in_and_is_marked_as_one_time(db: Database, password: str) -> None:
    signed_in = authentication.sign_in(db, "\ufeff ann@example.ORG\u200b ", password, now=NOON)
    assert signed_in is not None
    assert signed_in.one_time
    assert load_account(db).last_sign_in_at == NOON
    assert audited_actions(db) == ["signed in"]


@on_sqlite
def test_only_the_hash_of_a_password_is_stored(db: Database, password: str) -> None:
    assert password not in load_account(db).password_hash
    assert load_account(db).password_hash.startswith("$argon2id$")


@on_sqlite
@pytest.mark.parametrize(
    ("email", "typed"), [(ANN, "wrong"), (ANN, ""), ("bob@example.org", "right"), ("", ""), (ANN, "x" * 5000)]
)
def test_a_wrong_address_or_password_signs_nobody_in(
    db: Database, password: str, email: str, typed: str
) -> None:
    assert authentication.sign_in(db, email, password if typed == "right" else typed, now=NOON) is None


@on_sqlite
def test_an_unknown_address_takes_as_long_as_a_known_one(db: Database, password: str) -> None:
    def seconds(email: str) -> float:
        durations = []
        for _ in range(3):
            started = time.perf_counter()
            authentication.sign_in(db, email, "wrong", now=NOON)
            durations.append(time.perf_counter() - started)
        return min(durations)

    assert seconds("nobody@example.org") > seconds(ANN) / 3


@on_sqlite
def test_a_new_password_replaces_the_one_time_password_and_ends_other_sessions(
    db: Database, password: str
) -> None:
    before = load_account(db)
    after = authentication.change_password(db, before.id, current=password, new=NEW_PASSWORD, now=NOON)
    assert not after.one_time
    assert after.session_key != before.session_key
    assert authentication.sign_in(db, ANN, password, now=NOON) is None
    assert authentication.sign_in(db, ANN, NEW_PASSWORD, now=NOON) is not None


@on_sqlite
@pytest.mark.parametrize(
    ("current", "new"),
    [("wrong", NEW_PASSWORD), (None, "too short"), (None, "x" * 11), (None, "x" * 257), (None, None)],
)
def test_a_refused_password_changes_nothing(
    db: Database, password: str, current: str | None, new: str | None
) -> None:
    before = load_account(db)
    with pytest.raises(InvalidInputError):
        authentication.change_password(
            db, before.id, current=current or password, new=new or password, now=NOON
        )
    assert load_account(db).password_hash == before.password_hash


@on_sqlite
@pytest.mark.parametrize("new", ["x" * 12, "пароль из слов", "x" * 256])
def test_any_password_of_twelve_characters_is_accepted(db: Database, password: str, new: str) -> None:
    authentication.change_password(db, load_account(db).id, current=password, new=new, now=NOON)
    assert authentication.sign_in(db, ANN, new, now=NOON) is not None


@on_sqlite
def test_a_reset_creates_a_new_one_time_password_and_ends_all_sessions(db: Database, password: str) -> None:
    old_session_key = load_account(db).session_key
    new_password = authentication.reset_password(db, ANN, now=NOON)
    assert new_password != password
    assert load_account(db).one_time
    assert load_account(db).session_key != old_session_key


@on_sqlite
def test_an_unknown_account_cannot_be_reset(db: Database) -> None:
    with pytest.raises(InvalidInputError, match="dateline accounts add"):
        authentication.reset_password(db, "nobody@example.org", now=NOON)


@on_sqlite
def test_an_address_has_one_account_however_it_is_written(db: Database, password: str) -> None:
    with pytest.raises(ConflictError):
        authentication.create_account(db, ANN.upper(), "editor", now=NOON)


@on_sqlite
@pytest.mark.parametrize("email", ["", "ann", "ann@", "@example.org", "a b@example.org", "ann@local"])
def test_an_account_needs_an_address(db: Database, email: str) -> None:
    with pytest.raises(InvalidInputError):
        authentication.create_account(db, email, "editor", now=NOON)


@on_sqlite
def test_there_are_two_roles(db: Database) -> None:
    with pytest.raises(InvalidInputError, match="editor and admin"):
        authentication.create_account(db, ANN, "owner", now=NOON)


@on_sqlite
def test_the_last_admin_cannot_be_closed(db: Database, password: str) -> None:
    authentication.create_account(db, "editor@example.org", "editor", now=NOON)
    with pytest.raises(ConflictError, match="last admin"):
        authentication.close_account(db, load_account(db).id)


def test_two_admins_who_close_each_other_at_once_leave_one(
    db: Database, password: str, threads: ThreadPoolExecutor
) -> None:
    authentication.create_account(db, "bob@example.org", "admin", now=NOON)

    def close(email: str) -> bool:
        try:
            authentication.close_account(db, load_account(db, email).id)
        except ConflictError:
            return False
        return True

    assert sorted(threads.map(close, [ANN, "bob@example.org"])) == [False, True]


@on_sqlite
def test_a_closed_account_cannot_sign_in_until_it_is_opened_again(db: Database, password: str) -> None:
    authentication.create_account(db, "bob@example.org", "admin", now=NOON)
    old_session_key = load_account(db).session_key
    authentication.close_account(db, load_account(db).id)
    assert load_account(db).session_key != old_session_key
    assert authentication.sign_in(db, ANN, password, now=NOON) is None
    authentication.reopen_account(db, load_account(db).id)
    assert authentication.sign_in(db, ANN, password, now=NOON) is not None


@on_sqlite
@pytest.mark.parametrize(
    "email",
    [
        "<script>alert(1)</script>@x.yz",
        "ann",
        "ann@localhost",
        "a b@example.org",
        "ann@" + "x" * 300 + ".org",
        "",
    ],
)
def test_an_account_is_not_created_for_a_malformed_address(db: Database, email: str) -> None:
    with pytest.raises(InvalidInputError, match="is not an e-mail address"):
        authentication.create_account(db, email, "editor", now=NOON)


@on_sqlite
def test_signing_out_gives_the_account_another_session_key(db: Database, password: str) -> None:
    before = load_account(db)
    authentication.sign_out(db, before.id)
    assert load_account(db).session_key != before.session_key
