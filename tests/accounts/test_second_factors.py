"""Authenticator apps and recovery codes: each code works once, and nothing readable is stored."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.accounts import authentication, second_factors, sign_in
from digest.accounts.attempts import RequestOrigin
from digest.accounts.audit import Actor
from digest.accounts.pure import secrets_at_rest, totp
from digest.accounts.sign_in import MustWait
from digest.accounts.store import audit
from digest.accounts.store import second_factors as store
from digest.accounts.store.audit import AuditFilters
from digest.database import Database
from digest.errors import InvalidInputError
from tests.accounts.conftest import ANN, KEY, load_account
from tests.conftest import NOON

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OWNER = Actor(ANN)
HOME = RequestOrigin("192.0.2.7")


def code_at(moment: datetime, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(moment)


@pytest.fixture
def account_id(db: Database) -> int:
    """Ann, without a password."""
    return authentication.invite(db, ANN, "editor", actor=OWNER, now=NOON)


@pytest.fixture
def codes(db: Database, account_id: int) -> list[str]:
    """The recovery codes of Ann, who has set up an app a minute ago."""
    before = NOON - timedelta(minutes=1)
    return second_factors.set_up_app(db, KEY, account_id, SECRET, code_at(before), actor=OWNER, now=before)


def use(db: Database, account_id: int, code: str, **later: float) -> str | None:
    return second_factors.use_code(db, KEY, account_id, code, now=NOON + timedelta(**later))


def test_a_code_of_the_app_works_once(db: Database, account_id: int, codes: list[str]) -> None:
    code = code_at(NOON)
    assert use(db, account_id, f" {code[:3]} {code[3:]} ") == second_factors.APP
    assert use(db, account_id, code) is None
    assert use(db, account_id, code_at(NOON - timedelta(seconds=30))) is None  # an older one, neither
    assert use(db, account_id, code_at(NOON + timedelta(seconds=30)), seconds=30) == second_factors.APP


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "000000", "x" * 5000])
def test_a_wrong_code_is_refused(db: Database, account_id: int, codes: list[str], code: str) -> None:
    assert use(db, account_id, code) is None


def test_a_recovery_code_works_once_however_it_is_typed(
    db: Database, account_id: int, codes: list[str]
) -> None:
    assert len(set(codes)) == len(codes) == 10
    assert use(db, account_id, codes[0].upper().replace("-", " ")) == second_factors.RECOVERY
    assert use(db, account_id, codes[0]) is None
    with db.read() as tx:
        assert store.count_recovery_codes(tx, account_id) == 9
        assert audit.audit_trail(tx, filters=AuditFilters(text="recovery"))[1] == 1


def test_two_uses_of_a_code_at_once_are_one(
    db: Database, account_id: int, codes: list[str], threads: ThreadPoolExecutor
) -> None:
    for code in (codes[3], code_at(NOON)):
        results = list(threads.map(lambda _, code=code: use(db, account_id, code), range(8)))
        assert sum(result is not None for result in results) == 1


def test_the_database_alone_gives_no_code(db: Database, account_id: int, codes: list[str]) -> None:
    stored = load_account(db).totp_secret
    assert SECRET not in stored
    assert secrets_at_rest.decrypt(KEY, stored) == SECRET
    with pytest.raises(InvalidInputError, match="another SECRET_KEY"):
        secrets_at_rest.decrypt("another key of thirty-two letters", stored)
    assert secrets_at_rest.recovery_code_hash(KEY, codes[0]) != secrets_at_rest.recovery_code_hash(
        "x", codes[0]
    )


def test_an_app_that_shows_another_code_is_not_set_up(db: Database, account_id: int) -> None:
    with pytest.raises(InvalidInputError, match="not right"):
        second_factors.set_up_app(db, KEY, account_id, SECRET, "000000", actor=OWNER, now=NOON)
    with db.read() as tx:
        assert not second_factors.has_any(tx, load_account(db))


def test_new_recovery_codes_end_the_old_ones(db: Database, account_id: int, codes: list[str]) -> None:
    new = second_factors.renew_recovery_codes(db, KEY, account_id, actor=OWNER, now=NOON)
    assert use(db, account_id, codes[0]) is None
    assert use(db, account_id, new[0]) == second_factors.RECOVERY


def test_an_admin_removes_everything_of_somebody_who_lost_it(
    db: Database, account_id: int, codes: list[str]
) -> None:
    session_key = load_account(db).session_key
    second_factors.remove_all(db, account_id, actor=Actor("admin@example.org"), now=NOON)
    assert load_account(db).session_key != session_key, "sessions on a lost device go on"
    with db.read() as tx:
        assert not second_factors.has_any(tx, load_account(db))
        assert audit.audit_trail(tx)[0][0].event == "account.second_factor_removed"
    for code in (codes[0], code_at(NOON)):
        assert use(db, account_id, code) is None


def test_guesses_at_codes_are_delayed_and_a_right_password_does_not_help(
    db: Database, account_id: int, codes: list[str]
) -> None:
    account = load_account(db)

    def guess(code: str, **later: float) -> object:
        now = NOON + timedelta(**later)
        return sign_in.check_code(db, KEY, account, code, origin=HOME, now=now)

    assert [guess("000000") for _ in range(5)] == [sign_in.WRONG] * 5
    sign_in.check_password(db, KEY, ANN, "whatever", origin=HOME, now=NOON)
    assert isinstance(guess(code_at(NOON)), MustWait)
    later = NOON + timedelta(seconds=6)
    assert guess(code_at(later), seconds=6) == second_factors.APP


@given(st.integers(totp.STEP, 2**31), st.integers(-1, 1), st.integers(2, 1000))
def test_a_clock_may_be_half_a_minute_off_but_not_more(start: int, near: int, far: int) -> None:
    moment = datetime.fromtimestamp(start, NOON.tzinfo)
    generator, step = pyotp.TOTP(SECRET), start // totp.STEP
    matching = totp.matching_step(SECRET, generator.generate_otp(step + near), moment)
    assert matching is not None
    far_code = generator.generate_otp(step + far)
    if far_code not in {generator.generate_otp(step + n) for n in (-1, 0, 1)}:
        assert totp.matching_step(SECRET, far_code, moment) is None


@given(st.text(max_size=60))
def test_any_text_is_a_code_or_none(code: str) -> None:
    step = totp.matching_step(SECRET, code, NOON)
    assert step is None or abs(step - int(NOON.timestamp()) // totp.STEP) <= totp.TOLERANCE
    assert len(secrets_at_rest.recovery_code_hash(KEY, code)) == 64
