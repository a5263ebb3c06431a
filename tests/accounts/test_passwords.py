"""Which passwords are refused, and why."""

import multiprocessing
import os
import sys
import threading
from unittest.mock import Mock, patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.accounts import password_hashing
from digest.accounts.password_hashing import hash_password, matches
from digest.accounts.pure.passwords import (
    LONGEST_CHECKED_PASSWORD,
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    common_passwords,
    password_problem,
)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "5 characters"),
        ("x" * 257, "257 characters"),
        ("qwerty123456", "most common"),
        ("QWERTY123456", "most common"),
        ("Password-2026!!", "very common password"),
        ("p@ssw0rd!!!!2026", "very common password"),
        ("123sunshine456", "very common password"),
        ("zzzzzzzzzzzz", "repeats"),
        ("ab12ab12ab12ab", "repeats"),
        ("sunshinesunshine", "repeats"),
        ("abcdefghijklm", "counts them"),
        ("890123456789", "counts them"),
        ("210987654321", "counts them"),
        ("Morning-News-2026", "name of the site"),
        ("annika.berg2026", "name of the site"),
    ],
)
def test_a_password_that_is_tried_first_is_refused_with_its_reason(password: str, reason: str) -> None:
    assert reason in password_problem(password, ("Morning-News", "annika.berg"))


@pytest.mark.parametrize(
    "password",
    [
        "a long and quiet sentence",
        "пароль из слов",
        "correcthorsecorrecthorse",
        "tq7-vvk-2mz-9xa",
        "483920174652",
    ],
)
def test_any_other_password_of_twelve_characters_is_accepted(password: str) -> None:
    assert password_problem(password, ("Morning News", "annika")) == ""


@given(st.sampled_from(sorted(common_passwords())), st.text("0123456789!.-", min_size=8, max_size=12))
def test_no_common_password_is_good_with_digits_behind_it(common: str, tail: str) -> None:
    if common.isalpha():
        assert password_problem(common + tail)


def test_a_password_has_12_to_128_characters() -> None:
    sentence = "".join(chr(ord("a") + number * 7 % 26) for number in range(MAX_PASSWORD_LENGTH + 1))
    assert MAX_PASSWORD_LENGTH == 128
    assert password_problem(sentence[:64]) == password_problem(sentence[:128]) == ""
    assert "129 characters" in password_problem(sentence)
    assert "11 characters" in password_problem("short senten"[:11])


def test_no_character_of_a_password_is_ignored() -> None:
    longest = "a long sentence. " * 16
    longest = longest[:LONGEST_CHECKED_PASSWORD]
    hashed = hash_password(longest)
    assert matches(hashed, longest)
    assert not matches(hashed, longest + "x")
    assert not matches(hashed, longest[:-1])
    assert not matches("", longest)


@given(st.text(max_size=40), st.text(max_size=20))
def test_every_text_gets_an_answer(password: str, name: str) -> None:
    problem = password_problem(password, (name,))
    assert bool(problem) or MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH


@given(st.text(min_size=1, max_size=8), st.integers(2, 30))
def test_no_short_text_gets_good_by_repeating_it(piece: str, times: int) -> None:
    password = piece * times
    if len(password.casefold()) >= MIN_PASSWORD_LENGTH and len(piece.casefold()) <= 8:
        assert password_problem(password)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives each thread a priority")
def test_passwords_are_hashed_by_a_thread_to_which_all_others_are_preferred() -> None:
    priorities: list[int] = []

    def note_priority(password: str) -> str:
        priorities.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return password

    with patch.object(password_hashing, "_hasher", Mock(hash=note_priority)):
        hash_password("a quiet sentence")
    assert priorities == [10]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < 10


def test_a_process_that_was_forked_after_a_hash_can_hash() -> None:
    hashed = hash_password("a quiet sentence")
    child = multiprocessing.get_context("fork").Process(target=hash_password, args=["a quiet sentence"])
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert matches(hashed, "a quiet sentence")
