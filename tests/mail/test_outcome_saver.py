"""Outcomes are saved in another thread: a connection waits for its own, and the others go on."""

import itertools
import random
import re
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import cast

import pytest

from digest.mail.connection import Connection
from digest.mail.outcome_saver import MIN_OVERLAPPING, MailOutcome, OutcomeSaver
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


class SaveError(Exception):
    """Saving fails."""


@dataclass
class Saves:
    """A `save` whose futures a test ends."""

    groups: list[list[object]] = field(default_factory=list)
    futures: list["Future[None]"] = field(default_factory=list)
    kind: "type[Future[None]]" = Future

    def __call__(self, outcomes: Sequence[MailOutcome]) -> "Future[None]":
        self.groups.append([mail.key for mail, _ in outcomes])
        self.futures.append(self.kind())
        return self.futures[-1]


class OverlappingFuture(Future[None]):
    """A save beside which another may begin."""

    allows_another = True


@dataclass
class CountingConnection:
    """What the saver needs of a connection."""

    unsaved_outcomes: int = 0


@pytest.fixture
def selector() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as opened:
        yield opened


@pytest.fixture
def saver(selector: selectors.BaseSelector) -> Iterator[OutcomeSaver]:
    opened = OutcomeSaver(selector)
    yield opened
    opened.close()


def add(saver: OutcomeSaver, key: int, connection: CountingConnection | None = None) -> None:
    saver.add((numbered_mails(key + 1)[key], Accepted("250")), cast("Connection | None", connection))


def test_what_comes_while_a_group_is_saved_is_the_next_group(saver: OutcomeSaver) -> None:
    saves, first, second = Saves(), CountingConnection(), CountingConnection()
    saver.begin(saves)
    add(saver, 0, first)
    assert not saver.start()
    add(saver, 1, second)
    add(saver, 2)
    assert not saver.start()
    assert saves.groups == [[0]]
    saver.finish()
    assert (first.unsaved_outcomes, second.unsaved_outcomes) == (1, 1)
    saves.futures[0].set_result(None)
    saver.finish()
    assert (first.unsaved_outcomes, second.unsaved_outcomes) == (0, 1)
    saver.start()
    assert saves.groups == [[0], [1, 2]]
    saves.futures[1].set_result(None)
    saver.finish()
    assert second.unsaved_outcomes == 0
    assert not saver.busy


def test_groups_that_allow_it_are_saved_beside_each_other(saver: OutcomeSaver) -> None:
    saves, first, second = Saves(kind=OverlappingFuture), CountingConnection(), CountingConnection()
    saver.begin(saves)
    add(saver, 0, first)
    saver.start()
    for key in range(1, MIN_OVERLAPPING):
        add(saver, key, second)
    saver.start()
    assert saves.groups == [[0]]  # fewer are not worth a save of their own
    add(saver, MIN_OVERLAPPING, second)
    saver.start()
    assert saves.groups == [[0], list(range(1, MIN_OVERLAPPING + 1))]
    saves.futures[1].set_result(None)
    saver.finish()
    assert (first.unsaved_outcomes, second.unsaved_outcomes, saver.busy) == (1, 0, True)
    saves.kind = Future
    for key in range(10, 10 + 2 * MIN_OVERLAPPING):
        add(saver, key)
        saver.start()
    assert [len(group) for group in saves.groups[2:]] == [MIN_OVERLAPPING]  # which allows no other
    saves.futures[0].set_result(None)
    saver.finish()
    saver.start()
    assert (first.unsaved_outcomes, len(saves.groups)) == (0, 3)
    saves.futures[2].set_result(None)
    saver.finish()
    saver.start()
    assert [len(group) for group in saves.groups[2:]] == [MIN_OVERLAPPING] * 2


def test_each_group_wakes_the_selector_by_its_own_socket(
    saver: OutcomeSaver, selector: selectors.BaseSelector
) -> None:
    pairs = [socket.socketpair() for _ in range(2)]
    futures = [OverlappingFuture(), OverlappingFuture()]
    for future, pair in zip(futures, pairs, strict=True):
        future.socket = pair[0].fileno()  # type: ignore[attr-defined]
    waiting = iter(futures)
    saver.begin(lambda _outcomes: next(waiting))
    for key in range(1 + MIN_OVERLAPPING):
        add(saver, key)
        saver.start()
    assert selector.select(0) == []
    pairs[1][1].send(b"x")
    assert len(selector.select(SOON)) == 1
    futures[1].set_result(None)
    saver.finish()  # stops watching the second, whose save is done
    pairs[0][1].send(b"x")
    watched = [key.fd for key, _ in selector.select(SOON)]
    assert pairs[0][0].fileno() in watched
    assert pairs[1][0].fileno() not in watched
    saver.close()
    for pair in pairs:
        for end in pair:
            end.close()


def test_a_save_that_returns_no_future_is_done(saver: OutcomeSaver) -> None:
    connection = CountingConnection()
    saver.begin(lambda _outcomes: None)
    assert not saver.start()  # there is nothing to save
    add(saver, 0, connection)
    assert saver.start()
    assert (connection.unsaved_outcomes, saver.busy, saver.failed) == (0, False, False)


@pytest.mark.parametrize("fails_at_once", [True, False])
def test_after_a_failure_the_connection_stays_as_it_is(saver: OutcomeSaver, fails_at_once: bool) -> None:
    saves, connection = Saves(), CountingConnection()

    def save(outcomes: Sequence[MailOutcome]) -> "Future[None]":
        if fails_at_once:
            raise SaveError
        return saves(outcomes)

    def save_to_the_end() -> None:
        saver.start()
        saves.futures[0].set_exception(SaveError())
        saver.finish()

    saver.begin(save)
    add(saver, 0, connection)
    with pytest.raises(SaveError):
        save_to_the_end()
    assert saver.failed
    assert connection.unsaved_outcomes == 1
    saver.begin(Saves())
    assert not saver.failed
    assert not saver.start()  # what was not saved is forgotten


def test_a_saved_group_wakes_the_selector(saver: OutcomeSaver, selector: selectors.BaseSelector) -> None:
    saves = Saves()
    saver.begin(saves)
    add(saver, 0)
    saver.start()
    assert selector.select(0) == []
    thread = threading.Timer(0.1, saves.futures[0].set_result, (None,))
    thread.start()
    ((key, _),) = selector.select(SOON)
    thread.join()
    assert key.data is saver
    saver.clear_signal()
    assert selector.select(0) == []


def test_closing_leaves_no_socket_and_a_group_that_is_saved_later_does_no_harm(
    saver: OutcomeSaver, selector: selectors.BaseSelector
) -> None:
    saves = Saves()
    saver.begin(saves)
    add(saver, 0)
    saver.start()
    assert len(selector.get_map()) == 1
    saver.close()
    saver.close()
    assert len(selector.get_map()) == 0
    saves.futures[0].set_result(None)
    saver.begin(saves)
    add(saver, 1)
    saver.start()
    saves.futures[1].set_result(None)
    assert len(selector.select(SOON)) == 1
