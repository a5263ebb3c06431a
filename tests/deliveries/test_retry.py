"""The next state of a delivery after an answer of the mail server."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliveries.pure.retry import (
    MAX_DELIVERY_AGE,
    MAX_RETRY_DELAY,
    AttemptHistory,
    decide_next_state,
    retry_delay,
)
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Refused, classify_reply

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FIRST = AttemptHistory(1, in_doubt=False, planned_at=NOW)


def test_accepted_is_the_end() -> None:
    decision = decide_next_state(Accepted("250 ok"), FIRST, NOW, jitter=0)
    assert (decision.state, decision.final) == ("accepted", True)


def test_refused_is_the_end() -> None:
    decision = decide_next_state(Refused("550 no such user"), FIRST, NOW, jitter=0)
    assert (decision.state, decision.final) == ("refused", True)


def test_deferred_waits_five_minutes_then_twice_as_long_each_time() -> None:
    waits = [
        decide_next_state(
            Deferred("451"), AttemptHistory(n, in_doubt=False, planned_at=NOW), NOW, jitter=0
        ).not_before
        - NOW
        for n in (1, 2, 3)
    ]
    assert waits == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]


def test_deferred_until_yesterdays_news_is_stale_expires() -> None:
    history = AttemptHistory(9, in_doubt=False, planned_at=NOW - MAX_DELIVERY_AGE)
    assert decide_next_state(Deferred("451"), history, NOW, jitter=0).state == "expired"


def test_in_doubt_is_tried_once_more_and_then_never_again() -> None:
    first = decide_next_state(InDoubt("gone"), FIRST, NOW, jitter=0)
    assert (first.state, first.in_doubt, first.final) == ("planned", True, False)
    second = decide_next_state(
        InDoubt("gone"), AttemptHistory(2, in_doubt=True, planned_at=NOW), NOW, jitter=0
    )
    assert (second.state, second.final) == ("in_doubt", True)


def test_a_doubt_is_not_forgotten_when_the_second_try_is_deferred() -> None:
    decision = decide_next_state(
        Deferred("451"), AttemptHistory(2, in_doubt=True, planned_at=NOW), NOW, jitter=0
    )
    assert (decision.state, decision.in_doubt) == ("planned", True)


@given(st.integers(0, 5000), st.floats(0, 1, exclude_max=True))
@settings(max_examples=50)
def test_no_wait_is_longer_than_six_hours_or_shorter_than_the_first(attempts: int, jitter: float) -> None:
    assert timedelta(minutes=2) < retry_delay(attempts, jitter) <= MAX_RETRY_DELAY * 1.5


@pytest.mark.parametrize(
    ("code", "kind"), [(250, Accepted), (251, Accepted), (421, Deferred), (451, Deferred), (550, Refused)]
)
def test_reply_codes_are_read_as_the_rfc_says(code: int, kind: type) -> None:
    assert isinstance(classify_reply(code, "words", "RCPT TO"), kind)


def test_a_reply_that_is_no_reply_is_no_acceptance() -> None:
    assert not isinstance(classify_reply(-1, "HTTP/1.1 400 Bad Request", "RCPT TO"), Accepted)


def test_a_doubtful_mail_is_sent_again_after_a_minute_and_an_attempt_in_doubt_at_no_other_time() -> None:
    decision = decide_next_state(InDoubt("gone"), FIRST, NOW, jitter=0.9)
    assert decision.not_before == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("5.1.1 no such user", Refused),
        ("4.2.0 try again", Deferred),  # it contradicts the reply code
        ("2.1.5 fine", Deferred),
        ("no such user", Refused),
        ("no such user (4.2.0)", Refused),  # only a code right behind the reply code is one
        ("5.1.1 our code 4.2.0", Refused),
        ("see https://example.com/4.7.1", Refused),
        ("10.4.2.1 is on a list", Refused),
    ],
)
def test_an_enhanced_code_is_read_only_right_behind_the_reply_code(text: str, kind: type) -> None:
    assert isinstance(classify_reply(550, text, "RCPT TO"), kind)


def test_a_refusal_names_the_command_and_an_answer_has_no_more_than_400_characters() -> None:
    assert classify_reply(550, "5.1.1 no", "RCPT TO") == Refused("550 5.1.1 no (in reply to RCPT TO)")
    assert classify_reply(451, "x" * 999, "DATA") == Deferred("451 " + "x" * 396)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [(Accepted, (200, 299)), (Refused, (500, 599)), (Deferred, (-1, 199, 300, 499, 600))],
)
def test_the_first_digit_of_a_reply_code_decides(kind: type, codes: tuple[int, ...]) -> None:
    assert {type(classify_reply(code, "words", "RCPT TO")) for code in codes} == {kind}


@pytest.mark.parametrize(("seconds", "state"), [(0, "planned"), (1, "expired")])
def test_a_delivery_is_tried_for_twenty_hours(seconds: int, state: str) -> None:
    planned_at = NOW - MAX_DELIVERY_AGE + retry_delay(2, 0) - timedelta(seconds=seconds)
    history = AttemptHistory(2, in_doubt=True, planned_at=planned_at)
    decision = decide_next_state(Deferred("451"), history, NOW, jitter=0)
    assert (decision.state, decision.final, decision.in_doubt) == (state, state == "expired", True)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 5), (2, 10), (6, 160), (7, 240), (5000, 240)])
def test_waits_double_up_to_four_hours_and_jitter_adds_up_to_half(attempts: int, minutes: int) -> None:
    assert retry_delay(attempts, 0) == timedelta(minutes=minutes)
    assert retry_delay(attempts, 0.5) == timedelta(minutes=minutes) * 1.25
