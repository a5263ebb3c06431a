"""The tables of monitoring: heartbeats, runs of tasks, probes, figures, and alerts with their notices."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from digest.database import Base, StrEnumType, UtcDateTime
from digest.monitoring.states import NoticeKind, NoticeState, NoticeWay


class Heartbeat(Base):
    """When a process last showed itself: beat, or the worker of a queue, on a machine."""

    __tablename__ = "heartbeats"

    role: Mapped[str] = mapped_column(String(16), primary_key=True)  # "beat", or the name of a queue
    machine: Mapped[str] = mapped_column(String(128), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disk_free: Mapped[int] = mapped_column(BigInteger)  # octets, where DATELINE_VAR is
    disk_size: Mapped[int] = mapped_column(BigInteger)


class TaskRun(Base):
    """The last run of a task, and how often it ran."""

    __tablename__ = "task_runs"

    task: Mapped[str] = mapped_column(String(64), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Of the last run that ended; None if none has.
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seconds: Mapped[float] = mapped_column(default=0.0)
    error: Mapped[str] = mapped_column(Text, default="")  # "" if it succeeded
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None if it succeeded
    runs: Mapped[int] = mapped_column(BigInteger, default=0)
    failures: Mapped[int] = mapped_column(BigInteger, default=0)
    total_seconds: Mapped[float] = mapped_column(default=0.0)


class Probe(Base):
    """Whether a service answered when it was last tried."""

    __tablename__ = "probes"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # see `states.ProbeKind`
    name: Mapped[str] = mapped_column(String(255), primary_key=True)  # host and port
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    since: Mapped[datetime] = mapped_column(UtcDateTime)  # when it began to answer, or to fail
    error: Mapped[str] = mapped_column(Text, default="")  # "" if it answered
    seconds: Mapped[float] = mapped_column(default=0.0)


class Figure(Base):
    """A number for /metrics: one that only grows, or one that a task has measured."""

    __tablename__ = "figures"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    labels: Mapped[str] = mapped_column(String(512), primary_key=True)  # JSON, with sorted keys
    value: Mapped[float]


class Alert(Base):
    """A problem that was reported, or that is reported once it has lasted long enough."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "ix_alerts_open",
            "key",
            unique=True,
            postgresql_where=text("ended_at is null"),
            sqlite_where=text("ended_at is null"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128))  # see `Problem.key`
    level: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)  # what is wrong, why, and what to do
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it was reported; None: not yet
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class AlertNotice(Base):
    """A message about the start or the end of an alert, to one account or to the webhook."""

    __tablename__ = "alert_notices"
    __table_args__ = (Index("ix_alert_notices_due", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[NoticeKind] = mapped_column(StrEnumType(NoticeKind, 16))
    way: Mapped[NoticeWay] = mapped_column(StrEnumType(NoticeWay, 16))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    state: Mapped[NoticeState] = mapped_column(StrEnumType(NoticeState, 16), default=NoticeState.PLANNED)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str] = mapped_column(Text, default="")
