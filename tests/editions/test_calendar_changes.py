"""Readers who change their hour, cadence and zone again and again: never two digests within 12 hours, no day lost."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.editions.pure.calendar import (
    MAX_DAILY_GAP,
    MIN_GAP,
    Schedule,
    due_slots,
    first_due,
    local_moment,
    next_due,
)
from digest.subscribers.states import Cadence
from tests.editions.test_calendar import ZONES, exists, minutes, moments, schedules, zones

A_DAY = timedelta(days=1)
DAILY = Schedule(Cadence.DAILY, 0, 7 * 60, "UTC")
waits = st.integers(1, 200).map(lambda quarters: timedelta(minutes=15 * quarters, seconds=77))


def served(
    start: datetime, first: Schedule, changes: Sequence[tuple[timedelta, Schedule]], days: int
) -> list[datetime]:
    """The slots of a subscriber who joins at `start` and makes each change so long after the one before."""
    out: list[datetime] = []
    now, wanted = start, first
    due = first_due(wanted, now=now, last_slot=None)
    for wait, changed in [*changes, (timedelta(days=days), first)]:
        until = now + wait
        while due <= until:
            out.append(due)
            due = next_due(wanted, after=due, last_slot=due)
        now, wanted = until, changed
        due = first_due(wanted, now=now, last_slot=out[-1] if out else None)
    return out


def changed(schedule: Schedule, *, cadence: bool, zone: bool) -> st.SearchStrategy[Schedule]:
    return st.builds(
        lambda minute, other: replace(
            schedule,
            send_minute=minute,
            zone=other.zone if zone else schedule.zone,
            cadence=other.cadence if cadence else schedule.cadence,
            weekday=other.weekday,
        ),
        minutes,
        schedules,
    )


@given(st.data(), schedules, moments)
@settings(max_examples=60, deadline=None)
def test_whatever_a_reader_changes_two_digests_are_twelve_hours_apart(
    data: st.DataObject, first: Schedule, start: datetime
) -> None:
    walk = data.draw(st.lists(st.tuples(waits, changed(first, cadence=True, zone=True)), max_size=12))
    got = served(start, first, walk, 9)
    assert all(later - earlier >= MIN_GAP for earlier, later in pairwise(got))


@given(st.data(), zones, minutes, moments)
@settings(max_examples=60, deadline=None)
def test_a_daily_reader_who_moves_the_hour_has_exactly_one_digest_each_date(
    data: st.DataObject, zone: str, minute: int, start: datetime
) -> None:
    first = Schedule(Cadence.DAILY, 0, minute, zone)
    walk = data.draw(st.lists(st.tuples(waits, changed(first, cadence=False, zone=False)), max_size=12))
    days = [slot.astimezone(ZoneInfo(zone)).date() for slot in served(start, first, walk, 3)]
    whole = [days[0] + n * A_DAY for n in range((days[-1] - days[0]).days + 1)] if days else []
    assert days == [day for day in whole if exists(day, zone)]


@given(st.data(), zones, minutes, moments)
@settings(max_examples=60, deadline=None)
def test_a_daily_reader_who_moves_around_the_world_has_one_at_least_every_other_day(
    data: st.DataObject, zone: str, minute: int, start: datetime
) -> None:
    first = Schedule(Cadence.DAILY, 0, minute, zone)
    walk = data.draw(st.lists(st.tuples(waits, changed(first, cadence=False, zone=True)), max_size=12))
    got = served(start, first, walk, 4)
    # from 00:00 to 23:45 of the next date, and an hour for the clocks; Samoa once left out a date
    for earlier, later in pairwise(got):
        leapt = earlier < datetime(2011, 12, 31, tzinfo=UTC) and later > datetime(2011, 12, 29, tzinfo=UTC)
        assert later - earlier <= MAX_DAILY_GAP + leapt * A_DAY


def test_moving_to_where_yesterday_is_over_and_had_none_brings_a_digest_at_once() -> None:
    last = datetime(2010, 4, 4, 3, 15, tzinfo=UTC)
    now = datetime(
        2010, 4, 5, 16, 5, tzinfo=UTC
    )  # on Lord Howe the 6th is two hours old, and 10:45 is yet to come
    moved = Schedule(Cadence.DAILY, 0, 10 * 60 + 45, "Australia/Lord_Howe")
    assert first_due(moved, now=now, last_slot=last) == datetime(2010, 4, 5, 16, tzinfo=UTC)


def test_who_moves_between_zones_before_every_hour_is_served_all_the_same() -> None:
    home, away = (
        Schedule(Cadence.DAILY, 0, 23 * 60 + 45, "UTC"),
        Schedule(Cadence.DAILY, 0, 23 * 60 + 45, "Pacific/Kiritimati"),
    )
    moves = [
        (timedelta(hours=h), where) for h, where in [(37, away), (9, home), (13, away), (9, home), (13, away)]
    ]
    got = served(datetime(2026, 3, 10, 9, 40, tzinfo=UTC), home, moves, 1)
    assert max(later - earlier for earlier, later in pairwise(got)) <= MAX_DAILY_GAP


def test_after_a_pause_of_days_the_next_digest_comes_at_its_hour() -> None:
    now = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
    assert first_due(DAILY, now=now, last_slot=now - timedelta(days=5)) == datetime(
        2026, 3, 10, 7, tzinfo=UTC
    )


def test_moving_the_hour_of_today_into_the_past_brings_todays_digest_at_once() -> None:
    yesterday = datetime(2026, 3, 9, 18, tzinfo=UTC)
    now = datetime(2026, 3, 10, 12, 7, tzinfo=UTC)
    assert first_due(DAILY, now=now, last_slot=yesterday) == datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_moving_the_hour_ahead_of_twelve_hours_waits_for_them_and_loses_no_date() -> None:
    last = datetime(2026, 3, 9, 22, tzinfo=UTC)
    due = first_due(DAILY, now=last + timedelta(hours=1), last_slot=last)
    assert due == datetime(2026, 3, 10, 10, tzinfo=UTC)
    assert next_due(DAILY, after=due, last_slot=due) == datetime(2026, 3, 11, 7, tzinfo=UTC)


def test_a_new_reader_whose_hour_has_passed_begins_tomorrow() -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert first_due(DAILY, now=now, last_slot=None) == datetime(2026, 3, 11, 7, tzinfo=UTC)


def test_who_had_todays_digest_gets_no_second_one_by_changing() -> None:
    last = datetime(2026, 3, 10, 7, tzinfo=UTC)
    later = replace(DAILY, send_minute=21 * 60)
    assert first_due(later, now=last + timedelta(hours=3), last_slot=last) == last + timedelta(hours=38)


def test_a_weekly_reader_is_not_served_early_by_a_change() -> None:
    weekly = Schedule(Cadence.WEEKLY, 1, 7 * 60, "UTC")
    last = datetime(2026, 3, 3, 7, tzinfo=UTC)
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday, its hour passed
    assert first_due(weekly, now=now, last_slot=last) == datetime(2026, 3, 17, 7, tzinfo=UTC)


def test_the_29th_of_february_is_a_day_like_others() -> None:
    got = list(
        due_slots(
            DAILY,
            first=datetime(2028, 2, 27, 7, tzinfo=UTC),
            start=datetime(2028, 2, 27, tzinfo=UTC),
            end=datetime(2028, 3, 3, tzinfo=UTC),
            last_slot=None,
        )
    )
    assert [(slot.month, slot.day) for slot in got] == [(2, 27), (2, 28), (2, 29), (3, 1), (3, 2)]


@pytest.mark.parametrize("zone", sorted(ZONES))
def test_every_wall_time_lies_on_its_date_on_all_days_of_twenty_years_on_which_clocks_change(
    zone: str,
) -> None:
    where, start = ZoneInfo(zone), datetime(2011, 1, 1, 12, tzinfo=ZoneInfo(zone))
    noons = [start + n * A_DAY for n in range(20 * 365)]
    days = [noon.date() for before, noon in pairwise(noons) if before.utcoffset() != noon.utcoffset()]
    for day in days:
        for minute in range(0, 24 * 60, 15):
            moment = local_moment(day, minute, where)
            assert moment.astimezone(where).date() == day or not exists(day, zone)


@given(schedules, moments, st.integers(0, 400))
@settings(max_examples=30, deadline=None)
def test_a_forecast_names_the_slots_that_come(schedule: Schedule, now: datetime, ahead: int) -> None:
    first = next_due(schedule, after=now, last_slot=None)
    start = now + ahead * A_DAY
    told = list(due_slots(schedule, first=first, start=start, end=start + 2 * A_DAY, last_slot=None))
    slot, expected = first, []
    while slot < start + 2 * A_DAY:
        expected += [slot] if slot >= start else []
        slot = next_due(schedule, after=slot, last_slot=slot)
    assert told == expected
