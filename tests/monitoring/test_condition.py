"""The condition as the rows have it: heartbeats, runs of tasks, what waits longest, and figures."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import event, update

from digest.app import create_app
from digest.database import Database
from digest.deliveries.models import DeliveryRange
from digest.deliveries.store import deliveries
from digest.errors import UnavailableError
from digest.monitoring import measuring
from digest.monitoring.condition import Condition, load_condition
from digest.monitoring.figures import MAX_KEPT, Figures
from digest.monitoring.run_records import record_heartbeats, recorded_run
from digest.monitoring.states import BEAT_ROLE, FigureName, ProbeKind, ProblemName
from digest.monitoring.store import figures, heartbeats
from digest.settings import Settings
from digest.sources.store import sources
from digest.subscribers.models import Subscriber
from digest.task_names import Queue
from tests.broker_fixtures import running_broker
from tests.builders import World
from tests.conftest import StoppedClock

ROLES = (BEAT_ROLE, *map(str, Queue))


@pytest.fixture(scope="session")
def celery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Celery]:
    """A Celery application with a broker that answers."""
    with running_broker() as url:
        var = str(tmp_path_factory.mktemp("var"))
        yield create_app(Settings.from_env({"DATELINE_VAR": var, "REDIS_URL": url})).extensions["celery"]


def names(condition: Condition) -> list[str]:
    return [problem.key for problem in condition.problems]


def show_all(db: Database, clock: StoppedClock, folder: Path) -> None:
    record_heartbeats(db, clock, ROLES, folder)


def test_processes_that_show_themselves_are_no_problem_and_silent_ones_are(
    db: Database, celery: Celery, clock: StoppedClock, tmp_path: Path
) -> None:
    assert "beat_silent" in names(load_condition(db, celery, clock()))
    show_all(db, clock, tmp_path)
    assert [name for name in names(load_condition(db, celery, clock())) if "silent" in name] == []
    clock.advance(minutes=2)
    assert len([name for name in names(load_condition(db, celery, clock())) if "silent" in name]) == len(
        ROLES
    )


def test_deliveries_that_nobody_sends_are_late_after_half_an_hour(
    db: Database, celery: Celery, clock: StoppedClock, tmp_path: Path, six: int
) -> None:
    for is_divided in (False, True):  # before and after a sender was started for the first time
        if is_divided:
            with db.begin() as tx:
                assert deliveries.any_due(tx, clock())
        assert six == 6
        signals = load_condition(db, celery, clock()).signals
        assert signals.delivery is not None
        assert (signals.delivery.since, signals.delivery.edition_id) == (clock(), 1)
    clock.advance(hours=2)
    show_all(db, clock, tmp_path)
    late = load_condition(db, celery, clock()).problems
    reasons = {problem.name: problem.reason for problem in late}
    assert reasons[ProblemName.DELIVERIES_LATE] == "no sender has claimed it"
    with db.begin() as tx:  # all were sent
        tx.execute(update(DeliveryRange).values(due_at=None))
    assert load_condition(db, celery, clock()).signals.delivery is None


def test_subscribers_letters_and_sources_that_wait_are_found(
    db: Database, celery: Celery, clock: StoppedClock, world: World, tmp_path: Path
) -> None:
    subscriber = world.subscriber()
    world.confirmation_letter(subscriber)
    world.source()
    since = clock()
    signals = load_condition(db, celery, clock()).signals
    assert (signals.due_subscriber, signals.letter, signals.due_source) == (since, since, since)
    clock.advance(minutes=31)
    show_all(db, clock, tmp_path)
    late = [name for name in names(load_condition(db, celery, clock())) if name.endswith("_late")]
    assert sorted(late) == ["letters_late", "polling_late", "subscribers_late"]
    with db.begin() as tx:
        tx.execute(update(Subscriber).values(next_due_at=clock() + timedelta(days=1)))
    assert load_condition(db, celery, clock()).signals.due_subscriber is None


def test_the_condition_counts_no_deliveries(
    db: Database, celery: Celery, clock: StoppedClock, six: int
) -> None:
    with db.begin() as tx:
        deliveries.any_due(tx, clock())
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *values: statements.append(values[2]))
    load_condition(db, celery, clock())
    assert six
    assert 5 < len(statements) <= 20
    assert [text for text in statements if "FROM deliveries" in text] == []


def test_the_last_run_of_a_task_its_duration_and_its_error_are_kept(
    db: Database, clock: StoppedClock
) -> None:
    with recorded_run(db, clock, "articles.prune"):
        clock.advance(seconds=5)
    with pytest.raises(KeyError), recorded_run(db, clock, "articles.prune"):
        raise KeyError("ann@example.com")
    with db.read() as tx:
        (row,) = heartbeats.list_tasks(tx)
    assert (row.runs, row.failures, row.error, row.failing_since) == (2, 1, "KeyError", clock())
    with recorded_run(db, clock, "articles.prune"):
        pass
    with db.read() as tx:
        (row,) = heartbeats.list_tasks(tx)
    assert (row.runs, row.failures, row.error, row.failing_since) == (3, 1, "", None)


def test_a_probe_keeps_since_when_a_service_fails(db: Database, clock: StoppedClock) -> None:
    began = clock()
    for problem in ("refused", "refused again", ""):
        with measuring.probed(db, clock, ProbeKind.MAIL_SERVER, "mx:25"):
            if problem:
                raise UnavailableError(problem)
        with db.read() as tx:
            (row,) = heartbeats.list_probes(tx)
        assert (row.error, row.checked_at, row.since) == (problem, clock(), began if problem else clock())
        clock.advance(minutes=1)


def test_a_source_that_failed_for_a_day_is_named(
    db: Database, celery: Celery, clock: StoppedClock, world: World
) -> None:
    source_id = world.source()
    clock.advance(hours=25)
    failed = sources.PollResult(clock() + timedelta(hours=1), error="HTTP 500")
    with db.begin() as tx:
        sources.record_poll(tx, source_id, failed, clock())
    signals = load_condition(db, celery, clock()).signals
    assert [(source.source_id, source.error) for source in signals.failing_sources] == [
        (source_id, "HTTP 500")
    ]
    assert (signals.sources.active, signals.sources.failing) == (1, 1)


def test_figures_of_several_processes_add_up(db: Database) -> None:
    for _ in range(2):
        counted = Figures(db)
        counted.add(FigureName.ANSWERS, 2, server="mx:25", outcome="accepted")
        counted.add(FigureName.ANSWERS, outcome="accepted", server="mx:25")
        counted.flush()
        counted.flush()
    with db.read() as tx:
        (stored,) = figures.list_figures(tx)
    assert stored == (FigureName.ANSWERS, {"outcome": "accepted", "server": "mx:25"}, 6.0)


def test_figures_wait_while_the_database_is_away(tmp_path: Path, migrated: Path) -> None:
    path = tmp_path / "later" / "dateline.sqlite3"
    database = Database(f"sqlite:///{path}")
    counted = Figures(database)
    for number in range(MAX_KEPT + 5):
        counted.add(FigureName.HTTP_REQUESTS, route=str(number))
    counted.flush()  # there are no tables yet
    database.close()
    path.write_bytes(migrated.read_bytes())
    for leftover in path.parent.glob("*-wal"):
        leftover.unlink()
    counted.flush()
    with database.read() as tx:
        assert len(figures.list_figures(tx)) == MAX_KEPT
    database.close()


def test_measures_replace_each_other(db: Database, clock: StoppedClock, world: World, six: int) -> None:
    with db.begin() as tx:
        deliveries.any_due(tx, clock())
    for _ in range(2):
        measuring.take_measures(db, clock)
    with db.read() as tx:
        measured = {(row.name, *row.labels.values()): row.value for row in figures.list_figures(tx)}
    assert measured[(FigureName.DELIVERIES, "planned")] == six
    assert measured[(FigureName.SUBSCRIBERS, "active")] == six
    assert measured[(FigureName.EDITIONS, "sending")] == 1
    assert measured[(FigureName.ARTICLES,)] == 1
    clock.advance(days=2)
    measuring.take_measures(db, clock)
    with db.read() as tx:
        measured = {(row.name, *row.labels.values()): row.value for row in figures.list_figures(tx)}
    assert (FigureName.DELIVERIES, "planned") not in measured
    assert measured[(FigureName.ARTICLES,)] == 0


def test_one_process_at_a_time_watches(db: Database, clock: StoppedClock) -> None:
    def take() -> bool:
        with db.begin() as tx:
            return heartbeats.take_watch(tx, clock(), interval=timedelta(seconds=15))

    assert (take(), take()) == (True, False)
    clock.advance(seconds=15)
    assert (take(), take()) == (True, False)
    clock.advance(hours=-2)  # the clock was set back
    assert (take(), take()) == (True, False)
