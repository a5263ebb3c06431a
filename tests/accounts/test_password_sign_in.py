"""Sign-in with a password: failures are counted per account and network, and no stranger locks the owner out."""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from digest.accounts import authentication, password_hashing, second_factors, sign_in
from digest.accounts.attempts import RequestOrigin
from digest.accounts.audit import Actor
from digest.accounts.pure import totp
from digest.accounts.sign_in import MustWait, PasswordAnswer, RightPassword
from digest.accounts.states import AccountState
from digest.accounts.store import accounts as store
from digest.accounts.store import audit
from digest.accounts.store.audit import AuditFilters
from digest.database import Database
from digest.errors import UnavailableError
from tests.accounts.conftest import ANN, KEY, load_account, on_sqlite
from tests.conftest import NOON

HOME = RequestOrigin("192.0.2.7")


def attempt(
    db: Database, password: str, origin: RequestOrigin = HOME, email: str = ANN, **later: float
) -> PasswordAnswer:
    now = NOON + timedelta(**later)
    return sign_in.check_password(db, KEY, email, password, origin=origin, now=now)


def add_app(db: Database) -> str:
    """Set up an authenticator app for Ann; returns its secret."""
    secret, account = totp.new_secret(), load_account(db)
    step = int(NOON.timestamp()) // totp.STEP
    import pyotp

    code = pyotp.TOTP(secret).generate_otp(step)
    second_factors.set_up_app(db, KEY, account.id, secret, code, actor=Actor(ANN), now=NOON)
    return secret


@on_sqlite
def test_the_right_password_is_accepted_however_the_address_is_written(db: Database, password: str) -> None:
    answer = attempt(db, password, email="\ufeff ann@example.ORG\u200b ")
    assert isinstance(answer, RightPassword)
    assert answer.account.one_time
    assert not answer.second_factor


@on_sqlite
@pytest.mark.parametrize(
    ("email", "typed"), [(ANN, "wrong"), (ANN, ""), ("bob@example.org", "right"), ("", ""), (ANN, "x" * 5000)]
)
def test_a_wrong_address_or_password_signs_nobody_in(
    db: Database, password: str, email: str, typed: str
) -> None:
    assert attempt(db, password if typed == "right" else typed, email=email) == sign_in.WRONG


@on_sqlite
def test_a_closed_account_is_refused_like_a_wrong_password(db: Database, password: str) -> None:
    with db.begin() as tx:
        store.by_id(tx, load_account(db).id).state = AccountState.CLOSED
    assert attempt(db, password) == sign_in.WRONG


@on_sqlite
def test_an_account_without_a_password_has_none_that_fits(db: Database) -> None:
    authentication.invite(db, ANN, "admin", actor=Actor("x"), now=NOON)
    for typed in ("", "anything at all"):
        assert attempt(db, typed) == sign_in.WRONG


@on_sqlite
def test_an_unknown_address_takes_as_long_as_a_known_one(
    db: Database, real_hashes: PasswordHasher, password: str
) -> None:
    def seconds(email: str) -> float:
        durations = []
        for hour in range(3):
            started = time.perf_counter()
            attempt(db, "wrong", email=email, hours=hour)
            durations.append(time.perf_counter() - started)
        return min(durations)

    assert seconds("nobody@example.org") > seconds(ANN) / 3


def test_after_five_failures_a_network_waits_longer_and_longer(db: Database, password: str) -> None:
    assert [attempt(db, "wrong") for _ in range(5)] == [sign_in.WRONG] * 5
    assert attempt(db, password) == MustWait(timedelta(seconds=5))
    assert attempt(db, "wrong", seconds=6) == sign_in.WRONG
    assert attempt(db, password, seconds=7) == MustWait(timedelta(seconds=9))
    assert isinstance(attempt(db, password, seconds=17), RightPassword)
    assert attempt(db, "wrong", seconds=18) == sign_in.WRONG  # the count has begun anew


def test_a_strangers_failures_do_not_lock_the_owner_out(db: Database, password: str) -> None:
    for number in range(98):
        attempt(db, "wrong", RequestOrigin("198.51.100.9"), seconds=number)
    assert isinstance(attempt(db, password, seconds=99), RightPassword)


def test_parallel_guesses_pass_no_limit(db: Database, password: str, threads: ThreadPoolExecutor) -> None:
    answers = list(threads.map(lambda _: attempt(db, "wrong"), range(16)))
    assert answers.count(sign_in.WRONG) == 5


@on_sqlite
def test_a_distributed_attack_delays_new_devices_but_neither_known_ones_nor_a_second_factor(
    db: Database, password: str
) -> None:
    for number in range(120):
        attempt(db, "wrong", RequestOrigin(f"198.51.{number}.1"))
    stranger, device = RequestOrigin("203.0.113.5"), RequestOrigin("203.0.113.5", device="d1")
    assert isinstance(attempt(db, password, stranger), MustWait)
    assert isinstance(attempt(db, password, device), RightPassword)
    add_app(db)
    answer = attempt(db, password, stranger)
    assert isinstance(answer, RightPassword)
    assert answer.second_factor


@on_sqlite
def test_a_guesser_with_many_networks_does_not_learn_which_password_is_right(
    db: Database, password: str
) -> None:
    for number in range(120):
        attempt(db, "wrong", RequestOrigin(f"198.51.{number}.1"))
    answers = [
        attempt(db, typed, RequestOrigin(f"203.0.{n}.5")) for n, typed in enumerate(("wrong", password))
    ]
    assert [type(answer) for answer in answers] == [MustWait, MustWait]


@on_sqlite
def test_a_known_device_is_limited_too(db: Database, password: str) -> None:
    device = RequestOrigin("203.0.113.5", device="d1")
    assert [attempt(db, "wrong", device) for _ in range(5)] == [sign_in.WRONG] * 5
    assert isinstance(attempt(db, password, device), MustWait)


@on_sqlite
def test_all_addresses_of_a_64_are_one_network(db: Database, password: str) -> None:
    answers = [attempt(db, "wrong", RequestOrigin(f"2001:db8::{number:x}")) for number in range(1, 61)]
    assert answers.count(sign_in.WRONG) == 5


def test_failures_and_the_first_delay_are_in_the_audit_trail_without_what_was_typed(
    db: Database, password: str
) -> None:
    for _ in range(7):
        attempt(db, "hunter2 typed wrongly")
    attempt(db, "x", email="my own password@typed.here")
    with db.read() as tx:
        entries, _ = audit.audit_trail(tx, filters=AuditFilters(security_only=True))
    found = [(entry.event, entry.account, entry.network) for entry in entries]
    assert found.count(("account.sign_in_failed", ANN, "192.0.2.7/32")) == 5
    assert found.count(("account.sign_in_delayed", ANN, "192.0.2.7/32")) == 1
    assert found[0] == ("account.sign_in_failed", "", "192.0.2.7/32")
    assert all("typed" not in f"{e.target}{e.account}{e.before}{e.after}" for e in entries)


@on_sqlite
def test_a_busy_server_refuses_without_counting_a_failure(
    db: Database, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> bool:
        raise UnavailableError("too many sign-ins at the same time")

    with monkeypatch.context() as patched:
        patched.setattr(password_hashing, "matches", refuse)
        for _ in range(10):
            with pytest.raises(UnavailableError):
                attempt(db, password)
    assert isinstance(attempt(db, password), RightPassword)


@on_sqlite
def test_a_refusal_by_a_busy_server_takes_back_no_failures_before_it(
    db: Database, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> bool:
        raise UnavailableError("too many sign-ins at the same time")

    answers: list[PasswordAnswer] = []
    for _ in range(8):
        answers.append(attempt(db, "wrong"))
        if isinstance(answers[-1], MustWait):
            break
        with monkeypatch.context() as patched:
            patched.setattr(password_hashing, "matches", refuse)
            with contextlib.suppress(UnavailableError):
                attempt(db, "wrong")
    assert answers.count(sign_in.WRONG) <= 5
    assert isinstance(answers[-1], MustWait)


class SlowHasher:
    """Stands in for argon2: each check takes until it may end."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.running = self.most_running = 0

    def verify(self, _hashed: str, _password: str) -> bool:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.may_end.wait(20)
        self.running -= 1
        return True


def test_one_hash_runs_a_few_wait_and_the_others_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, admitted = SlowHasher(), password_hashing.MOST_AT_ONCE + password_hashing.MOST_WAITING
    monkeypatch.setattr(password_hashing, "_hasher", slow)
    monkeypatch.setattr(password_hashing, "LONGEST_WAIT", 60.0)
    with ThreadPoolExecutor(16) as many:
        results = [many.submit(_outcome, "$argon2id$") for _ in range(16)]
        refused = [next(as_completed(results, timeout=20)).result()]
        while len(refused) < 16 - admitted:
            refused = [result.result() for result in results if result.done()]
            time.sleep(0.01)
        slow.may_end.set()
    assert refused == ["busy"] * (16 - admitted)
    assert [result.result() for result in results].count("right") == admitted
    assert slow.most_running == password_hashing.MOST_AT_ONCE


def _outcome(hashed: str) -> str:
    try:
        return "right" if password_hashing.matches(hashed, "a quiet sentence") else "wrong"
    except UnavailableError:
        return "busy"
