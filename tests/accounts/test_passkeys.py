"""Passkeys: only a fresh answer, for this site, by a verified person, with a known key, signs in."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.accounts import authentication, passkeys, second_factors
from digest.accounts.audit import Actor
from digest.accounts.models import Account
from digest.accounts.passkeys import Challenge, NewPasskey, RelyingParty
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError
from tests.accounts.conftest import ANN, KEY, load_account
from tests.accounts.software_passkey import PRESENT, SoftwarePasskey
from tests.conftest import NOON

SITE = RelyingParty.of_site("https://news.example.org", "Dateline")
OWNER = Actor(ANN)


@pytest.fixture
def account(db: Database) -> Account:
    authentication.invite(db, ANN, "editor", actor=OWNER, now=NOON)
    return load_account(db)


def new_passkey() -> SoftwarePasskey:
    return SoftwarePasskey(SITE.origin, SITE.host)


def add(db: Database, account: Account, passkey: SoftwarePasskey, **later: float) -> list[str]:
    challenge = Challenge.new(NOON)
    answer = passkey.create(passkeys.creation_options(SITE, account, [], challenge))
    new = NewPasskey(answer, challenge, "my laptop")
    return passkeys.add(db, KEY, SITE, account.id, new, actor=OWNER, now=NOON + timedelta(**later))


def sign_in(db: Database, passkey: SoftwarePasskey, asked: float = 1, **late: float) -> Account | None:
    """Ask for a passkey `asked` minutes after noon, and check its answer `late` after that."""
    challenge = Challenge.new(NOON + timedelta(minutes=asked))
    answer = passkey.get(passkeys.request_options(SITE, challenge))
    now = challenge.made_at + timedelta(seconds=1) + timedelta(**late)
    return passkeys.check(db, SITE, answer, challenge=challenge, now=now)


def test_a_passkey_is_added_with_recovery_codes_and_signs_in(db: Database, account: Account) -> None:
    passkey = new_passkey()
    assert len(add(db, account, passkey)) == 10
    for asked in (1, 2):
        used_by = sign_in(db, passkey, asked)
        assert used_by is not None
        assert used_by.id == account.id
    assert add(db, account, new_passkey()) == []  # it has codes already
    with db.read() as tx:
        assert [passkey.name for passkey in second_factors.load(tx, account).passkeys] == ["my laptop"] * 2


def test_an_answer_works_once(db: Database, account: Account) -> None:
    passkey, challenge = new_passkey(), Challenge.new(NOON + timedelta(minutes=1))
    add(db, account, passkey)
    passkey.sign_count = 10
    answer = passkey.get(passkeys.request_options(SITE, challenge))
    now = NOON + timedelta(minutes=2)
    assert passkeys.check(db, SITE, answer, challenge=challenge, now=now) is not None
    assert passkeys.check(db, SITE, answer, challenge=challenge, now=now) is None


@pytest.mark.parametrize(
    "what", ["site", "host", "unverified", "unknown", "other key", "other challenge", "late", "closed"]
)
def test_any_other_answer_is_refused(db: Database, account: Account, what: str) -> None:
    passkey, late = new_passkey(), {"seconds": 0.0}
    add(db, account, passkey)
    if what == "site":
        passkey.origin = "https://news.example.org.evil.example"
    elif what == "host":
        passkey.host = "evil.example"
    elif what == "unverified":
        passkey.flags = PRESENT
    elif what == "unknown":
        passkey.credential_id = b"sixteen octets.."
    elif what == "other key":
        passkey.key = new_passkey().key
    elif what == "other challenge":
        stolen = passkey.get(passkeys.request_options(SITE, Challenge.new(NOON)))
        challenge = Challenge.new(NOON + timedelta(minutes=1))
        assert passkeys.check(db, SITE, stolen, challenge=challenge, now=challenge.made_at) is None
        return
    elif what == "late":
        late = {"minutes": 11.0}
    else:
        authentication.close_account(db, account.id, actor=OWNER, now=NOON)
    assert sign_in(db, passkey, **late) is None


def test_a_new_passkey_must_be_fresh_verified_and_for_this_site(db: Database, account: Account) -> None:
    with pytest.raises(InvalidInputError, match="open for too long"):
        add(db, account, new_passkey(), minutes=11)
    with pytest.raises(InvalidInputError, match="could not be added"):
        add(db, account, SoftwarePasskey(SITE.origin, SITE.host, flags=PRESENT))
    with pytest.raises(InvalidInputError, match="could not be added"):
        add(db, account, SoftwarePasskey("https://evil.example", SITE.host))
    passkey = new_passkey()
    add(db, account, passkey)
    with pytest.raises(ConflictError, match="known already"):
        add(db, account, passkey)


def test_a_removed_passkey_signs_nobody_in_and_only_its_owner_removes_it(
    db: Database, account: Account
) -> None:
    passkey = new_passkey()
    add(db, account, passkey)
    with db.read() as tx:
        (row,) = second_factors.load(tx, account).passkeys
    with pytest.raises(InvalidInputError):
        passkeys.remove(db, account.id + 1, row.id, actor=OWNER, now=NOON)
    assert passkeys.remove(db, account.id, row.id, actor=OWNER, now=NOON) == "my laptop"
    assert sign_in(db, passkey) is None


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"id": 7}',
        '{"id": "x", "response": {}}',
        "x" * 30_000,
        "[" * 9_000,
        '{"id": "a\\u0000b", "response": {}}',
    ],
)
def test_an_answer_that_is_none_is_refused(db: Database, answer: str) -> None:
    challenge = Challenge.new(NOON)
    assert passkeys.check(db, SITE, answer, challenge=challenge, now=NOON) is None


@given(st.recursive(st.none() | st.text(max_size=9) | st.integers(), lambda x: st.dictionaries(
    st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "authenticatorData", "signature"]), x,
)))  # fmt: skip
def test_any_json_is_an_answer_or_an_error_of_ours(value: object) -> None:
    import json

    text = json.dumps(value)
    try:
        assert isinstance(passkeys._parse(text), dict)
    except ValueError:
        assert not isinstance(value, dict)
