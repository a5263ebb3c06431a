"""What is a problem, what it is called, and why it is one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.monitoring.pure.assessment import assess
from digest.monitoring.pure.problems import Problem, format_age, format_since
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
from digest.monitoring.states import BEAT_ROLE, ProblemLevel, ProblemName
from digest.task_names import Queue
from tests.conftest import NOON

ROLES = (BEAT_ROLE, *map(str, Queue))


def beats(
    seen_at: datetime = NOON, *, without: str = "", free: int = 50, size: int = 100
) -> list[HeartbeatSignal]:
    """A heartbeat of each process, with a disk in GB."""
    gigabyte = 1_000_000_000
    return [
        HeartbeatSignal(role, "one", seen_at, free * gigabyte, size * gigabyte)
        for role in ROLES
        if role != without
    ]


WELL = Signals(heartbeats=beats(), last_planning=NOON, sources=SourcesSignal(3, 0, NOON, NOON))


def names(signals: Signals, now: datetime = NOON) -> list[str]:
    return [problem.key for problem in assess(signals, now)]


def only(signals: Signals, now: datetime = NOON) -> Problem:
    (problem,) = assess(signals, now)
    return problem


def test_an_installation_that_works_has_no_problems() -> None:
    assert names(WELL) == []


def test_with_beat_and_worker_dead_late_deliveries_are_named_with_the_cause() -> None:
    since = NOON - timedelta(hours=2)
    signals = replace(WELL, heartbeats=beats(since), delivery=WaitingSignal(since, 7), last_planning=since)
    problems = {problem.name: problem for problem in assess(signals, NOON)}
    late = problems[ProblemName.DELIVERIES_LATE]
    assert late.describe().startswith(
        "Deliveries of edition 7 wait since 10:00 UTC (2 h): beat has not shown itself"
    )
    assert "the worker of sending has not shown itself" in late.reason
    assert late.level == ProblemLevel.ERROR
    assert late.since == since
    assert {ProblemName.BEAT_SILENT, ProblemName.WORKER_SILENT, ProblemName.PLANNING_LATE} <= problems.keys()


@pytest.mark.parametrize("role", ROLES)
def test_each_process_that_is_missing_is_named(role: str) -> None:
    expected = "beat_silent" if role == BEAT_ROLE else f"worker_silent:{role}"
    assert names(replace(WELL, heartbeats=beats(without=role))) == [expected]


def test_one_machine_that_lives_is_enough() -> None:
    gone = [replace(beat, machine="two", seen_at=NOON - timedelta(hours=5)) for beat in beats()]
    assert names(replace(WELL, heartbeats=[*beats(), *gone])) == []


def test_three_missing_heartbeats_are_silence() -> None:
    signals = replace(WELL, heartbeats=beats(without="beat"))
    seen = [*signals.heartbeats, HeartbeatSignal(BEAT_ROLE, "one", NOON)]
    assert names(replace(signals, heartbeats=seen), NOON + timedelta(seconds=95)) == []
    assert "beat_silent" in names(replace(signals, heartbeats=seen), NOON + timedelta(seconds=96))


def test_while_the_database_is_away_nothing_else_is_claimed() -> None:
    signals = Signals(
        database_error="database: read-only (it accepts no writes)", broker_error="does not answer"
    )
    assert names(signals) == ["database_away", "broker_away"]
    assert "The database can't be used: read-only" in assess(signals, NOON)[0].describe()


def test_deliveries_that_a_mail_server_keeps_waiting_name_its_answer() -> None:
    server = ProbeSignal("mail_server", "mx:25", NOON, NOON - timedelta(minutes=3), "connection refused")
    signals = replace(WELL, probes=[server], delivery=WaitingSignal(NOON - timedelta(hours=1), 3, "other"))
    problems = assess(signals, NOON)
    assert [problem.key for problem in problems] == ["mail_server_away:mx:25", "deliveries_late"]
    assert problems[1].reason == "connection refused"


def test_an_old_answer_of_a_probe_says_nothing() -> None:
    server = ProbeSignal("mail_server", "mx:25", NOON - timedelta(minutes=6), NOON, "connection refused")
    assert names(replace(WELL, probes=[server])) == []


def test_subscribers_whose_edition_an_editor_holds_are_late_for_that_reason() -> None:
    signals = replace(WELL, due_subscriber=NOON - timedelta(minutes=31), is_on_hold=True)
    assert only(signals).reason == "an editor holds the edition of their slot"


def test_an_edition_that_paused_itself_is_worse_than_one_that_an_editor_paused() -> None:
    problems = assess(
        replace(WELL, stopped_editions=[StoppedSignal(1), StoppedSignal(2, "30 of 90 refused")]), NOON
    )
    assert [(problem.key, problem.level) for problem in problems] == [
        ("edition_stopped:2", "error"),
        ("edition_stopped:1", "warning"),
    ]


def test_a_source_in_trouble_is_a_warning_and_all_of_them_an_error() -> None:
    failing = [FailingSourceSignal(4, "The Steppe Post", NOON - timedelta(days=2), "HTTP 500")]
    assert only(replace(WELL, failing_sources=failing)).level == ProblemLevel.WARNING
    all_fail = replace(WELL, failing_sources=failing, sources=SourcesSignal(3, 3, NOON, NOON))
    assert names(all_fail) == ["all_sources_fail", "source_in_trouble:4"]


@pytest.mark.parametrize(
    ("free", "size", "is_full"),
    [(50, 100, False), (4, 100, True), (6, 100, False), (21, 1000, False), (19, 1000, True), (0, 4, True)],
)
def test_a_disk_is_nearly_full_by_its_share_and_by_what_is_left(free: int, size: int, is_full: bool) -> None:
    signals = replace(WELL, heartbeats=beats(free=free, size=size))
    assert names(signals) == (["disk_nearly_full:one"] if is_full else [])


def test_shares_count_only_among_enough_mails() -> None:
    assert names(replace(WELL, mails=MailShares(99, 50, 50))) == []
    assert names(replace(WELL, mails=MailShares(1000, 50, 3))) == []
    assert names(replace(WELL, mails=MailShares(1000, 51, 4))) == ["bounce_rate", "complaint_rate"]


def test_a_task_that_fails_is_a_warning() -> None:
    problem = only(replace(WELL, failing_tasks=[TaskSignal("articles.prune", NOON, "KeyError")]))
    assert problem.describe().startswith("The task articles.prune fails since 12:00 UTC (0 s): KeyError.")


MOMENTS = st.none() | st.timedeltas(timedelta(0), timedelta(days=30)).map(lambda age: NOON - age)


@given(due=MOMENTS, letter=MOMENTS, overdue=MOMENTS, planned=MOMENTS, delivery=MOMENTS)
def test_each_rule_depends_on_its_own_signal_alone_and_errors_come_first(
    due: datetime | None,
    letter: datetime | None,
    overdue: datetime | None,
    planned: datetime | None,
    delivery: datetime | None,
) -> None:
    limits = Limits()
    signals = replace(
        WELL,
        due_subscriber=due,
        letter=letter,
        overdue_source=overdue,
        last_planning=planned,
        delivery=None if delivery is None else WaitingSignal(delivery, 1),
    )
    expected = {
        name
        for name, since, limit in (
            ("subscribers_late", due, limits.late_subscriber),
            ("letters_late", letter, limits.late_letter),
            ("planning_late", planned, limits.late_planning),
            ("deliveries_late", delivery, limits.late_delivery),
        )
        if since is not None and NOON - since > limit
    }
    if overdue is not None and NOON - overdue >= limits.late_poll:
        expected.add("polling_late")
    problems = assess(signals, NOON)
    assert {problem.key for problem in problems} == expected
    levels = [problem.level for problem in problems]
    assert levels == sorted(levels, key=lambda level: level != ProblemLevel.ERROR)
    assert all(problem.since is not None and problem.since <= NOON for problem in problems)


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_an_age_is_never_more_than_what_passed(age: timedelta) -> None:
    units = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    words = format_age(age).split()
    seconds = sum(int(number) * units[unit] for number, unit in zip(words[::2], words[1::2], strict=True))
    assert 0 <= age.total_seconds() - seconds < 86400
    assert seconds >= age.total_seconds() * 0.5 - 1


def test_a_moment_of_another_day_has_its_date() -> None:
    assert format_since(NOON - timedelta(days=3), NOON) == "since 2026-03-07 12:00 UTC (3 d)"
