"""The condition of the installation: what is late or does not work, since when and why, from what the rows say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

from digest.errors import NewsroomText
from digest.monitoring.pure.problems import Problem, format_since
from digest.monitoring.pure.service_rules import service_problems
from digest.monitoring.pure.signals import Limits, Signals
from digest.monitoring.states import BEAT_ROLE, ProblemLevel, ProblemName
from digest.task_names import Queue

START_PROCESSES = NewsroomText("Start it, and look at its log.")


@dataclass(frozen=True, slots=True)
class SilentRoles:
    """The processes that do not show themselves, each with why what it does is late."""

    reasons: Mapping[str, str] = field(default_factory=dict)

    def reason_for(self, *roles: str) -> str:
        """Why work is late that needs these processes; "" if all of them live."""
        reasons = [self.reasons[role] for role in roles if role in self.reasons]
        return reduce(_both, reasons) if reasons else ""


def _both(first: str, second: str) -> str:
    return NewsroomText("%(first)s and %(second)s", first=first, second=second)


def assess(signals: Signals, now: datetime, limits: Limits | None = None) -> Sequence[Problem]:
    """All problems, errors first; otherwise causes come before what they cause."""
    limits = limits or Limits()
    if signals.database_error:  # nothing else is known
        return list(service_problems(signals, now, limits))
    silent = find_silent_roles(signals, now, limits)
    problems = (
        *service_problems(signals, now, limits),
        *_process_problems(signals, silent),
        *_late_deliveries(signals, now, limits, silent),
        *_late_subscribers(signals, now, limits, silent),
        *_late_letters(signals, now, limits, silent),
        *_late_planning(signals, now, limits, silent),
        *_late_polling(signals, now, limits, silent),
        *_stopped_editions(signals),
        *_failing_sources(signals, now),
    )
    return sorted(problems, key=lambda problem: problem.level != ProblemLevel.ERROR)


def find_silent_roles(signals: Signals, now: datetime, limits: Limits) -> SilentRoles:
    """Beat and the workers that have not shown themselves for too long."""
    reasons = {}
    for role in (BEAT_ROLE, *Queue):
        seen_at = max((beat.seen_at for beat in signals.heartbeats if beat.role == role), default=None)
        name = "beat" if role == BEAT_ROLE else NewsroomText("the worker of %(role)s", role=role)
        if seen_at is None:
            reasons[str(role)] = NewsroomText("%(name)s has never shown itself", name=name)
        elif now - seen_at > limits.silence:
            reasons[str(role)] = NewsroomText(
                "%(name)s has not shown itself %(since)s", name=name, since=format_since(seen_at, now)
            )
    return SilentRoles(reasons)


def _process_problems(signals: Signals, silent: SilentRoles) -> Iterator[Problem]:
    for role, reason in silent.reasons.items():
        seen = [beat.seen_at for beat in signals.heartbeats if beat.role == role]
        is_beat = role == BEAT_ROLE
        effect = (
            NewsroomText("Nothing new is planned, polled or retried")
            if is_beat
            else NewsroomText("Nobody works on the queue %(role)s", role=role)
        )
        yield Problem(
            ProblemName.BEAT_SILENT if is_beat else ProblemName.WORKER_SILENT,
            ProblemLevel.ERROR,
            NewsroomText("%(effect)s: %(reason)s", effect=effect, reason=reason),
            since=max(seen, default=None),
            subject="" if is_beat else role,
            advice=START_PROCESSES,
        )


def _late_deliveries(
    signals: Signals, now: datetime, limits: Limits, silent: SilentRoles
) -> Iterator[Problem]:
    waiting = signals.delivery
    if waiting is None or now - waiting.since <= limits.late_delivery:
        return
    reason = silent.reason_for(BEAT_ROLE, Queue.PLANNING, Queue.SENDING) or _mail_server_reason(signals)
    reason = (
        reason or waiting.reason or (NewsroomText("a sender is at work on it") if waiting.is_claimed else "")
    )
    yield Problem(
        ProblemName.DELIVERIES_LATE,
        ProblemLevel.ERROR,
        NewsroomText(
            "Deliveries of edition %(edition_id)s wait %(since)s",
            edition_id=waiting.edition_id,
            since=format_since(waiting.since, now),
        ),
        since=waiting.since,
        reason=reason or NewsroomText("no sender has claimed it"),
        advice=NewsroomText("See `dateline deliveries stuck`."),
    )


def _late_subscribers(
    signals: Signals, now: datetime, limits: Limits, silent: SilentRoles
) -> Iterator[Problem]:
    since = signals.due_subscriber
    if since is None or now - since <= limits.late_subscriber:
        return
    reason = NewsroomText("an editor holds the edition of their slot") if signals.is_on_hold else ""
    reason = reason or silent.reason_for(BEAT_ROLE, Queue.PLANNING)
    yield Problem(
        ProblemName.SUBSCRIBERS_LATE,
        ProblemLevel.ERROR,
        NewsroomText("Subscribers who are due have no edition %(since)s", since=format_since(since, now)),
        since=since,
        reason=reason or NewsroomText("planning takes long, or fails"),
        advice=NewsroomText("See the log of the worker of planning."),
    )


def _late_letters(signals: Signals, now: datetime, limits: Limits, silent: SilentRoles) -> Iterator[Problem]:
    since = signals.letter
    if since is None or now - since <= limits.late_letter:
        return
    yield Problem(
        ProblemName.LETTERS_LATE,
        ProblemLevel.ERROR,
        NewsroomText("Letters (confirmations and links) wait %(since)s", since=format_since(since, now)),
        since=since,
        reason=silent.reason_for(BEAT_ROLE, Queue.LETTERS) or _mail_server_reason(signals),
        advice=NewsroomText("See the log of the worker of letters."),
    )


def _late_planning(signals: Signals, now: datetime, limits: Limits, silent: SilentRoles) -> Iterator[Problem]:
    planned_at = signals.last_planning
    if planned_at is None or now - planned_at <= limits.late_planning:
        return
    yield Problem(
        ProblemName.PLANNING_LATE,
        ProblemLevel.ERROR,
        NewsroomText("Nothing has been planned %(since)s", since=format_since(planned_at, now)),
        since=planned_at,
        reason=silent.reason_for(BEAT_ROLE, Queue.PLANNING)
        or NewsroomText("the last planning goes on, or was killed"),
    )


def _late_polling(signals: Signals, now: datetime, limits: Limits, silent: SilentRoles) -> Iterator[Problem]:
    since = signals.overdue_source
    if since is None or now - since < limits.late_poll:
        return
    yield Problem(
        ProblemName.POLLING_LATE,
        ProblemLevel.ERROR,
        NewsroomText("Sources that are due are not polled %(since)s", since=format_since(since, now)),
        since=since,
        reason=silent.reason_for(BEAT_ROLE, Queue.SOURCES)
        or NewsroomText(
            "the pollers do not keep up (POLL_CONNECTIONS, and the processes of the queue sources)"
        ),
    )


def _stopped_editions(signals: Signals) -> Iterator[Problem]:
    for edition in signals.stopped_editions:
        yield Problem(
            ProblemName.EDITION_STOPPED,
            ProblemLevel.ERROR if edition.reason else ProblemLevel.WARNING,
            NewsroomText("Edition %(edition_id)s is paused", edition_id=edition.edition_id),
            subject=str(edition.edition_id),
            reason=edition.reason or NewsroomText("an editor paused it"),
            advice=NewsroomText(
                "Look at its page, then `dateline editions resume %(edition_id)s`, or `cancel`.",
                edition_id=edition.edition_id,
            ),
        )


def _failing_sources(signals: Signals, now: datetime) -> Iterator[Problem]:
    sources = signals.sources
    if sources.active and sources.failing == sources.active:
        yield Problem(
            ProblemName.ALL_SOURCES_FAIL,
            ProblemLevel.ERROR,
            NewsroomText(
                "No source can be read (%(active)s of %(active)s failed at the last poll)",
                active=sources.active,
            ),
            since=sources.last_success_at,
            reason=next((source.error for source in signals.failing_sources), ""),
            advice=NewsroomText(
                "Look at the network and the name server of the machine with the worker of sources."
            ),
        )
    for source in signals.failing_sources:
        yield Problem(
            ProblemName.SOURCE_IN_TROUBLE,
            ProblemLevel.WARNING,
            NewsroomText(
                "The source %(title)s could not be read %(since)s",
                title=source.title[:100],
                since=format_since(source.since, now),
            ),
            since=source.since,
            subject=str(source.source_id),
            reason=source.error[:200],
        )


def _mail_server_reason(signals: Signals) -> str:
    return "; ".join(probe.error for probe in signals.failing_mail_servers())
