"""What breaks in mid-send: killed and stopped workers, a bad mail server. Real processes, a real mail server, small.

`make chaos` does the same with Celery's workers, more readers, and the broker.
"""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from digest import clock as real
from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning.edition_planner import Planner, plan_due
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import Post
from digest.deliveries.sending.shutdown import Drain
from digest.deliveries.store import claims as store
from digest.mail.pure.servers import read_smtp_url
from digest.mail.relay import SmtpRelay
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.smtp_sink import Behaviour, MailSink, mail_sink

CONNECTIONS = 3
READERS = 240


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as opened:
        opened.delay = 0.004
        yield opened


@pytest.fixture
def crowd(db: Database, tree: RegionTree, planner: Planner) -> int:
    """Readers whose digests are planned."""
    world = World(db, tree, real.now)
    world.crowd(READERS)
    world.article()
    return plan_due(db, planner, real.now()).deliveries


def work(url: str, post: Post, sink_url: str, drain: Drain) -> None:
    """A worker process: sends until everything has ended."""
    db = Database(url)
    relay = SmtpRelay(read_smtp_url(f"{sink_url}&connections={CONNECTIONS}"))
    mine = Post(
        relay, post.fragments, post.links, post.sender, post.tree, real.now, lease=timedelta(seconds=1.5)
    )
    with drain.heard_here() as draining:
        while not draining():
            send_due(db, mine, go_on=lambda: not draining())
            time.sleep(0.05)


@contextmanager
def worker(db: Database, post: Post, sink: MailSink) -> Iterator["multiprocessing.process.BaseProcess"]:
    context = multiprocessing.get_context("fork")
    url = db.engine.url.render_as_string(hide_password=False)
    process = context.Process(target=work, args=(url, post, sink.url, Drain()), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def wait(sink: MailSink, count: int) -> None:
    """Until so many messages were taken."""
    until = time.monotonic() + 30
    while len(sink.taken) < count:
        assert time.monotonic() < until, f"{len(sink.taken)} of {count} messages in 30 s"
        time.sleep(0.002)


def open_deliveries(db: Database) -> int:
    with db.read() as tx:
        return tx.scalar(select(func.count()).where(Delivery.state.in_(store.OPEN))) or 0


def finish(db: Database, post: Post, sink: MailSink) -> None:
    with worker(db, post, sink):
        until = time.monotonic() + 40
        while open_deliveries(db):
            assert time.monotonic() < until, "still open after 40 s"
            time.sleep(0.05)


def test_workers_that_are_killed_lose_nothing_and_repeat_at_most_one_mail_a_connection(
    db: Database, post: Post, sink: MailSink, crowd: int
) -> None:
    kills, dice = 3, random.Random(6)  # noqa: S311
    for turn in range(kills):
        with worker(db, post, sink) as process:
            wait(sink, turn * READERS // 4 + dice.randint(1, READERS // 5))
            os.kill(process.pid or 0, signal.SIGKILL)
    finish(db, post, sink)
    by_reader = Counter(taken.recipient for taken in sink.taken)
    assert len(by_reader) == crowd == READERS
    assert len(sink.taken) - READERS <= kills * CONNECTIONS
    names = {(taken.recipient, name(taken.raw)) for taken in sink.taken}
    assert len(names) == READERS


def test_a_worker_that_is_told_to_stop_gives_the_rest_back_at_once(
    db: Database, post: Post, sink: MailSink, crowd: int
) -> None:
    with worker(db, post, sink) as process:
        wait(sink, READERS // 3)
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join(5)
        assert process.exitcode == 0
    with db.read() as tx:
        states = Counter(tx.scalars(select(Delivery.state)))
    assert states == {"accepted": len(sink.taken), "planned": READERS - len(sink.taken)}
    finish(db, post, sink)
    assert len(sink.taken) == len({taken.recipient for taken in sink.taken}) == crowd


def test_two_workers_at_once_send_nothing_twice(db: Database, post: Post, sink: MailSink, crowd: int) -> None:
    with worker(db, post, sink), worker(db, post, sink):
        finish(db, post, sink)
    assert len(sink.taken) == len({taken.recipient for taken in sink.taken}) == crowd


def test_with_a_bad_mail_server_everybody_is_accounted_for(
    db: Database, post: Post, sink: MailSink, crowd: int
) -> None:
    tries: Counter[str] = Counter()

    def treat(recipient: str) -> Behaviour:
        tries[recipient] += 1  # asked twice a try: at RCPT and at DATA
        dice = random.Random(f"{recipient}").random()  # noqa: S311
        if dice < 0.03:
            return "refuse"
        again = tries[recipient] > 2
        for share, behaviour in ((0.2, "defer"), (0.25, "drop"), (0.28, "silent"), (0.3, "bye")):
            if dice < share and not again:
                return behaviour  # type: ignore[return-value]
        return "accept"

    sink.treat = treat
    for _ in range(4):
        with worker(db, post, sink):
            until = time.monotonic() + 30
            while time.monotonic() < until and due(db):
                time.sleep(0.05)
        with db.begin() as tx:  # the time until the next try passes
            tx.execute(update(Delivery).where(Delivery.state == "planned").values(not_before=real.now()))
    with db.read() as tx:
        states = Counter(tx.scalars(select(Delivery.state)))
    refused = sum(random.Random(f"c{n}@example.com").random() < 0.03 for n in range(1, READERS))  # noqa: S311
    assert abs(states["refused"] - refused) <= 1
    assert states["accepted"] + states["refused"] == crowd
    repeated = [r for r, count in Counter(t.recipient for t in sink.taken).items() if count > 1]
    assert all(0.25 <= random.Random(r).random() < 0.28 for r in repeated)  # noqa: S311


def due(db: Database) -> int:
    """How many are to be sent now, or on their way."""
    ready = (Delivery.state == "claimed") | (Delivery.not_before <= real.now())
    with db.read() as tx:
        return tx.scalar(select(func.count()).where(Delivery.state.in_(store.OPEN), ready)) or 0


def name(raw: bytes) -> bytes:
    """A message's Message-ID."""
    return raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]
