"""When a digest is owed, and the moments at which the rules of the calendar turn."""

from datetime import UTC, datetime, timedelta

from digest.editions.pure.calendar import Schedule, due_slots, first_due, is_too_late, next_due
from digest.subscribers.states import Cadence

DAILY = Schedule(Cadence.DAILY, 0, 20 * 60, "UTC")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026; the 9th is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_who_had_yesterdays_digest_waits_for_todays_hour() -> None:
    assert first_due(DAILY, now=at(10, 9), last_slot=at(9, 7)) == at(10, 20)


def test_a_weekend_owes_nothing_to_a_reader_on_weekdays() -> None:
    schedule = Schedule(Cadence.WEEKDAYS, 0, 10 * 60, "UTC")
    assert first_due(schedule, now=at(16, 0, 5), last_slot=at(13, 23, 45)) == at(16, 10)


def test_a_date_without_a_digest_is_owed_for_49_hours() -> None:
    """The zone was moved: the last slot lies on the 8th there, and the 9th had none."""
    late = Schedule(Cadence.DAILY, 0, 23 * 60 + 45, "UTC")
    assert first_due(late, now=at(10, 0, 5), last_slot=at(8, 12)) == at(10, 0)
    assert first_due(late, now=at(10, 23), last_slot=at(8, 22)) == at(10, 23)
    assert first_due(late, now=at(10, 23, 1), last_slot=at(8, 22)) == at(10, 23, 45)


def test_twelve_hours_that_end_within_a_slot_end_at_the_next_one() -> None:
    early = Schedule(Cadence.DAILY, 0, 6 * 60, "UTC")
    assert next_due(early, after=at(9, 21), last_slot=at(9, 20, 5)) == at(10, 8, 15)
    assert next_due(early, after=at(9, 21), last_slot=at(9, 20)) == at(10, 8)


def test_an_hour_that_is_now_is_the_hour_that_has_come() -> None:
    assert first_due(DAILY, now=at(10, 20), last_slot=at(9, 7)) == at(10, 20)
    assert next_due(DAILY, after=at(10, 20), last_slot=None) == at(11, 20)


def test_a_forecast_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    slots = due_slots(DAILY, first=at(10, 20), start=at(10, 20), end=at(12, 20), last_slot=None)
    assert list(slots) == [at(10, 20), at(11, 20)]


def test_a_slot_is_late_after_the_limit() -> None:
    limit = timedelta(hours=6)
    assert not is_too_late(at(10, 6), at(10, 12), limit)
    assert is_too_late(at(10, 6), at(10, 12) + timedelta(seconds=1), limit)
