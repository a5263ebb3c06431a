"""What SMTP_URL may say, how senders share a server, and when a server gets a pause: each limit on both sides."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import SettingsError
from digest.mail.pure.pacing import (
    DEFERRAL_PAUSE,
    DEFERRAL_WINDOW,
    MAX_DEFERRED_SHARE,
    DomainRates,
    ServerHealth,
    TokenBucket,
)
from digest.mail.pure.servers import Server, TlsMode, max_senders, parse_smtp_url


def only(url: str) -> Server:
    (server,) = parse_smtp_url(url)
    return server


@pytest.mark.parametrize(
    ("option", "low", "high"),
    [("connections", 1, 200), ("per_connection", 1, 1_000_000), ("rate", 0, 100_000), ("weight", 0, 1000)],
)
def test_a_number_of_a_server_has_limits(option: str, low: int, high: int) -> None:
    field = {"connections": "max_connections", "per_connection": "max_messages"}.get(option, option)
    for value in (low, high):
        assert getattr(only(f"smtp://mx.example?{option}={value}"), field) == value
    for wrong in (low - 1, high + 1, "0000000001", "many", ""):
        if wrong != "":  # an empty option is none
            with pytest.raises(SettingsError, match=f'{option}="{wrong}" is not a whole number'):
                parse_smtp_url(f"smtp://mx.example?{option}={wrong}")


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mx.example", 25, TlsMode.NONE),
        ("smtp://ann@mx.example", 587, TlsMode.STARTTLS),
        ("smtps://ann:secret@mx.example", 465, TlsMode.TLS),
        ("smtp://ann@mx.example:2525?tls=none", 2525, TlsMode.NONE),
    ],
)
def test_a_password_is_not_sent_in_clear_text_unless_somebody_says_so(
    url: str, port: int, tls: TlsMode
) -> None:
    server = only(url)
    assert (server.port, server.tls, server.max_connections, server.max_messages) == (port, tls, 41, 1000)
    assert (server.rate, server.weight) == (0, 1)


def test_what_is_no_server_is_refused() -> None:
    for url, words in (
        (" ", "names no server"),
        ("smtp://", "names no host"),
        ("smtp://mx.example?tls=maybe", 'tls="maybe" is none of'),
        ("smtp://mx.example?speed=9", "unknown option speed"),
    ):
        with pytest.raises(SettingsError, match=words):
            parse_smtp_url(url)
    assert [server.name for server in parse_smtp_url("smtp://a:1 smtp://b:2")] == ["a:1", "b:2"]


def test_senders_and_letters_share_a_server() -> None:
    server = only("smtp://mx.example?connections=41&rate=100")
    share, letters = server.share_of_sender(2), server.share_of_letters()
    assert (share.max_connections, share.rate) == (20, 45)
    assert (letters.max_connections, letters.rate) == (1, 10)
    assert only("smtp://mx.example?connections=1").share_of_sender(3).max_connections == 1


def test_there_are_as_many_senders_as_the_smallest_server_has_connections_beside_letters() -> None:
    large, small = only("smtp://a?connections=41"), only("smtp://b?connections=3")
    assert max_senders([large, small], 4) == 2
    assert max_senders([large], 4) == 4
    assert max_senders([only("smtp://c?connections=1"), large], 4) == 1


def test_after_a_pause_a_bucket_has_one_mail_and_those_of_a_quarter_of_a_second() -> None:
    bucket = TokenBucket(4)
    assert [bucket.take(100.0), bucket.take(100.0)] == [True, False]  # a new one has one
    assert [bucket.take(100.25), bucket.take(100.25)] == [True, False]
    assert [bucket.take(500.0) for _ in range(3)] == [True, True, False]
    assert not bucket.take(499.0)  # a clock that was set back gives nothing
    assert bucket.take(499.25)  # and takes nothing


def test_a_rate_of_zero_is_no_limit() -> None:
    assert all(DomainRates({"a.example": 0}).take("x@a.example", 1.0) for _ in range(9))


def test_a_connection_that_carried_two_mails_means_shorter_ones_and_one_mail_means_fewer() -> None:
    health = ServerHealth(10, 100)
    health.reduce_limits(2, 10)
    assert (health.max_connections, health.max_messages) == (10, 2)
    health.reduce_limits(1, 6)
    assert (health.max_connections, health.max_messages) == (3, 2)
    health.reduce_limits(50, 6)  # a limit is not raised again like this
    assert health.max_messages == 2
    health.reduce_limits(0, 9)
    assert health.max_connections == 1


def test_a_server_that_deferred_36_of_40_mails_gets_a_pause_and_35_are_not_enough() -> None:
    for deferred, is_paused in ((36, True), (35, False)):
        health = ServerHealth(10, 100)
        for number in range(40):
            health.record_answer(accepted=number >= deferred, deferred=number < deferred, now=0.0)
        assert health.is_usable(0.0) != is_paused
        assert health.last_error == ("it deferred 36 of the last 40 mails" if is_paused else "")


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 45)), max_size=12))
def test_only_the_latest_answers_decide_on_a_pause(runs: list[tuple[bool, int]]) -> None:
    health, latest, now = ServerHealth(10, 100), deque[bool](maxlen=DEFERRAL_WINDOW), 0.0
    for deferred in [deferred for deferred, times in runs for _ in range(times)]:
        now += 1_000
        latest.append(deferred)
        health.record_answer(accepted=not deferred, deferred=deferred, now=now)
        is_paused = len(latest) == DEFERRAL_WINDOW and sum(latest) >= DEFERRAL_WINDOW * MAX_DEFERRED_SHARE
        assert health.is_usable(now) != is_paused
        if is_paused:
            assert not health.is_usable(now + DEFERRAL_PAUSE - 1)
            latest.clear()
