"""The limits of tokens, delays, codes and links, on both sides."""

import base64
from datetime import timedelta

import pytest

from digest.accounts.pure import secrets_at_rest, sign_in_delays, totp
from digest.accounts.pure import token_rules as rules
from digest.accounts.pure.password_links import LinkedAccount, PasswordLinks
from digest.accounts.pure.passwords import password_problem
from digest.accounts.pure.sign_in_delays import ANYWHERE, FailureCount
from digest.errors import InvalidInputError
from tests.conftest import NOON

SECOND = timedelta(seconds=1)
KEY = "a key of these tests"


def test_the_secret_of_a_token_has_256_bits_and_its_hash_no_more_than_100_characters() -> None:
    secret = rules.new_secret().removeprefix("dateline_")
    assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    assert rules.secret_hash("x" * 100) == rules.secret_hash("x" * 101) != rules.secret_hash("x" * 99)


def test_a_token_has_at_most_64_characters_20_networks_and_ten_years() -> None:
    assert rules.check_name("x" * 64) == "x" * 64
    with pytest.raises(InvalidInputError, match=f'"{"x" * 80}" can\'t be the name'):
        rules.check_name("x" * 100)
    networks = [f"192.0.2.{number}" for number in range(20)]
    assert rules.check_networks([*networks[:19], " 192.0.2.19 "]) == tuple(f"{each}/32" for each in networks)
    with pytest.raises(InvalidInputError, match="21 networks"):
        rules.check_networks([*networks, "192.0.2.20"])
    assert rules.check_lifetime(3650) == timedelta(days=3650)
    assert rules.check_lifetime(1) == timedelta(days=1)
    assert rules.check_lifetime(None) is None
    for days in (0, 3651):
        with pytest.raises(InvalidInputError, match=f"{days} is not a number of days"):
            rules.check_lifetime(days)


def test_errors_about_tokens_quote_the_beginning_of_what_was_given() -> None:
    with pytest.raises(InvalidInputError, match=f'"{"s" * 40}" is no scope'):
        rules.check_scopes(["s" * 50])
    with pytest.raises(InvalidInputError, match=f'"{"n" * 60}" is not a network'):
        rules.check_networks(["n" * 70])


def test_an_address_of_a_network_is_found_among_others_and_in_its_mapped_form() -> None:
    networks = ["2001:db8::/48", "192.0.2.0/24"]
    for address in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1", "2001:db8::1%eth0"):
        assert rules.is_within(address, networks)
    for stranger in ("198.51.100.7", "2001:db9::1", "", "nonsense", None):
        assert not rules.is_within(stranger, networks)


def test_the_last_use_is_stale_after_a_minute() -> None:
    assert rules.use_is_stale(None, NOON)
    assert rules.use_is_stale(NOON - timedelta(minutes=1), NOON)
    assert not rules.use_is_stale(NOON - timedelta(seconds=59), NOON)


def test_how_many_failures_are_free() -> None:
    narrow, wide = "192.0.2.7/32", "192.0.2.0/24"
    free = [sign_in_delays.free_failures(origin, narrow) for origin in (narrow, "device:a", wide, ANYWHERE)]
    assert free == [5, 5, 20, 100]


def test_the_longest_delay_is_an_hour_however_many_fail() -> None:
    assert sign_in_delays.delay_after(14, 5) == timedelta(seconds=5 * 2**9)
    assert sign_in_delays.delay_after(15, 5) == timedelta(hours=1)
    assert sign_in_delays.delay_after(10**6, 5) == timedelta(hours=1)


def test_a_wait_that_ends_now_is_over_and_an_origin_without_failures_has_none() -> None:
    counts = {"a": FailureCount(6, NOON), "b": FailureCount(1, None)}
    assert sign_in_delays.waiting_time(counts, ("a", "b", "c"), NOON) == ("", timedelta(0))
    assert sign_in_delays.waiting_time(counts, ("a", "b", "c"), NOON - SECOND) == ("a", SECOND)


def test_each_failure_is_one_more() -> None:
    first = sign_in_delays.count_failure(None, 2, NOON)
    second = sign_in_delays.count_failure(first, 2, NOON)
    assert (first, second) == (FailureCount(1, NOON), FailureCount(2, NOON + timedelta(seconds=5)))


def test_failures_are_remembered_for_a_day() -> None:
    assert timedelta(days=1) == sign_in_delays.MEMORY


def test_recovery_codes_are_ten_of_three_groups_of_four() -> None:
    codes = secrets_at_rest.new_recovery_codes()
    assert len(set(codes)) == 10
    assert {tuple(map(len, code.split("-"))) for code in codes} == {(4, 4, 4)}


def test_what_another_key_encrypted_is_not_read() -> None:
    token = secrets_at_rest.encrypt(KEY, "secret")
    assert secrets_at_rest.decrypt(KEY, token) == "secret"
    with pytest.raises(InvalidInputError, match="another SECRET_KEY"):
        secrets_at_rest.decrypt("another key", token)
    assert secrets_at_rest.decrypt_if_ours(KEY, token, purpose="other") is None


def test_the_first_moment_of_all_has_codes_too() -> None:
    """The codes of RFC 6238, appendix B, at 59 s; none before the epoch."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    moment = NOON.fromtimestamp(0, NOON.tzinfo)
    assert totp.matching_step(secret, "755224", moment) == 0  # RFC 4226, appendix D, counter 0
    assert totp.matching_step(secret, "287 082", moment + timedelta(seconds=59)) == 1
    assert totp.matching_step(secret, "287082", moment + timedelta(seconds=90)) is None
    assert totp.matching_step(secret, "28708", moment) is None


def test_a_link_works_for_an_hour_and_for_one_account() -> None:
    links = PasswordLinks(KEY, "https://news.example.org/")
    account = LinkedAccount(7, "ann@example.org", "hash", "session", "active")
    url = links.url(account, NOON)
    assert url.startswith("https://news.example.org/admin/password/")
    token = url.rpartition("/")[2]
    assert links.account_id(token, NOON + timedelta(hours=1)) == 7
    links.verify(token, account, NOON)
    with pytest.raises(InvalidInputError, match="older than an hour"):
        links.account_id(token, NOON + timedelta(hours=1) + SECOND)
    for other in (
        LinkedAccount(8, "ann@example.org", "hash", "session", "active"),
        LinkedAccount(7, "ann@example.org", "new hash", "session", "active"),
    ):
        with pytest.raises(InvalidInputError, match="used already"):
            links.verify(token, other, NOON)


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("abcdefghabcdefgh", False),  # eight characters, twice
        ("xqzvwkpmjxqzvwkpmj", True),  # nine, twice
        ("password", False),
        ("9012345678901", False),
        ("1234tiger6789!", False),  # a common password of five letters
        ("1234iris567890!", True),  # of four, which are in many good passwords
        ("acegikmoqsuwy", True),
        ("zzzzzzzzzzzzz", False),
        ("abcdefabcdexyz", True),
        ("1a2b3c4d5e6f7", True),
        ("135790246813", True),
    ],
)
def test_the_limits_of_what_is_easily_guessed(password: str, is_good: bool) -> None:
    assert (password_problem(password) == "") == is_good


def test_words_of_the_account_that_have_no_letter_mean_nothing() -> None:
    assert password_problem("483920174652", ("2026", "")) == ""
