"""The slots of senders: never more senders than slots, a dead one is replaced, and a living one is left alone."""

import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.models import SenderSlot
from digest.deliveries.pure.leases import LEASE, RENEWAL_INTERVAL, SlotObserver
from digest.deliveries.sending.sender_slot import (
    LETTER_SLOTS,
    HeldSlot,
    NoFreeSlot,
    SlotLostError,
    take_slot,
)
from digest.deliveries.store import ranges
from tests.conftest import NOON
from tests.deliveries.planned_deliveries import claimed_ranges


@dataclass
class Ticks:
    """Monotonic seconds that pass only in a test. Each machine counts from another moment."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Machine:
    """A process that takes slots, with an observer and a clock of its own."""

    db: Database
    ticks: Ticks
    offset: float = 0.0
    observer: SlotObserver = field(default_factory=SlotObserver)

    def monotonic(self) -> float:
        return self.ticks() + self.offset

    def take(self, numbers: range) -> HeldSlot | NoFreeSlot:
        return take_slot(self.db, self.observer, numbers, self.monotonic)

    def take_free(self, numbers: range) -> HeldSlot:
        slot = self.take(numbers)
        assert isinstance(slot, HeldSlot)
        return slot


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def one(db: Database, ticks: Ticks) -> Machine:
    return Machine(db, ticks)


@pytest.fixture
def other(db: Database, ticks: Ticks) -> Machine:
    return Machine(db, ticks, offset=1e6)


def numbers(count: int) -> range:
    """The slots of so many senders."""
    return range(1, count + 1)


def slot_numbers(db: Database) -> list[int]:
    with db.read() as tx:
        return list(tx.scalars(select(SenderSlot.number).order_by(SenderSlot.number)))


def watch(
    machine: Machine, slots: range, seconds: float, each_second: Callable[[], None] = lambda: None
) -> None:
    """Look at the slots each second. None becomes free."""
    for _ in range(int(seconds)):
        assert isinstance(machine.take(slots), NoFreeSlot)
        machine.ticks.now += 1
        each_second()


def test_a_sender_takes_a_free_slot_and_gives_it_back(db: Database, one: Machine, other: Machine) -> None:
    first, second = one.take_free(numbers(2)), other.take_free(numbers(2))
    assert {first.number, second.number} == {1, 2}
    assert one.take(numbers(2)) == NoFreeSlot(may_be_dead=True)
    first.give_back()
    assert other.take_free(numbers(2)).number == first.number


def test_four_that_take_at_once_get_slots_of_their_own(db: Database, threads: ThreadPoolExecutor) -> None:
    url = db.engine.url.render_as_string(hide_password=False)
    databases = [Database(url) for _ in range(4)]
    for _ in range(5):
        barrier = threading.Barrier(4)

        def take(own: Database, barrier: threading.Barrier = barrier) -> HeldSlot | NoFreeSlot:
            barrier.wait()
            return take_slot(own, SlotObserver(), numbers(3), time.monotonic)

        taken = list(threads.map(take, databases))
        held = [slot for slot in taken if isinstance(slot, HeldSlot)]
        assert sorted(slot.number for slot in held) == [1, 2, 3]
        for slot in held:
            slot.give_back()
    for own in databases:
        own.close()


def test_a_dead_sender_is_replaced_after_the_lease_and_its_ranges_are_released(
    db: Database, six: int, one: Machine, other: Machine
) -> None:
    dead = one.take_free(numbers(1))
    with db.begin() as tx:
        ranges.divide(tx)
        assert ranges.claim(tx, dead.holder, NOON) is not None
    watch(other, numbers(1), LEASE)
    assert claimed_ranges(db) == 1
    assert other.take_free(numbers(1)).number == dead.number
    assert claimed_ranges(db) == 0
    with db.begin() as tx:
        assert ranges.claim(tx, "next", NOON) is not None


def test_a_living_sender_is_never_replaced(db: Database, one: Machine, other: Machine) -> None:
    living = one.take_free(numbers(1))
    watch(other, numbers(1), 10 * LEASE, living.renew)
    living.renew()


def test_renewing_late_is_no_death_as_long_as_it_is_within_the_lease(
    db: Database, one: Machine, other: Machine
) -> None:
    living = one.take_free(numbers(1))
    for _ in range(4):
        watch(other, numbers(1), LEASE - 1)
        living.renew()


@pytest.mark.parametrize("looks_before", [0, 2, 10])
def test_a_pause_of_everything_kills_nobody(
    db: Database, one: Machine, other: Machine, looks_before: int
) -> None:
    """The database was away, or the machine that watches stood still: the holder renews its slot soon after that."""
    living = one.take_free(numbers(1))
    watch(other, numbers(1), looks_before)
    other.ticks.now += 3600
    assert other.take(numbers(1)) == NoFreeSlot(may_be_dead=True)
    other.ticks.now += 1
    assert isinstance(other.take(numbers(1)), NoFreeSlot)
    living.renew()
    watch(other, numbers(1), RENEWAL_INTERVAL, living.renew)


def test_who_looks_rarely_begins_to_watch_a_sender_that_did_not_renew_its_slot(
    db: Database, one: Machine, other: Machine
) -> None:
    dead = one.take_free(numbers(1))
    watch(other, numbers(1), 4)
    dead.renew()
    assert other.take(numbers(1)) == NoFreeSlot(may_be_dead=False)
    other.ticks.now += 60
    assert other.take(numbers(1)) == NoFreeSlot(may_be_dead=True)
    watch(other, numbers(1), LEASE - RENEWAL_INTERVAL)
    assert other.take_free(numbers(1)).number == dead.number


def test_a_slot_that_was_lost_says_so_and_its_next_holder_keeps_it(
    db: Database, one: Machine, other: Machine
) -> None:
    lost = one.take_free(numbers(1))
    watch(other, numbers(1), LEASE)
    following = other.take_free(numbers(1))
    with pytest.raises(SlotLostError, match="slot 1"):
        lost.renew()
    lost.give_back()
    other.ticks.now += RENEWAL_INTERVAL
    following.renew()
    assert isinstance(one.take(numbers(1)), NoFreeSlot)


def test_when_senders_are_fewer_the_slots_above_go_once_they_are_free_or_dead(
    db: Database, one: Machine, other: Machine
) -> None:
    held = [one.take_free(numbers(4)) for _ in range(4)]
    assert isinstance(other.take(numbers(2)), NoFreeSlot)
    assert slot_numbers(db) == [1, 2, 3, 4]
    held[2].give_back()
    assert isinstance(other.take(numbers(2)), NoFreeSlot)
    assert slot_numbers(db) == [1, 2, 4]

    def renew() -> None:
        held[0].renew()
        held[1].renew()

    watch(other, numbers(2), LEASE + 1, renew)
    assert slot_numbers(db) == [1, 2]


@pytest.mark.parametrize("is_waited_for", [True, False])
def test_a_killed_process_of_this_machine_is_noticed_at_the_first_look(
    db: Database, six: int, other: Machine, is_waited_for: bool
) -> None:
    context = multiprocessing.get_context("fork")
    url, ready = db.engine.url.render_as_string(hide_password=False), context.Event()

    def claim_and_hang() -> None:
        own = Database(url)
        slot = Machine(own, Ticks()).take_free(numbers(1))
        with own.begin() as tx:
            ranges.divide(tx)
            assert ranges.claim(tx, slot.holder, NOON) is not None
        ready.set()
        time.sleep(60)

    process = context.Process(target=claim_and_hang, daemon=True)
    process.start()
    assert ready.wait(30)
    assert other.take(numbers(1)) == NoFreeSlot(may_be_dead=True)
    assert claimed_ranges(db) == 1
    os.kill(process.pid or 0, signal.SIGKILL)
    if is_waited_for:
        process.join()
    else:
        os.waitid(os.P_PID, process.pid or 0, os.WEXITED | os.WNOWAIT)
    assert other.take_free(numbers(1)).number == 1
    assert claimed_ranges(db) == 0
    process.join()


def test_letters_and_deliveries_take_no_slot_from_each_other(
    db: Database, one: Machine, other: Machine
) -> None:
    letters = one.take_free(LETTER_SLOTS)
    assert isinstance(other.take(LETTER_SLOTS), NoFreeSlot)
    deliveries = one.take_free(numbers(1))
    assert isinstance(other.take(numbers(1)), NoFreeSlot)
    letters.give_back()
    assert isinstance(other.take(numbers(1)), NoFreeSlot)
    letters = other.take_free(LETTER_SLOTS)
    deliveries.give_back()
    assert isinstance(one.take(LETTER_SLOTS), NoFreeSlot)
    assert one.take_free(numbers(1)).number == 1
    assert slot_numbers(db) == [0, 1]


@pytest.mark.parametrize("seed", range(3))
def test_there_are_never_more_senders_than_slots_and_the_living_keep_theirs(
    db: Database, ticks: Ticks, seed: int
) -> None:
    rng, deaths, taken = random.Random(seed), 0, 0  # noqa: S311
    alive: list[HeldSlot] = []
    machines = [Machine(db, ticks, offset=n * 1e5) for n in range(3)]
    for _ in range(150):
        ticks.now += rng.choice((0.2, 1.0, 1.0, 1.0, 4.0))
        for slot in alive:
            slot.renew()  # raises SlotLostError for one that was taken over
        if alive and rng.random() < 0.1:
            alive.pop(rng.randrange(len(alive))).give_back()
        if alive and rng.random() < 0.1:
            alive.pop(rng.randrange(len(alive)))  # it dies
            deaths += 1
        for machine in rng.sample(machines, rng.randint(0, 3)):
            new = machine.take(numbers(3))
            if isinstance(new, HeldSlot):
                assert new.number not in {slot.number for slot in alive}
                alive.append(new)
                taken += 1
        assert {slot.number for slot in alive} <= set(slot_numbers(db)) <= {1, 2, 3}
    assert deaths > 3
    assert taken > 5
