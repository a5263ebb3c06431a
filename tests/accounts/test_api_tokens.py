"""Tokens: what is stored, when they work, and what the audit trail says."""

from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.accounts import api_tokens
from digest.accounts.api_tokens import TokenRefusedError, WrongNetworkError
from digest.accounts.audit import Actor
from digest.accounts.pure import token_rules as rules
from digest.accounts.states import SCOPES_INCLUDED, Face, Scope
from digest.accounts.store import api_tokens as store
from digest.accounts.store import audit
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from tests.conftest import NOON, StoppedClock

ANN = Actor("ann@example.org")


def make(db: Database, name: str = "intranet", *scopes: str, **more: object) -> str:
    return api_tokens.create(db, name, scopes or ("read",), actor=ANN, now=NOON, **more)  # type: ignore[arg-type]


def test_only_a_hash_of_a_token_is_stored(db: Database) -> None:
    secret = make(db)
    assert secret.startswith("dateline_")
    with db.read() as tx:
        (row,) = store.list_tokens(tx)
    assert secret not in repr(vars(row))
    assert row.secret_hash == rules.secret_hash(secret)


def test_a_token_names_its_program_as_the_actor(db: Database) -> None:
    holder = api_tokens.find_holder(db, make(db, "intranet", "send"), address="192.0.2.7", now=NOON)
    assert holder.scopes == {Scope.READ, Scope.EDITORIAL, Scope.SEND}
    assert holder.actor() == Actor("token intranet", Face.API, "192.0.2.7/32")


def test_making_and_revoking_are_security_events(db: Database) -> None:
    make(db)
    api_tokens.revoke(db, "intranet", actor=ANN, now=NOON)
    with db.read() as tx:
        entries, _ = audit.audit_trail(tx)
    assert [(entry.event, entry.account, entry.target) for entry in entries] == [
        ("token.revoked", "ann@example.org", "intranet"), ("token.created", "ann@example.org", "intranet"),
    ]  # fmt: skip


def test_a_revoked_an_expired_and_an_unknown_token_are_refused(db: Database) -> None:
    secret = make(db, "short", days=1)
    assert api_tokens.find_holder(db, secret, address=None, now=NOON + timedelta(hours=23))
    with pytest.raises(TokenRefusedError, match="expired on 2026-03-11"):
        api_tokens.find_holder(db, secret, address=None, now=NOON + timedelta(days=1))
    api_tokens.revoke(db, "short", actor=ANN, now=NOON)
    with pytest.raises(TokenRefusedError, match="was revoked"):
        api_tokens.find_holder(db, secret, address=None, now=NOON)
    for wrong in ("", "dateline_x", secret[:-1], "\ud800", "x" * 100_000):
        with pytest.raises(TokenRefusedError, match="unknown"):
            api_tokens.find_holder(db, wrong, address=None, now=NOON)


def test_a_token_works_from_its_networks_only(db: Database) -> None:
    secret = make(db, "office", networks=["192.0.2.0/24", "2001:db8::/48"])
    for address in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"):
        assert api_tokens.find_holder(db, secret, address=address, now=NOON).name == "office"
    for other in ("192.0.3.7", "2001:db9::1", None, "unix"):
        with pytest.raises(WrongNetworkError, match="it works from"):
            api_tokens.find_holder(db, secret, address=other, now=NOON)


def test_the_last_use_is_written_at_most_once_a_minute(db: Database, clock: StoppedClock) -> None:
    secret = make(db)
    for seconds, expected in ((0, 0), (59, 0), (60, 60), (90, 60), (121, 121)):
        api_tokens.find_holder(db, secret, address=None, now=NOON + timedelta(seconds=seconds))
        with db.read() as tx:
            (row,) = store.list_tokens(tx)
        assert row.last_used_at == NOON + timedelta(seconds=expected)


def test_wrong_values_are_refused_with_the_value(db: Database) -> None:
    make(db)
    with pytest.raises(ConflictError, match="already"):
        make(db)
    wrong: list[tuple[dict[str, object], str]] = [
        ({"networks": ["192.0.2.7/24"]}, r"192\.0\.2\.7/24"), ({"networks": ["x"]}, '"x" is not a network'),
        ({"networks": ["192.0.2.1"] * 21}, "21 networks"), ({"days": 0}, "0 is not"), ({"days": 9999}, "9999"),
    ]  # fmt: skip
    for more, words in wrong:
        with pytest.raises(InvalidInputError, match=words):
            make(db, "other", **more)
    for name in ("", "x" * 65, "two\nlines"):
        with pytest.raises(InvalidInputError, match="can't be the name"):
            make(db, name)
    with pytest.raises(InvalidInputError, match='"root" is no scope'):
        make(db, "other", "root")
    with pytest.raises(InvalidInputError, match="at least one"):
        rules.check_scopes([])
    with pytest.raises(NotFoundError, match="no token"):
        api_tokens.revoke(db, "nobody", actor=ANN, now=NOON)


def test_each_scope_includes_itself_and_admin_all() -> None:
    assert all(scope in included for scope, included in SCOPES_INCLUDED.items())
    assert SCOPES_INCLUDED[Scope.ADMIN] == set(Scope)
    assert all(Scope.READ in included for included in SCOPES_INCLUDED.values())


@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_an_address_is_within_every_network_around_it(address: object, prefix: int) -> None:
    network = ip_network((str(address), prefix), strict=False)
    assert rules.is_within(str(address), [str(network)])
    outside = ip_address(int(ip_address(str(address))) ^ (1 << 31))
    assert rules.is_within(str(outside), [str(network)]) == (prefix == 0)
