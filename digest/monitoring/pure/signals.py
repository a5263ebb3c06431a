"""What the condition of the installation is worked out from, and the limits beyond which something is late."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.monitoring.states import ProbeKind


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may take before they are a problem.

    Processes show themselves every 30 s, so three missing heartbeats are silence. Beat enqueues every minute.
    """

    silence: timedelta = timedelta(seconds=95)
    late_delivery: timedelta = timedelta(minutes=30)
    late_subscriber: timedelta = timedelta(minutes=30)
    late_letter: timedelta = timedelta(minutes=5)
    late_planning: timedelta = timedelta(minutes=15)
    late_poll: timedelta = timedelta(minutes=10)
    stale_probe: timedelta = timedelta(minutes=5)  # an older answer says nothing
    source_trouble: timedelta = timedelta(days=1)
    least_free_share: float = 0.05  # of a disk
    least_free_octets: int = 500_000_000
    enough_free_octets: int = 20_000_000_000  # with so many free, the share does not matter
    max_bounce_share: float = (
        0.05  # of the mails of a day; mailbox providers frown at 2 %, and block at 5 to 10 %
    )
    max_complaint_share: float = 0.003  # Google's and Yahoo's sender rules of 2024
    fewest_mails: int = 100  # of a day, below which shares mean nothing


@dataclass(frozen=True, slots=True)
class HeartbeatSignal:
    """When a process last showed itself, and how full its machine's disk was."""

    role: str
    machine: str
    seen_at: datetime
    disk_free: int = 0
    disk_size: int = 0


@dataclass(frozen=True, slots=True)
class ProbeSignal:
    """Whether a service answered when it was last tried."""

    kind: str
    name: str
    checked_at: datetime
    since: datetime
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TaskSignal:
    """A task whose last run failed."""

    task: str
    failing_since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class WaitingSignal:
    """The delivery that waits longest."""

    since: datetime
    edition_id: int
    reason: str = ""
    is_claimed: bool = False


@dataclass(frozen=True, slots=True)
class StoppedSignal:
    """A paused edition; without a reason an editor paused it."""

    edition_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FailingSourceSignal:
    """A source that could not be read for a day."""

    source_id: int
    title: str
    since: datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class SourcesSignal:
    """Sources that are polled, and how many failed at their last poll."""

    active: int = 0
    failing: int = 0
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MailShares:
    """The mails of the last day, and what came back."""

    accepted: int = 0
    bounces: int = 0
    complaints: int = 0


@dataclass(frozen=True, slots=True)
class Signals:
    """What the rows say, and whether database and broker answer ("" if they do)."""

    database_error: str = ""
    database_seconds: float = 0.0
    broker_error: str = ""
    broker_seconds: float = 0.0
    heartbeats: Sequence[HeartbeatSignal] = ()
    probes: Sequence[ProbeSignal] = ()
    failing_tasks: Sequence[TaskSignal] = ()
    due_subscriber: datetime | None = None
    is_on_hold: bool = False  # whether an editor holds the edition of that subscriber's slot
    letter: datetime | None = None
    delivery: WaitingSignal | None = None
    last_planning: datetime | None = None
    due_source: datetime | None = None  # since when the source that waits longest is due
    overdue_source: datetime | None = None  # the same, for those that wait longer than `late_poll`
    sources: SourcesSignal = field(default_factory=SourcesSignal)
    failing_sources: Sequence[FailingSourceSignal] = ()
    stopped_editions: Sequence[StoppedSignal] = ()
    mails: MailShares = field(default_factory=MailShares)

    def failing_mail_servers(self) -> Sequence[ProbeSignal]:
        """The mail servers that did not answer when they were last tried."""
        return [probe for probe in self.probes if probe.kind == ProbeKind.MAIL_SERVER and probe.error]
