"""Another thread writes results in their order. While the database is unavailable, they wait."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import text, update

from digest import database_engines
from digest.database import CoreTx, Database
from digest.deliveries.models import Delivery
from digest.deliveries.sending import result_writer
from digest.deliveries.sending.result_writer import MAX_BACKGROUND_SAVES, LaterWrite, ResultWriter
from digest.deliveries.states import DeliveryState
from digest.deliveries.store.claims import DeliveryResult
from digest.errors import UnavailableError
from tests.conftest import NOON
from tests.deliveries.planned_deliveries import deliveries
from tests.waiting import wait_until

SOON = 20  # seconds in which a write is done


@pytest.fixture
def writer(db: Database, six: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[ResultWriter]:
    """A writer of the results of six deliveries."""
    monkeypatch.setattr(result_writer, "RETRY_INTERVAL", 0.05)
    opened = ResultWriter(db)
    yield opened
    opened.close()


def append(words: str, before: Callable[[], None] = lambda: None) -> Callable[[CoreTx], None]:
    """A write that appends to all answers, and does something within its transaction after that."""

    def write(tx: CoreTx) -> None:
        tx.execute(update(Delivery).values(answer=Delivery.answer + words))
        before()

    return write


def accepted(db: Database, answer: str) -> list[DeliveryResult]:
    """Results of all deliveries."""
    ids = [delivery.id for delivery in deliveries(db)]
    return [DeliveryResult(one, DeliveryState.ACCEPTED, answer, NOON, NOON, False, 1) for one in ids]


def answers(db: Database) -> Sequence[str]:
    return [delivery.answer for delivery in deliveries(db)]


class Outage:
    """While it lasts, writes fail as they do when the database is unavailable."""

    def __init__(self) -> None:
        self.is_over = False
        self.tries = 0

    def check(self) -> None:
        self.tries += 1
        if not self.is_over:
            raise UnavailableError("database: away")

    def wait_for_tries(self, count: int) -> None:
        until = time.monotonic() + SOON
        while self.tries < count:
            assert time.monotonic() < until, "the write is not tried again"
            time.sleep(0.005)


def test_what_is_done_is_committed(db: Database, writer: ResultWriter) -> None:
    writer.submit(append("a")).result(SOON)
    assert answers(db) == ["a"] * 6
    writer.save(accepted(db, "250 kept")).result()
    assert [(d.state, d.answer) for d in deliveries(db)] == [("accepted", "250 kept")] * 6


def test_nothing_is_visible_and_nothing_is_done_before_the_commit(db: Database, writer: ResultWriter) -> None:
    began, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        began.set()
        may_end.wait(SOON)

    future = writer.submit(append("a", hold))
    assert began.wait(SOON)
    assert not future.done()
    assert answers(db) == [""] * 6
    may_end.set()
    future.result(SOON)
    assert answers(db) == ["a"] * 6


def test_writes_keep_their_order_when_an_early_one_is_slow(db: Database, writer: ResultWriter) -> None:
    slow = writer.submit(append("a", lambda: time.sleep(0.3)))
    others = [writer.submit(append(words)) for words in "bcd"]
    assert not any(future.done() for future in others)
    others[-1].result(SOON)
    assert all(future.done() for future in (slow, *others))
    assert answers(db) == ["abcd"] * 6


def test_during_an_outage_writes_wait_and_are_written_once_and_in_order_after_it(
    db: Database, writer: ResultWriter
) -> None:
    outage = Outage()
    writer.submit(append("a")).result(SOON)
    futures = [writer.submit(append("b", outage.check)), *(writer.submit(append(words)) for words in "cd")]
    outage.wait_for_tries(3)
    assert not any(future.done() for future in futures)
    assert answers(db) == ["a"] * 6
    outage.is_over = True
    for future in futures:
        future.result(SOON)
    assert answers(db) == ["abcd"] * 6


def test_an_outage_that_is_too_long_loses_the_writes_whose_time_is_over(
    db: Database, writer: ResultWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_writer, "MAX_DATABASE_WAIT", 0.2)
    lost = writer.submit(append("a", Outage().check))
    following = writer.submit(append("b"))
    with pytest.raises(UnavailableError):
        lost.result(SOON)
    following.result(SOON)
    assert answers(db) == ["b"] * 6


def test_another_error_is_told_at_once_and_the_next_write_goes_on(db: Database, writer: ResultWriter) -> None:
    def fail() -> None:
        raise ValueError("a fault of ours")

    failed = writer.submit(append("a", fail))
    following = writer.submit(append("b"))
    with pytest.raises(ValueError, match="a fault of ours"):
        failed.result(SOON)
    following.result(SOON)
    assert answers(db) == ["b"] * 6


def test_closing_waits_for_what_was_submitted_and_returns_all_connections(db: Database, six: int) -> None:
    before = db.engine.pool.checkedout()  # type: ignore[attr-defined]
    writer = ResultWriter(db)
    results = accepted(db, "250 kept")
    future = writer.submit(append("a", lambda: time.sleep(0.2)))
    writer.close()
    assert future.done()
    assert answers(db) == ["a"] * 6
    writer = ResultWriter(db)
    save = writer.save(results)
    writer.close()
    assert save.done()
    assert answers(db) == ["250 kept"] * 6
    assert db.engine.pool.checkedout() == before  # type: ignore[attr-defined]


def test_postgresql_commits_saves_beside_each_other_and_a_later_write_after_them(
    db: Database, writer: ResultWriter
) -> None:
    if db.engine.dialect.name == "sqlite":  # has one writer at a time
        assert not hasattr(writer.save(accepted(db, "250 kept")), "allows_another")
        return
    results = accepted(db, "250 kept")
    with db.begin() as tx:  # another process holds the row that the first save needs
        tx.execute(update(Delivery).where(Delivery.id == results[0].id).values(attempts=7))
        tx.flush()
        saves = [writer.save([result]) for result in results[:MAX_BACKGROUND_SAVES]]
        assert [getattr(save, "allows_another", False) for save in saves] == [True, True, False]
        later = LaterWrite(saves, lambda: writer.submit(append("!")))
        for save in saves[1:]:
            save.result()
        assert not saves[0].done()
        assert not later.done()
        assert getattr(writer.save([results[3]]), "allows_another", False)  # in the place of one that is over
        wait_until(lambda: answers(db)[1:4] == ["250 kept"] * 3)
    wait_until(later.done)
    later.result()
    assert answers(db) == ["250 kept!"] * 4 + ["!"] * 2


@contextmanager
def interrupted(db: Database) -> Iterator[None]:
    """Let another connection hold the write lock of SQLite, or end all connections to PostgreSQL."""
    if db.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None)) as other:
            other.execute("begin immediate")
            yield
            other.execute("rollback")
        return
    with db.begin() as tx:
        others = "datname = current_database() and pid <> pg_backend_pid()"
        tx.execute(text(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}"))  # noqa: S608
    yield


@pytest.mark.parametrize("in_transaction", [True, False])
def test_real_outages_are_waited_for_too(
    db: Database, six: int, monkeypatch: pytest.MonkeyPatch, in_transaction: bool
) -> None:
    monkeypatch.setattr(database_engines, "BUSY_TIMEOUT", 0.1)
    monkeypatch.setattr(result_writer, "RETRY_INTERVAL", 0.05)
    own = Database(db.engine.url.render_as_string(hide_password=False))
    writer, results = ResultWriter(own), accepted(db, "250 kept")
    writer.submit(append("a")).result(SOON)
    writer.save([results[0]._replace(id=0)]).result()  # opens its connection, and changes nothing
    with interrupted(db):
        future = writer.submit(append("b")) if in_transaction else writer.save(results)
        if db.engine.dialect.name == "postgresql":  # it needs just a new connection
            wait_until(future.done)  # looks what became of it again and again, as the relay does
        else:
            future.done()
            time.sleep(0.5)
            assert not future.done()
    future.result()
    writer.close()
    own.close()
    assert answers(db) == ["ab" if in_transaction else "250 kept"] * 6
