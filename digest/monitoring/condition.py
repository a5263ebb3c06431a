"""Loads the signals and works out the condition of the installation.

`dateline doctor`, /readyz, /metrics, the overview and the alerts all read it here, so they say the same.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from celery import Celery

from digest import broker_state
from digest.database import Database, Tx
from digest.errors import UnavailableError
from digest.monitoring.models import TaskRun
from digest.monitoring.pure.assessment import assess
from digest.monitoring.pure.problems import Problem
from digest.monitoring.pure.signals import (
    FailingSourceSignal,
    HeartbeatSignal,
    Limits,
    MailShares,
    ProbeSignal,
    Signals,
    SourcesSignal,
    StoppedSignal,
    TaskSignal,
    WaitingSignal,
)
from digest.monitoring.states import FigureName
from digest.monitoring.store import figures, heartbeats, lateness
from digest.monitoring.store.figures import StoredFigure
from digest.task_names import TaskName

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition at a moment, with what it was worked out from."""

    at: datetime
    problems: Sequence[Problem]
    signals: Signals
    tasks: Sequence[TaskRun] = ()
    figures: Sequence[StoredFigure] = ()


def load_condition(db: Database, celery: Celery, now: datetime, limits: Limits = DEFAULT_LIMITS) -> Condition:
    """The condition now. It raises nothing: that database or broker do not answer is a problem like others."""
    broker_error, broker_seconds = broker_state.probe(celery)
    started = time.monotonic()
    try:
        db.check_writable()
        database_seconds = time.monotonic() - started
        with db.read() as tx:
            tasks, stored = heartbeats.list_tasks(tx), figures.list_figures(tx)
            signals = load_signals(tx, now, limits, tasks=tasks, stored=stored)
    except UnavailableError as error:
        tasks, stored, database_seconds = (), (), time.monotonic() - started
        signals = Signals(database_error=str(error))
    signals = replace(
        signals,
        database_seconds=database_seconds,
        broker_error=broker_error,
        broker_seconds=broker_seconds,
    )
    return Condition(now, assess(signals, now, limits), signals, tasks, stored)


def load_signals(
    tx: Tx,
    now: datetime,
    limits: Limits,
    *,
    tasks: Sequence[TaskRun],
    stored: Sequence[StoredFigure],
) -> Signals:
    """What the rows say. Every query reads one end of an index, or a table that stays small."""
    due, delivery = lateness.oldest_due_subscriber(tx, now), lateness.oldest_delivery(tx, now)
    return Signals(
        heartbeats=[
            HeartbeatSignal(row.role, row.machine, row.seen_at, row.disk_free, row.disk_size)
            for row in heartbeats.list_heartbeats(tx)
        ],
        probes=[
            ProbeSignal(row.kind, row.name, row.checked_at, row.since, row.error, row.seconds)
            for row in heartbeats.list_probes(tx)
        ],
        failing_tasks=[
            TaskSignal(row.task, row.failing_since, row.error)
            for row in tasks
            if row.failing_since is not None
        ],
        due_subscriber=due,
        is_on_hold=due is not None and lateness.is_on_hold(tx, due),
        letter=lateness.oldest_letter(tx, now),
        delivery=None if delivery is None else WaitingSignal(*delivery),
        last_planning=next((row.finished_at for row in tasks if row.task == TaskName.PLAN_DUE), None),
        due_source=lateness.oldest_overdue_source(tx, now),
        overdue_source=lateness.oldest_overdue_source(tx, now - limits.late_poll),
        sources=SourcesSignal(*lateness.count_sources(tx)),
        failing_sources=[
            FailingSourceSignal(*row) for row in lateness.failing_sources(tx, now - limits.source_trouble)
        ],
        stopped_editions=[StoppedSignal(*row) for row in lateness.stopped_editions(tx)],
        mails=_mail_shares(stored),
    )


def _mail_shares(stored: Sequence[StoredFigure]) -> MailShares:
    """What `measuring` has counted of the last day."""
    counts = {
        (figure.name, *figure.labels.values()): int(figure.value)
        for figure in stored
        if figure.name in (FigureName.DELIVERIES, FigureName.FEEDBACK)
    }
    return MailShares(
        accepted=counts.get((FigureName.DELIVERIES, "accepted"), 0),
        bounces=counts.get((FigureName.FEEDBACK, "bounce"), 0),
        complaints=counts.get((FigureName.FEEDBACK, "complaint"), 0),
    )
