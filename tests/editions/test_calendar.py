"""When subscribers are due: one digest per local date, through changes of clocks, zones and schedules."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editions.pure.calendar import (
    MIN_GAP,
    Schedule,
    is_too_late,
    local_moment,
    next_due,
    slot_of,
    zone_or_utc,
)
from digest.subscribers.states import Cadence

ZONES = (
    "UTC", "Asia/Tashkent", "Europe/Berlin", "Europe/London", "America/New_York", "America/Nuuk", "America/Sao_Paulo",
    "America/St_Johns", "Asia/Kathmandu", "Asia/Tehran", "Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe",
    "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Honolulu", "Antarctica/Troll",
    "Asia/Beirut", "Atlantic/Azores", "Europe/Istanbul",
)  # fmt: skip
zones = st.sampled_from(ZONES)
minutes = st.integers(0, 95).map(lambda step: step * 15)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1)).map(lambda m: m.replace(tzinfo=UTC))  # noqa: DTZ001
schedules = st.builds(
    Schedule, st.sampled_from(("daily", "weekdays", "weekly")), st.integers(0, 6), minutes, zones
)


def slots(schedule: Schedule, after: datetime, count: int) -> list[datetime]:
    """The next slots of a subscriber who always gets the digest at once."""
    out: list[datetime] = []
    for _ in range(count):
        out.append(next_due(schedule, after=out[-1] if out else after, last_slot=out[-1] if out else None))
    return out


def local_dates(schedule: Schedule, served: list[datetime]) -> list[date]:
    return [slot.astimezone(zone_or_utc(schedule.zone)).date() for slot in served]


def exists(day: date, zone: str) -> bool:
    """Whether a date was on the calendars there: Samoa had no 30 December 2011."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date() == day


@given(schedules, moments)
@settings(max_examples=40, deadline=None)
def test_the_next_slot_lies_strictly_after_the_moment_asked_about(
    schedule: Schedule, after: datetime
) -> None:
    assert next_due(schedule, after=after, last_slot=None) > after


@given(zones, minutes, moments)
@settings(max_examples=40, deadline=None)
def test_a_daily_reader_gets_exactly_one_digest_each_local_date(
    zone: str, minute: int, after: datetime
) -> None:
    schedule = Schedule(Cadence.DAILY, 0, minute, zone)
    days = local_dates(schedule, slots(schedule, after, 6))
    whole = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
    assert days == [day for day in whole if exists(day, zone)]


@given(schedules, moments)
@settings(max_examples=40, deadline=None)
def test_the_clock_on_the_wall_shows_the_readers_hour_unless_it_was_skipped(
    schedule: Schedule, after: datetime
) -> None:
    zone = zone_or_utc(schedule.zone)
    for slot in slots(schedule, after, 3):
        wall = slot.astimezone(zone)
        skipped = wall.utcoffset() != (slot - timedelta(hours=25)).astimezone(zone).utcoffset()
        assert wall.hour * 60 + wall.minute == schedule.send_minute or skipped


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("America/New_York", date(2026, 3, 8)),
        ("Africa/Cairo", date(2026, 4, 24)),
    ],
)
def test_an_hour_skipped_by_the_change_to_summer_time_moves_on_within_its_date(zone: str, day: date) -> None:
    for minute in range(0, 24 * 60, 15):
        schedule = Schedule(Cadence.DAILY, 0, minute, zone)
        served = slots(schedule, datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2), 5)
        assert local_dates(schedule, served).count(day) == 1


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    first = local_moment(date(2026, 10, 25), 2 * 60 + 30, ZoneInfo("Europe/Berlin"))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_skipped_wall_time_moves_on_by_the_gap() -> None:
    moved = local_moment(date(2026, 3, 29), 2 * 60 + 30, ZoneInfo("Europe/Berlin"))
    assert moved.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "03:30"


@given(zones, minutes, moments)
@settings(max_examples=40, deadline=None)
def test_a_reader_on_weekdays_gets_monday_to_friday(zone: str, minute: int, after: datetime) -> None:
    schedule = Schedule(Cadence.WEEKDAYS, 0, minute, zone)
    days = local_dates(schedule, slots(schedule, after.replace(year=2026, day=1), 7))
    whole = [days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)]
    assert days == [day for day in whole if day.weekday() < 5]


@given(zones, minutes, st.integers(0, 6), moments)
@settings(max_examples=40, deadline=None)
def test_a_weekly_reader_gets_one_digest_a_week_on_their_day(
    zone: str, minute: int, weekday: int, after: datetime
) -> None:
    schedule = Schedule(Cadence.WEEKLY, weekday, minute, zone)
    days = local_dates(schedule, slots(schedule, after.replace(year=2026, day=1), 4))
    assert {day.weekday() for day in days} == {weekday}
    assert [(b - a).days for a, b in pairwise(days)] == [7, 7, 7]


@given(schedules, schedules, moments, st.timedeltas(timedelta(0), timedelta(days=2)))
@settings(max_examples=40, deadline=None)
def test_a_reader_who_changes_zone_or_hour_never_gets_two_within_twelve_hours(
    before: Schedule, changed: Schedule, start: datetime, later: timedelta
) -> None:
    last = next_due(before, after=start, last_slot=None)
    following = next_due(changed, after=last + later, last_slot=last)
    zone = zone_or_utc(changed.zone)
    assert following - last >= MIN_GAP
    assert following.astimezone(zone).date() > last.astimezone(zone).date()


def test_kiritimati_is_served_on_its_own_date_fourteen_hours_ahead() -> None:
    due = next_due(
        Schedule(Cadence.DAILY, 0, 7 * 60, "Pacific/Kiritimati"),
        after=datetime(2026, 3, 10, 12, tzinfo=UTC),
        last_slot=None,
    )
    assert due == datetime(2026, 3, 10, 17, tzinfo=UTC)  # 07:00 of the 11th there


def test_samoas_missing_friday_brings_neither_a_second_digest_nor_a_missing_one() -> None:
    schedule = Schedule(Cadence.DAILY, 0, 7 * 60, "Pacific/Apia")
    served = slots(schedule, datetime(2011, 12, 28, 12, tzinfo=UTC), 4)
    assert [day.isoformat()[5:] for day in local_dates(schedule, served)] == [
        "12-28",
        "12-29",
        "12-31",
        "01-01",
    ]


@pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "UTC\0", "/abs"])
def test_a_zone_that_is_no_more_counts_as_utc(name: str) -> None:
    due = next_due(
        Schedule(Cadence.DAILY, 0, 7 * 60, name), after=datetime(2026, 3, 10, 6, tzinfo=UTC), last_slot=None
    )
    assert due == datetime(2026, 3, 10, 7, tzinfo=UTC)


@given(moments)
@settings(max_examples=30, deadline=None)
def test_a_moment_belongs_to_the_quarter_of_an_hour_it_lies_in(moment: datetime) -> None:
    slot = slot_of(moment)
    assert slot <= moment < slot + timedelta(minutes=15)
    assert slot.minute % 15 == slot.second == slot.microsecond == 0


def test_a_slot_is_too_late_only_when_more_than_the_limit_has_passed() -> None:
    due = datetime(2026, 3, 10, 7, tzinfo=UTC)
    assert not is_too_late(due, due + timedelta(hours=6), timedelta(hours=6))
    assert is_too_late(due, due + timedelta(hours=6, seconds=1), timedelta(hours=6))
