"""Answers of a mail server that are not recorded yet, and mails that are not sent yet, are not lost."""

import socket
import time
from collections.abc import Iterator, Sequence

import pytest

from digest.mail.pure.outcomes import Accepted, Outcome
from digest.mail.pure.pacing import DomainRates
from digest.mail.pure.session import Mail
from digest.mail.relay import SmtpRelay
from tests.mail.scripted_server import SMALL, mails, serving, speak_smtp


def test_answers_that_came_while_they_could_not_be_written_down_are_no_doubt() -> None:
    taken: list[bytes] = []

    def talk(connection: socket.socket, _number: int) -> None:
        speak_smtp(connection, taken, connection.sendall)

    found: list[Outcome] = []

    def keep(done: Sequence[tuple[Mail, Outcome]]) -> None:
        if not found:
            time.sleep(0.5)  # 300 s by the relay's clock: longer than any answer may take
        found.extend(outcome for _, outcome in done)

    with serving(talk, connections=3) as server:
        relay = SmtpRelay([server], monotonic=lambda: time.monotonic() * 600)
        relay.send_all(mails(*[SMALL] * 9), keep)
        relay.close()
    assert [type(outcome) for outcome in found] == [Accepted] * 9
    assert len(taken) == 9


def test_when_the_source_fails_the_answers_to_what_is_on_its_way_are_kept() -> None:
    taken: list[bytes] = []

    def talk(connection: socket.socket, _number: int) -> None:
        def late(words: bytes) -> None:
            time.sleep(0.05)
            connection.sendall(words)

        speak_smtp(connection, taken, late)

    def source() -> Iterator[Mail]:
        yield from mails(SMALL, SMALL)
        raise ValueError("no more")

    found: list[Outcome] = []
    with serving(talk) as server:
        relay = SmtpRelay([server])
        with pytest.raises(ValueError, match="no more"):
            relay.send_all(source(), lambda done: found.extend(outcome for _, outcome in done))
        relay.close()
    assert [type(outcome) for outcome in found] == [Accepted] * len(taken)
    assert taken


def test_mails_that_wait_for_their_domain_can_be_taken_back() -> None:
    taken: list[bytes] = []

    def talk(connection: socket.socket, _number: int) -> None:
        speak_smtp(connection, taken, connection.sendall)

    asked: list[object] = []

    def still(mail: Mail) -> bool:
        asked.append(mail.key)
        return False

    started = time.monotonic()
    with serving(talk) as server:
        relay = SmtpRelay([server], rates=DomainRates({"example.com": 1}))
        relay.send_all(mails(*[SMALL] * 20), lambda _done: None, may_send=still)
        relay.close()
    assert time.monotonic() - started < 3
    assert len(taken) + len(asked) == 20
