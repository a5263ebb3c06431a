"""Fixtures: threads, to do things at the same time, and an account whose password is known."""

import pytest
from argon2 import PasswordHasher

from digest.accounts import authentication, password_hashing
from digest.accounts.models import Account
from digest.accounts.store import accounts as store
from digest.database import Database
from tests.conftest import NOON
from tests.database_fixtures import threads  # noqa: F401

KEY = "a key that is only used in these tests"
ANN = "Ann@Example.org"

# Hashing is the same on every database: tests of more than one hash run on SQLite only.
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def real_hashes(cheap_hashes: PasswordHasher, monkeypatch: pytest.MonkeyPatch) -> PasswordHasher:
    """Hashes of passwords at the cost that accounts really have; returns what hashes them."""
    monkeypatch.setattr(password_hashing, "_hasher", cheap_hashes)
    password_hashing._placeholder_hash.cache_clear()
    return cheap_hashes


@pytest.fixture
def password(db: Database) -> str:
    """Ann's one-time password."""
    return authentication.create_account(db, ANN, "admin", now=NOON)


def load_account(db: Database, email: str = ANN) -> Account:
    with db.read() as tx:
        account = store.find_by_email(tx, email)
    assert account is not None
    return account
