"""Requests for letters: recorded by pages, processed by the worker, bounded by mailbox and for the whole site."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from digest.database import Database
from digest.subscribers import letter_requests
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.models import LetterRequest
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import Subscription
from tests.conftest import NOON
from tests.subscribers.subscriber_steps import ANN, SECRET, count, get_subscriber, letters, subscribe


def ask(db: Database, email: str = ANN, now: datetime = NOON, origin: str = "192.0.2.1") -> None:
    request = SubscriptionRequest(parse_address(email), Subscription(("ge",)), origin, "yes")
    letter_requests.record_subscription(db, request, now)


def process(db: Database, *, per_hour: int = 0, now: datetime = NOON) -> int:
    return letter_requests.process_all(db, secret=SECRET, per_hour=per_hour, now=now)


def test_a_request_becomes_a_letter_and_is_gone(db: Database) -> None:
    ask(db)
    letter_requests.record_link(db, parse_address("nobody@example.com"), origin="192.0.2.1", now=NOON)
    assert letters(db) == []
    assert process(db) == 2
    assert [letter.kind for letter in letters(db)] == ["confirm"]
    assert get_subscriber(db).preferences.regions == ["ge"]
    assert count(db, LetterRequest) == 0
    assert process(db) == 0


@pytest.mark.parametrize(
    "addresses",
    [
        [
            f"{name}@gmail.com"
            for name in ("annlee", "ann.lee", "a.nnlee", "an.nlee", "ann.l.ee", "a.n.n.l.e.e")
        ],
        [f"ann+{number}@example.com" for number in range(8)] + ["ann@example.com"],
    ],
)
def test_a_mailbox_gets_four_letters_a_day_by_all_its_addresses_together(
    db: Database, addresses: list[str]
) -> None:
    for address in addresses:
        ask(db, address)
        letter_requests.record_link(db, parse_address(address), origin="192.0.2.1", now=NOON)
    process(db)
    assert len(letters(db)) == 4
    ask(db, addresses[0], NOON + timedelta(days=1, seconds=1))
    process(db, now=NOON + timedelta(days=1, seconds=1))
    assert len(letters(db)) == 5


def test_parallel_requests_for_a_mailbox_do_not_pass_its_limit(db: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(
            pool.map(
                lambda number: subscribe(db, email=f"a{'.' * (number % 2)}nn+{number}@gmail.com"), range(16)
            )
        )
    assert len(letters(db)) == 4


def test_requests_are_processed_once_by_workers_in_parallel(db: Database) -> None:
    for number in range(12):
        ask(db, f"reader{number}@example.com")
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: process(db), range(4)))
    assert sum(counts) == len(letters(db)) == 12


def test_all_requests_together_cause_a_limited_number_of_letters_and_the_others_wait(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(5):
        ask(db, f"reader{number}@example.com")
    with caplog.at_level(logging.ERROR):
        assert process(db, per_hour=3) == 3
    assert "letters.limit_reached" in caplog.text
    assert "2 requests wait" in caplog.text
    assert process(db, per_hour=3, now=NOON + timedelta(minutes=59)) == 0
    assert process(db, per_hour=3, now=NOON + timedelta(minutes=61)) == 2
    assert len(letters(db)) == 5


def test_networks_take_turns_while_requests_wait(db: Database) -> None:
    for number in range(40):  # of one site: a /48 of IPv6
        ask(db, f"stranger{number}@example.com", origin=f"2001:db8:1:{number:x}::1")
    ask(db, "first@example.org", origin="2001:db8:2::1")
    ask(db, "second@example.org", origin="2001:db8:2::2")
    letter_requests.record_link(db, parse_address("nobody@example.com"), origin="198.51.100.7", now=NOON)
    process(db, per_hour=4)
    assert [letter.mailbox_key for letter in letters(db)] == [
        "stranger0@example.com", "first@example.org", "stranger1@example.com", "second@example.org",
    ]  # fmt: skip
    ask(db, "late@example.net", origin="203.0.113.9")
    process(db, per_hour=5)
    assert letters(db)[-1].mailbox_key == "late@example.net"


def test_a_request_that_waited_for_a_day_is_dropped(db: Database) -> None:
    ask(db)
    assert process(db, now=NOON + timedelta(days=1)) == 1
    assert letters(db) == []
