"""Queries over heartbeats, runs of tasks and probes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from digest.database import Tx, dialect_insert, insert_missing
from digest.monitoring.models import Heartbeat, Probe, TaskRun
from digest.monitoring.states import WATCHER_ROLE, ProbeKind

MAX_ERROR_LENGTH = 300  # characters
MAX_CLOCK_LEAD = timedelta(minutes=1)  # a time further in the future was stored before a clock was set back


def beat(tx: Tx, role: str, machine: str, now: datetime, *, disk_free: int, disk_size: int) -> None:
    """Record that a process of this role lives, and how full the disk of its machine is, in octets."""
    values = {"seen_at": now, "disk_free": disk_free, "disk_size": disk_size}
    statement = dialect_insert(tx, Heartbeat).values(role=role, machine=machine, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["role", "machine"], set_=values))


def list_heartbeats(tx: Tx) -> Sequence[Heartbeat]:
    """The last heartbeat of each role on each machine."""
    listed = select(Heartbeat).where(Heartbeat.role != WATCHER_ROLE)
    return tx.scalars(listed.order_by(Heartbeat.role, Heartbeat.machine)).all()


def forget_old(tx: Tx, before: datetime) -> None:
    """Delete the heartbeats of machines, and the probes of services, that have long not been seen."""
    tx.execute(delete(Heartbeat).where(Heartbeat.seen_at < before))
    tx.execute(delete(Probe).where(Probe.checked_at < before))


def is_watch_due(tx: Tx, now: datetime, *, interval: timedelta) -> bool:
    """Whether nobody has looked for alerts within the interval. It takes no lock."""
    seen_at = tx.scalar(select(Heartbeat.seen_at).where(Heartbeat.role == WATCHER_ROLE))
    return seen_at is None or not now - interval < seen_at <= now + MAX_CLOCK_LEAD


def take_watch(tx: Tx, now: datetime, *, interval: timedelta) -> bool:
    """Whether the caller is the one who looks for alerts now: once in each interval, over all processes."""
    row = {"role": WATCHER_ROLE, "machine": "", "seen_at": now - interval, "disk_free": 0, "disk_size": 0}
    insert_missing(tx, Heartbeat, [row], keys=["role", "machine"])
    is_due = or_(Heartbeat.seen_at <= now - interval, Heartbeat.seen_at > now + MAX_CLOCK_LEAD)
    statement = update(Heartbeat).where(Heartbeat.role == WATCHER_ROLE, is_due).values(seen_at=now)
    return tx.scalar(statement.returning(Heartbeat.role)) is not None


def start_task(tx: Tx, task: str, now: datetime) -> None:
    """Record that a run of a task has begun."""
    statement = dialect_insert(tx, TaskRun).values(
        task=task, started_at=now, seconds=0.0, error="", runs=0, failures=0, total_seconds=0.0
    )
    tx.execute(statement.on_conflict_do_update(index_elements=["task"], set_={"started_at": now}))


def finish_task(tx: Tx, task: str, now: datetime, *, seconds: float, error: str = "") -> None:
    """Record that a run of a task has ended, and the error if it failed."""
    row = tx.scalar(select(TaskRun).where(TaskRun.task == task).with_for_update())
    if row is None:
        return
    row.finished_at, row.seconds, row.error = now, seconds, error[:MAX_ERROR_LENGTH]
    row.failing_since = (row.failing_since or now) if error else None
    row.runs += 1
    row.failures += bool(error)
    row.total_seconds += seconds


def list_tasks(tx: Tx) -> Sequence[TaskRun]:
    """The tasks that have run."""
    return tx.scalars(select(TaskRun).order_by(TaskRun.task)).all()


def record_probe(
    tx: Tx, kind: ProbeKind, name: str, now: datetime, *, error: str = "", seconds: float
) -> None:
    """Record whether a service answered. `error` says why it did not."""
    row = tx.get(Probe, (kind, name))
    if row is None:
        row = Probe(kind=kind, name=name, since=now, checked_at=now, error="", seconds=0.0)
        tx.add(row)
    if bool(row.error) != bool(error):
        row.since = now
    row.checked_at, row.error, row.seconds = now, error[:MAX_ERROR_LENGTH], seconds


def list_probes(tx: Tx) -> Sequence[Probe]:
    """What was tried last, by kind and name."""
    return tx.scalars(select(Probe).order_by(Probe.kind, Probe.name)).all()
