"""Groups of outcomes: when each begins to be saved, when its connections go on, and what wakes the relay."""

import selectors
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import cast

import pytest

from digest.mail.connection import Connection
from digest.mail.outcome_saver import MIN_OVERLAPPING, MailOutcome, OutcomeSaver
from digest.mail.pure.outcomes import Accepted
from tests.mail.test_outcome_saver import SOON, numbered_mails


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
