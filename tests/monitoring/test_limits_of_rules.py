"""The limits of the rules to the second and the octet, and what a problem says beside its name."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.monitoring.pure.alert_rules import OpenAlert, advance, advance_all
from digest.monitoring.pure.assessment import assess
from digest.monitoring.pure.mail_dns import MAX_SPF_LOOKUPS, check_spf
from digest.monitoring.pure.problems import Problem, format_age, format_since
from digest.monitoring.pure.service_rules import service_problems
from digest.monitoring.pure.signals import (
    FailingSourceSignal,
    HeartbeatSignal,
    Limits,
    MailShares,
    ProbeSignal,
    Signals,
    StoppedSignal,
    WaitingSignal,
)
from digest.monitoring.pure.webhook_message import alert_body
from digest.monitoring.states import BEAT_ROLE, NoticeKind, ProbeKind, ProblemLevel, ProblemName
from digest.task_names import Queue
from tests.conftest import NOON

SECOND = timedelta(seconds=1)
LIMITS = Limits()
ROLES = (BEAT_ROLE, *map(str, Queue))
ALIVE = Signals(heartbeats=[HeartbeatSignal(role, "one", NOON) for role in ROLES], last_planning=NOON)


def keys(signals: Signals) -> list[str]:
    return [problem.key for problem in assess(signals, NOON)]


@pytest.mark.parametrize(
    ("field", "limit", "key"),
    [
        ("due_subscriber", LIMITS.late_subscriber, "subscribers_late"),
        ("letter", LIMITS.late_letter, "letters_late"),
        ("last_planning", LIMITS.late_planning, "planning_late"),
        ("overdue_source", LIMITS.late_poll - SECOND, "polling_late"),
        ("delivery", LIMITS.late_delivery, "deliveries_late"),
    ],
)
def test_what_is_as_old_as_its_limit_is_not_late(field: str, limit: timedelta, key: str) -> None:
    for age, expected in ((limit, []), (limit + SECOND, [key])):
        moment = NOON - age
        value = WaitingSignal(moment, 1) if field == "delivery" else moment
        assert keys(replace(ALIVE, **{field: value})) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signals", "reason"),
    [
        ({"letter": NOON - timedelta(hours=1)}, ""),
        ({"last_planning": NOON - timedelta(hours=1)}, "the last planning goes on, or was killed"),
        ({"overdue_source": NOON - timedelta(hours=1)}, "the pollers do not keep up"),
        ({"due_subscriber": NOON - timedelta(hours=1)}, "planning takes long, or fails"),
        ({"delivery": WaitingSignal(NOON - timedelta(hours=1), 1)}, "no sender has claimed it"),
        ({"delivery": WaitingSignal(NOON - timedelta(hours=1), 1, "451 later")}, "451 later"),
        ({"delivery": WaitingSignal(NOON - timedelta(hours=1), 1, "", True)}, "a sender is at work on it"),
        ({"stopped_editions": [StoppedSignal(1)]}, "an editor paused it"),
    ],
)
def test_what_is_late_without_a_cause_that_is_known_says_what_it_can_be(
    signals: dict[str, object], reason: str
) -> None:
    (problem,) = assess(replace(ALIVE, **signals), NOON)  # type: ignore[arg-type]
    assert problem.reason.startswith(reason)
    assert bool(problem.reason) == bool(reason)


def test_letters_that_a_mail_server_keeps_waiting_name_its_answer() -> None:
    late = NOON - timedelta(hours=1)
    server = ProbeSignal(ProbeKind.MAIL_SERVER, "mx:25", NOON, late, "connection refused")
    well = replace(server, name="mx2:25", error="")
    mailbox = replace(server, kind=ProbeKind.MAILBOX, name="imap", error="no such mailbox")
    signals = replace(ALIVE, letter=late, probes=[well, mailbox, server])
    problems = {problem.name: problem for problem in assess(signals, NOON)}
    assert problems[ProblemName.LETTERS_LATE].reason == "connection refused"
    assert problems[ProblemName.MAIL_SERVER_AWAY].text.startswith("The mail server mx:25")
    assert problems[ProblemName.MAILBOX_AWAY].text.startswith("The mailbox of feedback at imap")


def test_a_silent_process_is_silent_since_it_last_showed_itself_anywhere() -> None:
    old, newer = NOON - timedelta(hours=5), NOON - timedelta(hours=2)
    beats = [HeartbeatSignal(BEAT_ROLE, "one", old), HeartbeatSignal(BEAT_ROLE, "two", newer)]
    others = [beat for beat in ALIVE.heartbeats if beat.role not in (BEAT_ROLE, Queue.LETTERS)]
    beat, letters = assess(replace(ALIVE, heartbeats=[*beats, *others]), NOON)
    assert (beat.since, beat.text.partition(":")[0]) == (newer, "Nothing new is planned, polled or retried")
    assert (letters.since, letters.text.partition(":")[0]) == (None, "Nobody works on the queue letters")


def test_causes_come_before_what_they_cause() -> None:
    signals = replace(ALIVE, broker_error="does not answer", heartbeats=[])
    assert keys(signals)[:2] == ["broker_away", "beat_silent"]


def test_long_texts_of_a_source_are_cut() -> None:
    source = FailingSourceSignal(1, "t" * 300, NOON - timedelta(days=2), "e" * 300)
    (problem,) = assess(replace(ALIVE, failing_sources=[source]), NOON)
    assert problem.reason == "e" * 200
    assert f"source {'t' * 100} could" in problem.text


def services(signals: Signals) -> list[str]:
    return [problem.key for problem in service_problems(signals, NOON, LIMITS)]


def test_a_probe_counts_until_it_is_old_and_old_ones_hide_no_others() -> None:
    at_limit = ProbeSignal(ProbeKind.MAIL_SERVER, "b", NOON - LIMITS.stale_probe, NOON, "refused")
    stale = replace(at_limit, name="a", checked_at=NOON - LIMITS.stale_probe - SECOND)
    assert services(Signals(probes=[stale, at_limit])) == ["mail_server_away:b"]


def disk(free: int, size: int, *, age: timedelta = timedelta(0), machine: str = "one") -> HeartbeatSignal:
    return HeartbeatSignal("beat", machine, NOON - age, free, size)


@pytest.mark.parametrize(
    ("free", "size", "is_full"),
    [
        (LIMITS.least_free_octets, 4 * LIMITS.least_free_octets, False),
        (LIMITS.least_free_octets - 1, 4 * LIMITS.least_free_octets, True),
        (
            LIMITS.least_free_octets - 1,
            LIMITS.least_free_octets,
            False,
        ),  # smaller as a whole than what must be free
        (LIMITS.enough_free_octets, 10**15, False),
        (LIMITS.enough_free_octets - 1, 10**15, True),
        (5 * 10**9, 100 * 10**9, False),
        (5 * 10**9 - 1, 100 * 10**9, True),
        (0, 0, False),  # unknown
    ],
)
def test_the_limits_of_a_disk(free: int, size: int, is_full: bool) -> None:
    assert bool(services(Signals(heartbeats=[disk(free, size)]))) == is_full


def test_a_machine_is_judged_by_its_newest_heartbeat_and_hides_no_other_machine() -> None:
    beats = [
        disk(0, 0, machine="a"),
        disk(0, 10**12, machine="b"),
        disk(10**11, 10**12, machine="b", age=SECOND),
        disk(0, 10**12, machine="c", age=LIMITS.stale_probe),
        disk(0, 10**12, machine="d", age=LIMITS.stale_probe + SECOND),
    ]
    assert services(Signals(heartbeats=beats)) == ["disk_nearly_full:b", "disk_nearly_full:c"]


def test_shares_count_from_the_fewest_mails_on_and_are_told_in_percent() -> None:
    few = MailShares(LIMITS.fewest_mails - 1, 50, 50)
    assert services(Signals(mails=few)) == []
    bounces, complaints = service_problems(Signals(mails=MailShares(LIMITS.fewest_mails, 6, 1)), NOON, LIMITS)
    assert bounces.text.endswith("(6.00%; at most 5.0% may be)")
    assert complaints.name == ProblemName.COMPLAINT_RATE
    assert services(Signals(mails=MailShares(LIMITS.fewest_mails, 5, 0))) == []


@pytest.mark.parametrize(("key", "minutes"), [("beat_silent", 1), ("bounce_rate", 15)])
def test_how_long_a_problem_must_be_gone(key: str, minutes: int) -> None:
    alert = OpenAlert(key, ProblemLevel.ERROR, "text", NOON, NOON, NOON)
    end = NOON + timedelta(minutes=minutes)
    assert advance(alert, None, end - SECOND).notice is None
    assert advance(alert, None, end).notice == NoticeKind.ENDED


def test_what_is_there_comes_before_what_is_gone() -> None:
    gone = OpenAlert("beat_silent", ProblemLevel.ERROR, "text", NOON, NOON, NOON)
    there = Problem(ProblemName.DATABASE_AWAY, ProblemLevel.ERROR, "It is away")
    assert list(advance_all([gone], [there], NOON)) == ["database_away", "beat_silent"]


def test_an_alert_whose_problem_was_seen_at_this_moment_waits() -> None:
    alert = OpenAlert("beat_silent", ProblemLevel.ERROR, "text", NOON, NOON, NOON)
    assert advance(alert, None, NOON).alert is alert


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(seconds=120), "2 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(minutes=125), "2 h 5 min"),
        (timedelta(minutes=179), "2 h 59 min"),
        (timedelta(hours=24), "1 d"),
        (timedelta(hours=71), "2 d 23 h"),
    ],
)
def test_ages_in_their_two_largest_units(age: timedelta, text: str) -> None:
    assert format_age(age) == text


@pytest.mark.parametrize(
    ("hours", "text"), [(19.99, "since 16:00 UTC"), (20, "since 2026-03-09 16:00"), (-1, "since 2026-03-10")]
)
def test_only_a_moment_of_the_last_twenty_hours_has_no_date(hours: float, text: str) -> None:
    assert format_since(NOON - timedelta(hours=hours), NOON).startswith(text)


def test_a_problem_as_json_has_its_moment_or_none() -> None:
    problem = Problem(ProblemName.BEAT_SILENT, ProblemLevel.ERROR, "text", since=NOON)
    assert problem.as_json()["since"] == "2026-03-10T12:00:00+00:00"
    assert replace(problem, since=None).as_json()["since"] is None


def test_a_webhook_is_readable_in_every_script() -> None:
    body = alert_body(NoticeKind.STARTED, "edition_stopped:7", "error", "остановлен", shown="текст", now=NOON)
    assert "остановлен" in body.decode()
    assert json.loads(body)["data"] == {
        "name": "edition_stopped", "subject": "7", "level": "error", "text": "остановлен"
    }  # fmt: skip


def test_as_many_look_ups_as_receivers_make_are_allowed() -> None:
    includes = " ".join(f"include:{number}.example" for number in range(MAX_SPF_LOOKUPS))
    assert check_spf("example.org", [f"v=spf1 {includes} -all"], []).problem == ""
    assert "look-ups" in check_spf("example.org", [f"v=spf1 a {includes} -all"], []).problem
