"""The program behind PgBouncer in transaction mode, where each transaction may get another session of the server.

These tests need the program `pgbouncer`, which no Python package brings. `.ci/run` installs it.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url, select, text

from digest import clock as real
from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.errors import UnavailableError
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.project_files import ROOT
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.database_fixtures import planner, relay, sending_context, tree  # noqa: F401
from tests.postgres_failover import FailingOver, failing_over_database, options
from tests.smtp_sink import mail_sink

# Debian puts it where the PATH of a user may not lead.
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(PGBOUNCER is None, reason="pgbouncer is not installed (apt-get install pgbouncer)"),
]
SESSIONS = 3  # of the pooler with the server, for all of its clients
CLIENTS = 8
READERS = 60
UPGRADE = "import sys; from digest.database import Database; Database(sys.argv[1]).upgrade()"
CONFIGURATION = """
[databases]
{name} = host={host} port={port} dbname={name} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
query_wait_timeout = {wait}
server_check_delay = 0
"""


@dataclass
class Pooled:
    """A database, and the URL that leads to it through PgBouncer."""

    database: FailingOver
    url: str


@contextmanager
def pgbouncer(url: str, *, wait: int = 20) -> Iterator[str]:
    """Run PgBouncer in front of a database; yields the URL that leads through it."""
    direct = make_url(url)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        listen_port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="dateline-pgbouncer-") as folder:
        file = Path(folder) / "pgbouncer.ini"
        host = direct.query.get("host", direct.host)
        values = {"name": direct.database, "host": host, "port": direct.port or 5432, "user": direct.username}
        file.write_text(CONFIGURATION.format(**values, listen_port=listen_port, sessions=SESSIONS, wait=wait))
        Path(folder).chmod(0o755)
        # PgBouncer refuses to run as root, as whom the tests may run. The server's user may use the server's socket.
        user = ["-u", Path(str(host)).owner()] if os.geteuid() == 0 else []
        with subprocess.Popen([str(PGBOUNCER), "-q", *user, str(file)], stderr=subprocess.DEVNULL) as process:
            try:
                wait_for_port(listen_port)
                pooled = direct.set(host="127.0.0.1", port=listen_port, query={})
                yield pooled.render_as_string(hide_password=False)
            finally:
                process.kill()


def wait_for_port(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "pgbouncer does not answer"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def pooled(postgres_url: str) -> Iterator[Pooled]:
    with failing_over_database(postgres_url) as database, pgbouncer(database.url) as url:
        yield Pooled(database, url)


@pytest.fixture
def db(pooled: Pooled) -> Iterator[Database]:
    database = Database(pooled.url, application_name="dateline-test")
    yield database
    database.close()


def use_many_sessions(db: Database, rounds: int = 20) -> set[int]:
    """Repeat one statement in many threads, and mix it with another; returns the server's sessions that were used."""

    def work(_number: int) -> set[int]:
        sessions = set()
        for number in range(rounds):
            with db.begin() as tx:
                assert tx.scalar(text("select :a + 1"), {"a": number}) == number + 1
                sessions.add(tx.scalar(text("select pg_backend_pid()")) or 0)
        return sessions

    with ThreadPoolExecutor(CLIENTS) as pool:
        return set().union(*pool.map(work, range(CLIENTS)))


def test_clients_share_sessions_and_none_finds_what_another_left(db: Database, pooled: Pooled) -> None:
    assert len(use_many_sessions(db)) in range(2, SESSIONS + 1)
    with closing(psycopg.connect(pooled.url.replace("+psycopg", ""), autocommit=True)) as stranger:
        stranger.prepare_threshold = None
        for _ in range(SESSIONS * 3):
            limits = stranger.execute(
                "select current_setting('statement_timeout'), current_setting('lock_timeout')"
            )
            assert limits.fetchone() == ("0", "0")
            assert stranger.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)


def test_prepared_statements_of_the_driver_would_not_survive(pooled: Pooled) -> None:
    """Why the driver must prepare nothing; it also proves that these tests would notice it."""

    def repeat(connections: Sequence[psycopg.Connection[Any]]) -> None:
        for number in range(10):
            for connection in connections:
                connection.execute("select %s::int", (number,))
                connection.commit()

    url = pooled.url.replace("+psycopg", "")
    lost = (psycopg.errors.DuplicatePreparedStatement, psycopg.errors.InvalidSqlStatementName)
    with (
        closing(psycopg.connect(url, prepare_threshold=0)) as first,
        closing(psycopg.connect(url, prepare_threshold=0)) as second,
        pytest.raises(lost),
    ):
        repeat([first, second])


def test_each_transaction_has_its_limits_and_its_name(db: Database) -> None:
    query = text(
        "select current_setting('statement_timeout'), current_setting('lock_timeout'), "
        "current_setting('application_name')"
    )
    for _ in range(SESSIONS * 2):
        with db.begin() as tx:
            assert tuple(tx.execute(query).one()) == ("1min", "30s", "dateline-test")
        with db.begin(time_limit=False) as tx:
            assert tuple(tx.execute(query).one()) == ("0", "30s", "dateline-test")


@pytest.mark.parametrize(("suffix", "idle_time"), [("", 20), ("?keepalives_idle=7", 7)])
def test_a_machine_that_disappears_is_noticed(pooled: Pooled, suffix: str, idle_time: int) -> None:
    """Only a connection by TCP has these options, and PgBouncer is what the tests reach by TCP."""
    db = Database(pooled.url + suffix)
    with db.engine.connect() as connection:
        descriptor = connection.connection.driver_connection.fileno()  # type: ignore[union-attr]
        with closing(socket.socket(fileno=os.dup(descriptor))) as opened:
            assert opened.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == idle_time
            assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000
    db.close()


def test_options_in_the_url_are_refused(pooled: Pooled) -> None:
    """So an operator must set other limits with ALTER ROLE or ALTER DATABASE, as here."""
    refused = Database(options(pooled.url, "statement_timeout=5s"))
    with pytest.raises(UnavailableError, match="unsupported startup parameter"):
        refused.check_writable()
    refused.close()
    pooled.database.configure("statement_timeout = '5s'")
    db = Database(pooled.url)
    with db.begin() as tx:
        assert tx.scalar(text("show statement_timeout")) == "5s"
    db.close()


def test_large_results_come_in_parts(db: Database) -> None:
    with db.read() as tx:
        rows = tx.execute(text("select generate_series(1, 5000)").execution_options(yield_per=100))
        assert sum(1 for _ in rows) == 5000


def test_migrations_run_and_leave_no_lock(pooled: Pooled, db: Database) -> None:
    with pooled.database.db.begin() as tx:
        tx.execute(text("drop schema public cascade; create schema public"))
    use_many_sessions(db)
    command = [sys.executable, "-c", UPGRADE, pooled.url]
    machines = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [machine.wait(60) for machine in machines] == [0, 0]
    assert db.pending_migrations() == []
    with pooled.database.db.read() as tx:
        assert tx.scalar(text("select count(*) from pg_locks where locktype = 'advisory'")) == 0


def test_no_free_session_is_an_outage(pooled: Pooled) -> None:
    with pgbouncer(pooled.database.url, wait=1) as url:
        db = Database(url, pool_size=SESSIONS + 1)
        with db.begin() as first, db.begin() as second, db.begin() as third:
            for tx in (first, second, third):
                tx.execute(text("select 1"))
            with pytest.raises(UnavailableError, match="query_wait_timeout"):
                db.check_writable()
        db.close()


def test_an_edition_is_planned_and_sent_while_the_server_refuses_writes_for_a_while(
    db: Database,
    pooled: Pooled,
    tree: RegionTree,  # noqa: F811
    planner: Planner,  # noqa: F811
    sending_context: SendingContext,  # noqa: F811
) -> None:
    world = World(db, tree, real.now)
    world.many_subscribers(READERS)
    world.article()
    assert plan_due(db, planner, real.now()).deliveries == READERS
    with mail_sink() as sink:
        sink.delay = 0.02
        own_context = replace(
            sending_context,
            relay=SmtpRelay(parse_smtp_url(f"{sink.url}&connections=3")),
            clock=real.now,
            monotonic=time.monotonic,
        )
        sender = threading.Thread(target=send_due, args=(db, own_context))
        sender.start()
        while len(sink.received) < 10:
            time.sleep(0.005)
        pooled.database.demote()
        time.sleep(2.0)
        assert len(sink.received) < READERS
        pooled.database.promote()
        sender.join(60)
        own_context.relay.close()
        recipients = Counter(mail.recipient for mail in sink.received)
    with db.read() as tx:
        assert Counter(tx.scalars(select(Delivery.state))) == {"accepted": READERS}
    assert len(recipients) == recipients.total() == READERS
