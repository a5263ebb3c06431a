"""Accounts: one-time passwords, invitations, password rules, roles, closing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from digest.accounts import authentication, password_hashing
from digest.accounts.audit import Actor
from digest.accounts.pure.password_links import PasswordLinks
from digest.accounts.states import AccountLetterKind, Role
from digest.accounts.store import audit, letters
from digest.accounts.store.audit import AuditFilters
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError
from tests.accounts.conftest import ANN, KEY, load_account, on_sqlite
from tests.conftest import NOON

NEW_PASSWORD = "a long and quiet sentence"
ADMIN = Actor("admin@example.org")
LINKS = PasswordLinks(KEY, "https://news.example.org")


def events(db: Database) -> list[str]:
    with db.read() as tx:
        return [entry.event for entry in audit.audit_trail(tx)[0]]


def change(db: Database, current: str, new: str) -> None:
    account = load_account(db)
    authentication.change_password(
        db, account.id, current=current, new=new, site_name="Dateline", actor=ADMIN, now=NOON
    )


def token_of(db: Database, email: str = ANN, **later: float) -> str:
    url = LINKS.url(authentication.linked(load_account(db, email)), NOON + timedelta(**later))
    return url.rpartition("/")[2]


def choose(db: Database, token: str, new: str = NEW_PASSWORD, *, minutes: float = 0) -> None:
    now = NOON + timedelta(minutes=minutes)
    authentication.choose_password(
        db, LINKS, token, new, site_name="Dateline", network="192.0.2.1/32", now=now
    )


@on_sqlite
def test_only_the_hash_of_a_password_is_stored(
    db: Database, real_hashes: PasswordHasher, password: str
) -> None:
    hashed = load_account(db).password_hash
    assert password not in hashed
    assert hashed.startswith("$argon2id$")
    assert password_hashing.matches(hashed, password)
    assert not password_hashing.matches(hashed, password[:-1])


def test_a_hash_costs_what_rfc_9106_recommends() -> None:
    cost = extract_parameters(password_hashing.hash_password("a quiet sentence"))
    assert cost.type is Type.ID
    assert cost.memory_cost >= 64 * 1024  # KiB; RFC 9106, section 4, its second recommendation
    assert cost.time_cost >= 3
    assert cost.parallelism >= 4
    assert (cost.salt_len, cost.hash_len) == (16, 32)


@on_sqlite
def test_a_new_password_replaces_the_one_time_password_and_ends_other_sessions(
    db: Database, password: str
) -> None:
    before = load_account(db)
    change(db, password, NEW_PASSWORD)
    after = load_account(db)
    assert not after.one_time
    assert after.session_key != before.session_key
    assert password_hashing.matches(after.password_hash, NEW_PASSWORD)
    assert not password_hashing.matches(after.password_hash, password)
    assert events(db)[0] == "account.password_changed"


@on_sqlite
@pytest.mark.parametrize(
    ("current", "new"),
    [("wrong", NEW_PASSWORD), (None, "too short"), (None, "x" * 257), (None, None), (None, "password123456")],
)
def test_a_refused_password_changes_nothing(
    db: Database, password: str, current: str | None, new: str | None
) -> None:
    before = load_account(db)
    with pytest.raises(InvalidInputError):
        change(db, current or password, new or password)
    assert load_account(db).password_hash == before.password_hash


def test_an_invitation_is_an_account_without_a_password_and_a_letter(db: Database) -> None:
    authentication.invite(db, "bob@example.org", "editor", actor=ADMIN, now=NOON)
    assert load_account(db, "bob@example.org").password_hash == ""
    with db.begin() as tx:
        (claimed,) = letters.claim(tx, NOON, lease=timedelta(minutes=1), limit=5)
    assert (claimed.letter.kind, claimed.account.email) == (AccountLetterKind.INVITATION, "bob@example.org")
    assert not password_hashing.matches("", "")
    assert events(db) == ["account.created"]


@on_sqlite
def test_a_link_sets_the_password_once(db: Database, password: str) -> None:
    token = token_of(db)
    choose(db, token)
    assert password_hashing.matches(load_account(db).password_hash, NEW_PASSWORD)
    with pytest.raises(InvalidInputError, match="used already"):
        choose(db, token, "another quiet sentence")


@on_sqlite
@pytest.mark.parametrize("what", ["an hour", "closed", "signed out", "forged", "of another"])
def test_a_link_dies_with_the_hour_and_with_the_state_it_was_made_for(
    db: Database, password: str, what: str
) -> None:
    authentication.create_account(db, "bob@example.org", "admin", now=NOON)
    token, minutes = token_of(db), 59
    if what == "an hour":
        minutes = 61
    elif what == "closed":
        authentication.close_account(db, load_account(db).id, actor=ADMIN, now=NOON)
    elif what == "signed out":
        authentication.sign_out(db, load_account(db).id, actor=ADMIN, now=NOON)
    elif what == "forged":
        token = token[:-3] + ("aaa" if token[-3:] != "aaa" else "bbb")
    else:
        token = token.replace(token.partition(".")[0], token_of(db, "bob@example.org").partition(".")[0])
    with pytest.raises(InvalidInputError):
        choose(db, token, minutes=minutes)
    assert password_hashing.matches(load_account(db).password_hash, password)


@on_sqlite
def test_a_link_still_refuses_a_common_password_and_stays_usable(db: Database, password: str) -> None:
    token = token_of(db)
    with pytest.raises(InvalidInputError, match="very common"):
        choose(db, token, "password123456!")
    choose(db, token)


def test_four_letters_a_day_go_to_an_account_and_none_to_a_stranger(db: Database) -> None:
    authentication.invite(db, ANN, "editor", actor=ADMIN, now=NOON)
    asked = [authentication.plan_reset(db, ANN, actor=ADMIN, now=NOON + timedelta(hours=1)) for _ in range(5)]
    assert asked == [True, True, True, False, False]
    assert authentication.plan_reset(db, ANN, actor=ADMIN, now=NOON + timedelta(hours=25, minutes=1))
    assert not authentication.plan_reset(db, "nobody@example.org", actor=ADMIN, now=NOON)


@on_sqlite
def test_an_address_has_one_account_however_it_is_written(db: Database, password: str) -> None:
    for email in (ANN.upper(), f"\ufeff {ANN.lower()}\u200b "):
        with pytest.raises(ConflictError):
            authentication.invite(db, email, "editor", actor=ADMIN, now=NOON)


@pytest.mark.parametrize("email", [
    "", "ann", "ann@", "@example.org", "a b@example.org", "ann@localhost", "<script>alert(1)</script>@x.yz",
    "ann@" + "x" * 300 + ".org",
])  # fmt: skip
@on_sqlite
def test_an_account_is_not_created_for_a_malformed_address(db: Database, email: str) -> None:
    with pytest.raises(InvalidInputError, match="is not an e-mail address"):
        authentication.invite(db, email, "editor", actor=ADMIN, now=NOON)


@on_sqlite
def test_there_are_four_roles(db: Database) -> None:
    with pytest.raises(InvalidInputError, match="viewer, editor, manager, admin"):
        authentication.invite(db, ANN, "owner", actor=ADMIN, now=NOON)


def test_another_role_is_recorded_with_before_and_after(db: Database) -> None:
    account_id = authentication.invite(db, ANN, "editor", actor=ADMIN, now=NOON)
    assert authentication.set_role(db, account_id, "manager", actor=ADMIN, now=NOON).role is Role.MANAGER
    with db.read() as tx:
        entry = audit.audit_trail(tx, filters=AuditFilters(text="role_changed"))[0][0]
    assert (entry.before, entry.after, entry.target) == ({"role": "editor"}, {"role": "manager"}, ANN)


@on_sqlite
@pytest.mark.parametrize("what", ["close", "role"])
def test_the_last_admin_stays_one(db: Database, password: str, what: str) -> None:
    authentication.create_account(db, "editor@example.org", "editor", now=NOON)
    changes = {
        "close": lambda: authentication.close_account(db, load_account(db).id, actor=ADMIN, now=NOON),
        "role": lambda: authentication.set_role(db, load_account(db).id, "editor", actor=ADMIN, now=NOON),
    }
    with pytest.raises(ConflictError, match="last admin"):
        changes[what]()


def test_two_admins_who_close_each_other_at_once_leave_one(
    db: Database, password: str, threads: ThreadPoolExecutor
) -> None:
    authentication.create_account(db, "bob@example.org", "admin", now=NOON)

    def close(email: str) -> bool:
        try:
            authentication.close_account(db, load_account(db, email).id, actor=ADMIN, now=NOON)
        except ConflictError:
            return False
        return True

    assert sorted(threads.map(close, [ANN, "bob@example.org"])) == [False, True]


@on_sqlite
def test_closing_and_signing_out_end_the_sessions(db: Database, password: str) -> None:
    authentication.create_account(db, "bob@example.org", "admin", now=NOON)
    keys = [load_account(db).session_key]
    authentication.close_account(db, load_account(db).id, actor=ADMIN, now=NOON)
    keys.append(load_account(db).session_key)
    authentication.reopen_account(db, load_account(db).id, actor=ADMIN, now=NOON)
    authentication.sign_out(db, load_account(db).id, actor=ADMIN, now=NOON)
    keys.append(load_account(db).session_key)
    assert len(set(keys)) == 3
    assert events(db)[:3] == ["account.signed_out", "account.reopened", "account.closed"]
