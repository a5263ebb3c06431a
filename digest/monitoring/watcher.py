"""Watches the installation and starts and ends alerts.

A thread of each web process and of beat does it, one at a time: a row says who looked last. So an alert about the
worker, about beat or about the web processes comes from another process. While the database is away, each watcher
remembers that by itself, and the broker decides which of them speaks.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import Celery

from digest import broker_state
from digest.accounts.store import accounts
from digest.clock import Clock
from digest.database import Database
from digest.errors import UnavailableError
from digest.monitoring.condition import Condition, load_condition
from digest.monitoring.notices import AlertReport, Messenger
from digest.monitoring.pure.alert_rules import OpenAlert, advance, advance_all
from digest.monitoring.pure.problems import Problem
from digest.monitoring.states import NoticeKind, ProblemLevel, ProblemName
from digest.monitoring.store import alerts, heartbeats
from digest.settings import Settings

log = logging.getLogger(__name__)
WATCH_INTERVAL = timedelta(seconds=15)
START_TIME = timedelta(minutes=1)  # what starts together with this process has shown itself by then
PING_INTERVAL = 60.0  # seconds
KEEP_ENDED = timedelta(days=90)  # alerts that are over
# With one of these, the dead man's switch is not pinged.
PING_STOPPERS = frozenset(
    (
        ProblemName.DATABASE_AWAY, ProblemName.BROKER_AWAY, ProblemName.BEAT_SILENT, ProblemName.WORKER_SILENT,
        ProblemName.MAIL_SERVER_AWAY, ProblemName.PLANNING_LATE,
    )
)  # fmt: skip
OUTAGE_KEY = "dateline:database_alert"  # in the broker: who reports the outage of the database


@dataclass(frozen=True, slots=True)
class WatchContext:
    """What a watcher needs."""

    db: Database
    celery: Celery
    settings: Settings
    messenger: Messenger
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic


class Watcher:
    """Looks for alerts again and again. One per process."""

    def __init__(self, context: WatchContext) -> None:
        self._context = context
        self._outage: OpenAlert | None = None  # of the database
        self._reports_outage = False  # whether this process reported the outage
        self._addresses: Sequence[str] = ()  # of accounts that want alerts, as last read
        self._ping_at = 0.0
        self._stopped = threading.Event()

    def start(self) -> None:
        """Watch in a thread that ends with the process."""
        threading.Thread(target=self.run, name="watcher", daemon=True).start()

    def stop(self) -> None:
        """End the thread soon."""
        self._stopped.set()

    def run(self) -> None:
        """Watch until `stop`, from a minute after the start on."""
        self._stopped.wait(START_TIME.total_seconds())
        while not self._stopped.wait(WATCH_INTERVAL.total_seconds() / 3):
            try:
                self.watch()
            except Exception:  # the watch must go on, whatever one round met
                log.exception("a round of watching failed")

    def watch(self) -> bool:
        """Do a round, if it is time for one and no other process has done it; returns whether it did."""
        context, now = self._context, self._context.clock()
        try:
            context.db.check_writable()
            if not self._take_turn(now):
                return self._note_database("", now)
            condition = load_condition(context.db, context.celery, now)
            if condition.signals.database_error:  # it went away in between, so nothing else is known
                return self._note_database(condition.signals.database_error, now)
            self._save(condition)
            context.messenger.send_due(context.db)
        except UnavailableError as error:
            return self._note_database(str(error), now)
        self._note_database("", now)
        self._ping(condition)
        return True

    def _take_turn(self, now: datetime) -> bool:
        with self._context.db.read() as tx:
            self._addresses = [account.email for account in accounts.wanting_alerts(tx)]
            if not heartbeats.is_watch_due(tx, now, interval=WATCH_INTERVAL):
                return False
        with self._context.db.begin() as tx:
            return heartbeats.take_watch(tx, now, interval=WATCH_INTERVAL)

    def _save(self, condition: Condition) -> None:
        """Write the next step of each alert, and the notices that follow."""
        context, now = self._context, condition.at
        # An outage of the database is remembered by this process, because nothing can be written then.
        problems = [problem for problem in condition.problems if problem.name != ProblemName.DATABASE_AWAY]
        with context.db.begin() as tx:
            steps = advance_all(alerts.list_open(tx), problems, now)
            for key, step in steps.items():
                if step.notice is not None:
                    log.warning("alert.%s %s", step.notice, key)
            wanting = [account.id for account in accounts.wanting_alerts(tx)]
            alerts.save_steps(tx, steps, now, accounts=wanting, webhook=bool(context.settings.alert_webhook))
            alerts.forget_old(tx, now - KEEP_ENDED)

    def _note_database(self, error: str, now: datetime) -> bool:
        """Tell of an outage of the database, and of its end, without writing to it; returns False."""
        if not error and self._outage is None:
            return False
        problem = None
        if error:
            since = self._outage.noticed_at if self._outage else now
            reason = error.removeprefix("database: ")
            problem = Problem(
                ProblemName.DATABASE_AWAY,
                ProblemLevel.ERROR,
                "The database can't be used",
                since,
                reason=reason,
            )
        before = self._outage
        step = advance(before, problem, now)
        self._outage = step.alert
        if step.notice == NoticeKind.STARTED:
            self._reports_outage = broker_state.take_key(self._context.celery, OUTAGE_KEY)
        if step.notice is not None and self._reports_outage:
            self._report(step.alert or before, step.notice)
        if step.notice == NoticeKind.ENDED and self._reports_outage:
            broker_state.drop_key(self._context.celery, OUTAGE_KEY)
        return False

    def _report(self, alert: OpenAlert | None, kind: NoticeKind) -> None:
        if alert is None:
            return
        log.warning("alert.%s %s", kind, alert.key)
        message_id = f"database-{int(alert.noticed_at.timestamp())}-{kind}"
        report = AlertReport(message_id, kind, alert.key, alert.level, alert.text, alert.started_at)
        problems = [self._context.messenger.mail(address, [report]) for address in self._addresses]
        if self._context.settings.alert_webhook:
            problems.append(self._context.messenger.post(report))
        for problem in filter(None, problems):
            log.warning("a notice of an alert was not sent: %s", problem)

    def _ping(self, condition: Condition) -> None:
        if self._context.monotonic() < self._ping_at:
            return
        self._ping_at = self._context.monotonic() + PING_INTERVAL
        if not any(problem.name in PING_STOPPERS for problem in condition.problems):
            self._context.messenger.ping()
