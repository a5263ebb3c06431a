"""When an alert starts and ends: once each, and not for a moment's trouble. Pure: values in, values out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.monitoring.pure.problems import Problem
from digest.monitoring.states import NoticeKind, ProblemLevel, ProblemName

# How long a problem must last before it is reported. The others have lasted when they become problems: that all sources
# fail, say, stays as it is until the next polls.
HOLD = {
    ProblemName.DATABASE_AWAY: timedelta(seconds=30),
    ProblemName.BROKER_AWAY: timedelta(seconds=30),
    ProblemName.MAIL_SERVER_AWAY: timedelta(seconds=20),
    ProblemName.MAILBOX_AWAY: timedelta(minutes=15),
    ProblemName.TASK_FAILING: timedelta(minutes=10),
    ProblemName.DISK_NEARLY_FULL: timedelta(seconds=30),
}
# How long a problem must be gone before its end is reported.
QUIET = timedelta(minutes=1)
LONG_QUIET = timedelta(minutes=15)  # of figures that move around their limit
QUIET_BY_NAME = dict.fromkeys(
    (ProblemName.BOUNCE_RATE, ProblemName.COMPLAINT_RATE, ProblemName.TASK_FAILING, ProblemName.POLLING_LATE),
    LONG_QUIET,
)
# Other warnings are shown and not reported.
REPORTED_WARNINGS = frozenset(
    (ProblemName.SOURCE_IN_TROUBLE, ProblemName.MAILBOX_AWAY, ProblemName.TASK_FAILING)
)


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A problem that is, or may soon be, reported."""

    key: str
    level: ProblemLevel
    text: str
    noticed_at: datetime
    last_seen_at: datetime
    started_at: datetime | None = None  # when it was reported

    @property
    def name(self) -> ProblemName:
        """The name of its problem."""
        return ProblemName(self.key.partition(":")[0])


@dataclass(frozen=True, slots=True)
class AlertStep:
    """What an alert becomes: None if it is over or was never reported; and the notice that is due."""

    alert: OpenAlert | None
    notice: NoticeKind | None = None


def advance(alert: OpenAlert | None, problem: Problem | None, now: datetime) -> AlertStep:
    """The next step of an alert, whose problem is there or not. At least one of the two is given."""
    if problem is not None:
        return _while_there(alert, problem, now)
    if alert is None or alert.started_at is None:
        return AlertStep(None)
    if alert.last_seen_at > now:  # the clock was set back
        return AlertStep(replace(alert, last_seen_at=now))
    if now - alert.last_seen_at < QUIET_BY_NAME.get(alert.name, QUIET):
        return AlertStep(alert)
    return AlertStep(None, NoticeKind.ENDED)


def _while_there(alert: OpenAlert | None, problem: Problem, now: datetime) -> AlertStep:
    text = problem.describe()
    if alert is None:
        alert = OpenAlert(problem.key, problem.level, text, now, now)
    alert = replace(
        alert, level=problem.level, text=text, last_seen_at=now, noticed_at=min(alert.noticed_at, now)
    )
    is_due = now - alert.noticed_at >= HOLD.get(problem.name, timedelta(0))
    if alert.started_at is None and is_due:
        return AlertStep(replace(alert, started_at=now), NoticeKind.STARTED)
    return AlertStep(alert)


def reported(problems: Iterable[Problem]) -> Mapping[str, Problem]:
    """The problems that become alerts, by key."""
    return {
        problem.key: problem
        for problem in problems
        if problem.level == ProblemLevel.ERROR or problem.name in REPORTED_WARNINGS
    }


def advance_all(
    alerts: Sequence[OpenAlert], problems: Iterable[Problem], now: datetime
) -> Mapping[str, AlertStep]:
    """The next step of every alert and of every new problem, by key."""
    open_by_key, there = {alert.key: alert for alert in alerts}, reported(problems)
    return {
        key: advance(open_by_key.get(key), there.get(key), now)
        for key in (*there, *(open_by_key.keys() - there.keys()))
    }
