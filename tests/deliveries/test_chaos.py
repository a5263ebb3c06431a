"""Failures while an edition is sent: killed and stopped workers, a bad mail server. Processes and server are real.

`make chaos` does the same with Celery's workers, more subscribers, and the broker.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select, update

from digest import clock as real
from digest.database import Database
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.sending.shutdown import ShutdownFlag
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import ranges
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.smtp_sink import Behaviour, MailSink, mail_sink

pytestmark = pytest.mark.long
CONNECTIONS = 3
SUBSCRIBERS = 240


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as opened:
        opened.delay = 0.004
        yield opened


@pytest.fixture
def crowd(db: Database, tree: RegionTree, planner: Planner) -> int:
    """Subscribers whose digests are planned."""
    world = World(db, tree, real.now)
    world.many_subscribers(SUBSCRIBERS)
    world.article()
    return plan_due(db, planner, real.now()).deliveries


def work(url: str, sending_context: SendingContext, sink_url: str, shutdown: ShutdownFlag) -> None:
    """A worker process: sends until everything has ended."""
    db = Database(url)
    relay = SmtpRelay(parse_smtp_url(f"{sink_url}&connections={CONNECTIONS}"))
    own_context = SendingContext(
        relay,
        sending_context.fragments,
        sending_context.links,
        sending_context.sender,
        sending_context.tree,
        real.now,
        sending_context.classify_refusal,
        sender_count=2,
    )
    with shutdown.watch_sigterm() as should_stop:
        while not should_stop():
            send_due(db, own_context, should_continue=lambda: not should_stop())
            time.sleep(0.05)


@contextmanager
def worker(
    db: Database, sending_context: SendingContext, sink: MailSink
) -> Iterator["multiprocessing.process.BaseProcess"]:
    context = multiprocessing.get_context("fork")
    url = db.engine.url.render_as_string(hide_password=False)
    process = context.Process(target=work, args=(url, sending_context, sink.url, ShutdownFlag()), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def wait(sink: MailSink, count: int) -> None:
    """Wait until the server has accepted so many messages."""
    until = time.monotonic() + 30
    while len(sink.received) < count:
        assert time.monotonic() < until, f"{len(sink.received)} of {count} messages in 30 s"
        time.sleep(0.002)


def open_deliveries(db: Database) -> int:
    with db.read() as tx:
        return tx.scalar(select(func.count()).where(Delivery.state == DeliveryState.PLANNED)) or 0


def finish(db: Database, sending_context: SendingContext, sink: MailSink) -> None:
    with worker(db, sending_context, sink):
        until = time.monotonic() + 40
        while open_deliveries(db):
            assert time.monotonic() < until, "still open after 40 s"
            time.sleep(0.05)


def test_workers_that_are_killed_lose_nothing_and_repeat_at_most_one_mail_a_connection(
    db: Database, sending_context: SendingContext, sink: MailSink, crowd: int
) -> None:
    kills, rng = 3, random.Random(6)  # noqa: S311
    for turn in range(kills):
        with worker(db, sending_context, sink) as process:
            wait(sink, turn * SUBSCRIBERS // 4 + rng.randint(1, SUBSCRIBERS // 5))
            os.kill(process.pid or 0, signal.SIGKILL)
    finish(db, sending_context, sink)
    by_recipient = Counter(mail.recipient for mail in sink.received)
    assert len(by_recipient) == crowd == SUBSCRIBERS
    assert len(sink.received) - SUBSCRIBERS <= kills * CONNECTIONS
    message_ids = {(mail.recipient, message_id(mail.raw)) for mail in sink.received}
    assert len(message_ids) == SUBSCRIBERS


def test_a_worker_that_is_told_to_stop_gives_the_rest_back_at_once(
    db: Database, sending_context: SendingContext, sink: MailSink, crowd: int
) -> None:
    with worker(db, sending_context, sink) as process:
        wait(sink, SUBSCRIBERS // 3)
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join(5)
        assert process.exitcode == 0
    with db.read() as tx:
        states = Counter(tx.scalars(select(Delivery.state)))
    assert states == {"accepted": len(sink.received), "planned": SUBSCRIBERS - len(sink.received)}
    finish(db, sending_context, sink)
    assert len(sink.received) == len({mail.recipient for mail in sink.received}) == crowd


def test_two_workers_at_once_send_nothing_twice(
    db: Database, sending_context: SendingContext, sink: MailSink, crowd: int
) -> None:
    with worker(db, sending_context, sink), worker(db, sending_context, sink):
        finish(db, sending_context, sink)
    assert len(sink.received) == len({mail.recipient for mail in sink.received}) == crowd


def test_with_a_bad_mail_server_everybody_is_accounted_for(
    db: Database, sending_context: SendingContext, sink: MailSink, crowd: int
) -> None:
    attempts: Counter[str] = Counter()

    def treat(recipient: str) -> Behaviour:
        attempts[recipient] += 1  # called twice an attempt: at RCPT and at DATA
        chance = random.Random(f"{recipient}").random()  # noqa: S311
        if chance < 0.03:
            return "refuse"
        repeated = attempts[recipient] > 2
        for share, behaviour in ((0.2, "defer"), (0.25, "drop"), (0.28, "silent"), (0.3, "bye")):
            if chance < share and not repeated:
                return behaviour  # type: ignore[return-value]
        return "accept"

    sink.behaviour_for = treat
    for _ in range(4):
        with worker(db, sending_context, sink):
            until = time.monotonic() + 30
            while time.monotonic() < until and due(db):
                time.sleep(0.05)
        with db.begin() as tx:  # the time until the next try passes
            tx.execute(update(Delivery).where(Delivery.state == "planned").values(not_before=real.now()))
            ranges.recount(tx, tx.scalars(select(DeliveryRange)).all())
    with db.read() as tx:
        states = Counter(tx.scalars(select(Delivery.state)))
    refused = sum(random.Random(f"c{n}@example.com").random() < 0.03 for n in range(1, SUBSCRIBERS))  # noqa: S311
    assert abs(states[DeliveryState.REFUSED] - refused) <= 1
    assert states[DeliveryState.ACCEPTED] + states[DeliveryState.REFUSED] == crowd
    repeated_to = [r for r, count in Counter(t.recipient for t in sink.received).items() if count > 1]
    assert all(0.25 <= random.Random(r).random() < 0.28 for r in repeated_to)  # noqa: S311


def due(db: Database) -> int:
    """How many deliveries are due or being sent."""
    ready = (Delivery.state == DeliveryState.PLANNED, Delivery.not_before <= real.now())
    with db.read() as tx:
        return tx.scalar(select(func.count()).where(*ready)) or 0


def message_id(raw: bytes) -> bytes:
    """A message's Message-ID."""
    return raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]
