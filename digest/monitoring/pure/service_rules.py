"""The rules about services: database, broker, mail servers, disks, tasks, and what mailbox providers say of us."""

from collections.abc import Iterator
from datetime import datetime

from digest.errors import NewsroomText
from digest.monitoring.pure.problems import Problem, format_since
from digest.monitoring.pure.signals import Limits, Signals
from digest.monitoring.states import ProbeKind, ProblemLevel, ProblemName


def service_problems(signals: Signals, now: datetime, limits: Limits) -> Iterator[Problem]:
    """The problems of services. While the database does not answer, nothing else is known."""
    if signals.database_error:
        yield Problem(
            ProblemName.DATABASE_AWAY,
            ProblemLevel.ERROR,
            NewsroomText("The database can't be used"),
            reason=signals.database_error.removeprefix("database: "),
        )
    if signals.broker_error:
        yield Problem(
            ProblemName.BROKER_AWAY,
            ProblemLevel.ERROR,
            NewsroomText("The broker can't be used, so no task is started"),
            reason=signals.broker_error,
        )
    yield from _probe_problems(signals, now, limits)
    yield from _failing_tasks(signals, now)
    yield from _full_disks(signals, now, limits)
    yield from _bad_shares(signals, limits)


def _probe_problems(signals: Signals, now: datetime, limits: Limits) -> Iterator[Problem]:
    for probe in signals.probes:
        if not probe.error or now - probe.checked_at > limits.stale_probe:
            continue
        is_server = probe.kind == ProbeKind.MAIL_SERVER
        what = (
            NewsroomText("The mail server %(name)s", name=probe.name)
            if is_server
            else NewsroomText("The mailbox of feedback at %(name)s", name=probe.name)
        )
        yield Problem(
            ProblemName.MAIL_SERVER_AWAY if is_server else ProblemName.MAILBOX_AWAY,
            ProblemLevel.ERROR if is_server else ProblemLevel.WARNING,
            NewsroomText("%(what)s can't be used %(since)s", what=what, since=format_since(probe.since, now)),
            since=probe.since,
            subject=probe.name,
            reason=probe.error,
        )


def _failing_tasks(signals: Signals, now: datetime) -> Iterator[Problem]:
    for task in signals.failing_tasks:
        yield Problem(
            ProblemName.TASK_FAILING,
            ProblemLevel.WARNING,
            NewsroomText(
                "The task %(task)s fails %(since)s",
                task=task.task,
                since=format_since(task.failing_since, now),
            ),
            since=task.failing_since,
            subject=task.task,
            reason=task.error,
            advice=NewsroomText("The worker's log has the traceback."),
        )


def _full_disks(signals: Signals, now: datetime, limits: Limits) -> Iterator[Problem]:
    newest = {beat.machine: beat for beat in sorted(signals.heartbeats, key=lambda beat: beat.seen_at)}
    for machine, beat in sorted(newest.items()):
        if not beat.disk_size or now - beat.seen_at > limits.stale_probe:
            continue
        has_enough = beat.disk_free >= limits.enough_free_octets
        is_small = beat.disk_free < limits.least_free_octets and beat.disk_size > limits.least_free_octets
        if is_small or (not has_enough and beat.disk_free < limits.least_free_share * beat.disk_size):
            free, size = (f"{octets / 1e9:.1f} GB" for octets in (beat.disk_free, beat.disk_size))
            yield Problem(
                ProblemName.DISK_NEARLY_FULL,
                ProblemLevel.ERROR,
                NewsroomText(
                    "The disk of DATELINE_VAR on %(machine)s is nearly full: %(free)s of %(size)s are free",
                    machine=machine,
                    free=free,
                    size=size,
                ),
                subject=machine,
                advice=NewsroomText("Free some space; a database that cannot write stops everything."),
            )


def _bad_shares(signals: Signals, limits: Limits) -> Iterator[Problem]:
    mails = signals.mails
    if mails.accepted < limits.fewest_mails:
        return
    bounced = NewsroomText(
        "%(count)s of %(accepted)s mails of the last day bounced",
        count=mails.bounces,
        accepted=mails.accepted,
    )
    complained = NewsroomText(
        "%(count)s of %(accepted)s mails of the last day were complained about",
        count=mails.complaints,
        accepted=mails.accepted,
    )
    for name, count, limit, what in (
        (ProblemName.BOUNCE_RATE, mails.bounces, limits.max_bounce_share, bounced),
        (ProblemName.COMPLAINT_RATE, mails.complaints, limits.max_complaint_share, complained),
    ):
        if count > limit * mails.accepted:
            share = count / mails.accepted
            yield Problem(
                name,
                ProblemLevel.ERROR,
                NewsroomText(
                    "%(what)s (%(share)s; at most %(limit)s may be)",
                    what=what,
                    share=f"{share:.2%}",
                    limit=f"{limit:.1%}",
                ),
                advice=NewsroomText("Mailbox providers block senders for this; look at the page Feedback."),
            )
