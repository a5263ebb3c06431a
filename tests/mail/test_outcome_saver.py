"""Outcomes are saved in another thread: a connection waits for its own, and the others go on."""

import itertools
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

import pytest

from digest.mail.outcome_saver import MailOutcome
from digest.mail.pure.outcomes import Accepted
from digest.mail.pure.session import Mail
from digest.mail.relay import SmtpRelay
from tests.mail.scripted_server import serving, speak_smtp

SOON = 20  # seconds in which anything here happens


def numbered_mails(count: int) -> list[Mail]:
    """Mails whose message tells the number that is their key."""
    return [
        Mail(n, "b@example.org", f"r{n}@example.com", b"X-Key: %d\r\n\r\nhi\r\n" % n) for n in range(count)
    ]


@dataclass
class Journal:
    """What happened, in order: what is being saved, what is saved, and what the server received."""

    entries: list[tuple[str, int]] = field(default_factory=list)
    connections: dict[int, list[int]] = field(default_factory=dict)  # the mails received over each
    before_reply: Callable[[int, bytes], None] = lambda _connection, _reply: None
    before_saved: Callable[[list[int]], None] = lambda _keys: None
    saves_now: int = 0

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(2)

    def talk(self, connection: socket.socket, number: int) -> None:
        """Be a server that does all as it should, and notes the messages."""
        taken: list[bytes] = []

        def say(reply: bytes) -> None:
            if b"kept" in reply:
                found = re.search(rb"X-Key: (\d+)", taken[-1])
                assert found is not None
                self.entries.append(("received", int(found[1])))
                self.connections.setdefault(number, []).append(int(found[1]))
            self.before_reply(number, reply)
            connection.sendall(reply)

        speak_smtp(connection, taken, say)

    def save(self, outcomes: Sequence[MailOutcome]) -> "Future[None]":
        """Save outcomes in another thread."""
        assert all(isinstance(outcome, Accepted) for _, outcome in outcomes)
        keys = [cast("int", mail.key) for mail, _ in outcomes]
        self.entries += [("saving", key) for key in keys]
        self.saves_now += 1
        assert self.saves_now == 1
        return self._pool.submit(self._save, keys)

    def _save(self, keys: list[int]) -> None:
        self.before_saved(keys)
        self.entries += [("saved", key) for key in keys]
        self.saves_now -= 1

    def send(self, count: int, connections: int) -> None:
        """Send mails to the server over a relay."""
        with serving(self.talk, connections=connections) as server:
            relay = SmtpRelay([server])
            relay.send_all(numbered_mails(count), self.save)
            relay.close()
        self._pool.shutdown()

    def place(self, what: str, key: int) -> int:
        """When something happened, as a place in the order."""
        return self.entries.index((what, key))


def test_while_the_outcome_of_one_connection_is_saved_another_one_sends_its_message() -> None:
    is_saving, is_received = threading.Event(), threading.Event()
    journal = Journal()

    def wait_for_the_save(connection: int, reply: bytes) -> None:
        if connection == 2 and reply.startswith(b"354"):
            assert is_saving.wait(SOON)
        if connection == 2 and b"kept" in reply:
            is_received.set()

    def wait_for_the_other(keys: list[int]) -> None:
        is_saving.set()
        assert is_received.wait(SOON)
        time.sleep(0.2)  # the first connection could send its next message now

    journal.before_reply, journal.before_saved = wait_for_the_save, wait_for_the_other
    journal.send(4, connections=2)
    first, following = journal.connections[1][:2]
    other = journal.connections[2][0]
    assert journal.place("saving", first) < journal.place("received", other) < journal.place("saved", first)
    assert journal.place("saved", first) < journal.place("received", following)
    assert sorted(key for what, key in journal.entries if what == "saved") == [0, 1, 2, 3]


@pytest.mark.parametrize("seed", range(3))
def test_a_slow_save_delays_each_connection_by_its_own_mail_only(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    journal = Journal(before_saved=lambda _keys: time.sleep(rng.choice((0, 0.001, 0.02))))
    journal.send(60, connections=4)
    for keys in journal.connections.values():
        for key, following in itertools.pairwise(keys):
            assert journal.place("saved", key) < journal.place("received", following)
    for what in ("received", "saving", "saved"):
        assert sorted(key for entry, key in journal.entries if entry == what) == list(range(60))
