"""Alerts start once and end once, and a moment's trouble is none."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.monitoring.pure.alert_rules import (
    HOLD,
    QUIET,
    QUIET_BY_NAME,
    OpenAlert,
    advance,
    advance_all,
    reported,
)
from digest.monitoring.pure.problems import Problem
from digest.monitoring.states import NoticeKind, ProblemLevel, ProblemName
from tests.conftest import NOON

STEP = timedelta(seconds=15)
NAMES = st.sampled_from(list(ProblemName))
Notices = list[tuple[NoticeKind, datetime]]


def problem(name: ProblemName = ProblemName.BEAT_SILENT, level: ProblemLevel = ProblemLevel.ERROR) -> Problem:
    return Problem(name, level, "It does not work")


def play(name: ProblemName, presence: list[bool], step: timedelta = STEP) -> tuple[Notices, OpenAlert | None]:
    """What is told while a problem is there and not there, a look each `step`."""
    alert, notices, now = None, [], NOON
    for is_there in presence:
        result = advance(alert, problem(name) if is_there else None, now)
        alert = result.alert
        if result.notice is not None:
            notices.append((result.notice, now))
        now += step
    return notices, alert


def test_a_problem_is_told_once_and_its_end_once() -> None:
    notices, alert = play(ProblemName.BEAT_SILENT, [True] * 100 + [False] * 100)
    assert [kind for kind, _ in notices] == [NoticeKind.STARTED, NoticeKind.ENDED]
    assert notices[0][1] == NOON
    assert notices[1][1] - NOON == STEP * 99 + QUIET
    assert alert is None


def test_a_service_that_fails_for_a_moment_is_not_told() -> None:
    assert play(ProblemName.DATABASE_AWAY, [True, True, False] * 20) == ([], None)


@given(NAMES, st.lists(st.booleans(), max_size=300))
def test_starts_and_ends_alternate_and_are_never_too_near(name: ProblemName, presence: list[bool]) -> None:
    notices, _ = play(name, presence)
    kinds = [kind for kind, _ in notices]
    assert kinds == [NoticeKind.STARTED, NoticeKind.ENDED] * (len(kinds) // 2) + [NoticeKind.STARTED] * (
        len(kinds) % 2
    )
    for (kind, at), (_, next_at) in pairwise(notices):
        least = QUIET_BY_NAME.get(name, QUIET) if kind == NoticeKind.STARTED else HOLD.get(name, timedelta(0))
        assert next_at - at >= least


@given(NAMES, st.lists(st.booleans(), max_size=100))
def test_what_lasts_is_told_and_what_is_gone_ends(name: ProblemName, before: list[bool]) -> None:
    long = 30 * 60 // 15
    started, alert = play(name, [*before, *[True] * long])
    assert started[-1][0] == NoticeKind.STARTED
    assert alert is not None
    ended, alert = play(name, [*before, *[True] * long, *[False] * long])
    assert ended[-1][0] == NoticeKind.ENDED
    assert alert is None


@given(NAMES, st.lists(st.tuples(st.booleans(), st.integers(-7200, 7200)), max_size=100))
def test_a_clock_that_jumps_makes_no_alert_stay(name: ProblemName, looks: list[tuple[bool, int]]) -> None:
    alert, now, open_count = None, NOON, 0
    for is_there, jump in looks:
        now += timedelta(seconds=jump)
        step = advance(alert, problem(name) if is_there else None, now)
        open_count += {NoticeKind.STARTED: 1, NoticeKind.ENDED: -1}.get(step.notice, 0) if step.notice else 0
        alert = step.alert
        assert open_count in (0, 1)
        assert (alert is not None and alert.started_at is not None) == bool(open_count)
    for _ in range(70):  # a quarter of an hour without the problem, and two looks more
        step = advance(alert, None, now)
        alert, now = step.alert, now + STEP
    assert alert is None


@pytest.mark.parametrize(
    ("name", "level", "is_reported"),
    [
        (ProblemName.EDITION_STOPPED, ProblemLevel.ERROR, True),
        (ProblemName.EDITION_STOPPED, ProblemLevel.WARNING, False),  # an editor paused it
        (ProblemName.SOURCE_IN_TROUBLE, ProblemLevel.WARNING, True),
    ],
)
def test_what_somebody_decided_is_not_reported(
    name: ProblemName, level: ProblemLevel, is_reported: bool
) -> None:
    assert bool(reported([problem(name, level)])) == is_reported


def test_several_problems_of_a_name_are_several_alerts() -> None:
    there = [replace(problem(ProblemName.WORKER_SILENT), subject=queue) for queue in ("letters", "sending")]
    steps = advance_all([], there, NOON)
    assert [(key, step.notice) for key, step in steps.items()] == [
        ("worker_silent:letters", "started"),
        ("worker_silent:sending", "started"),
    ]
    alerts = [step.alert for step in steps.values() if step.alert]
    later = advance_all(alerts, there[1:], NOON + QUIET)
    assert {key: step.notice for key, step in later.items()} == {
        "worker_silent:sending": None,
        "worker_silent:letters": NoticeKind.ENDED,
    }
