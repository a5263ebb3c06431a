"""Computes when subscribers are due: one digest per local date, at their hour, through changes of clocks and zones.

Only this module knows local time (zoneinfo, IANA).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest.subscribers.states import Cadence

SLOT_LENGTH = timedelta(minutes=15)
# The longest time between two daily digests: from 00:00 to the end of the next date, and an hour for clock changes.
MAX_DAILY_GAP = timedelta(hours=49)
MIN_GAP = timedelta(hours=12)  # between any two digests, even when a subscriber changes zone or hour
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often and when a subscriber gets a digest."""

    cadence: Cadence
    weekday: int  # for a weekly digest; Monday is 0
    send_minute: int  # minutes after local midnight
    zone: str  # IANA


def next_due(schedule: Schedule, *, after: datetime, last_slot: datetime | None) -> datetime:
    """The first slot (UTC) after `after` on a local date that fits the schedule and is later than the last slot's date.

    A digest whose hour comes less than 12 hours after the last slot waits until 12 hours have passed. It still comes on
    its date, so that no digest is lost and none is doubled.
    """
    zone = zone_or_utc(schedule.zone)
    last_date = last_slot.astimezone(zone).date() if last_slot else date.min
    earliest = _slot_from(last_slot + MIN_GAP) if last_slot else after
    # A slot may lie on the UTC date before or after its local date. Every cadence has a date within eight days.
    start = max(after.astimezone(zone).date() - ONE_DAY, last_date)
    for day in (start + n * ONE_DAY for n in range(11)):
        if day <= last_date or not (_fits(schedule, day) and _exists(day, zone)):
            continue
        # The 12 hours end on the date after the last slot's at the latest, so the digest stays on its date.
        slot = max(local_moment(day, schedule.send_minute, zone), earliest)
        if slot > after:
            return slot
    raise AssertionError(f"{schedule} is never due")


def first_due(schedule: Schedule, *, now: datetime, last_slot: datetime | None) -> datetime:
    """The next slot (UTC) of a subscriber who is new, has changed the schedule, or is back from a pause.

    A subscriber who asks at 07:02 for 07:00 is due at once. A subscriber without a digest today is due as soon as 12
    hours have passed since the last slot, in two cases: the hour was moved to a time of today that has passed, as
    otherwise today would have no digest; or the zone was moved to one where an earlier date has had no digest, as
    otherwise moving again and again would put off the next digest for ever.
    """
    zone = zone_or_utc(schedule.zone)
    today = now.astimezone(zone).date()
    if last_slot is not None and schedule.cadence != Cadence.WEEKLY and _fits(schedule, today):
        passed = local_moment(today, schedule.send_minute, zone) <= now
        earliest = max(slot_of(now), _slot_from(last_slot + MIN_GAP))
        last_date = last_slot.astimezone(zone).date()
        is_owed = passed or (now - last_slot <= MAX_DAILY_GAP and _missed(schedule, last_date, today, zone))
        if is_owed and last_date < today == earliest.astimezone(zone).date():
            return earliest
    return next_due(schedule, after=now - SLOT_LENGTH, last_slot=last_slot)


def due_slots(
    schedule: Schedule, *, first: datetime, start: datetime, end: datetime, last_slot: datetime | None
) -> Iterator[datetime]:
    """The slots in [start, end) of a subscriber who is next due at `first` and changes nothing. For forecasts."""
    due = first
    if start - due > 3 * ONE_DAY:  # far ahead: skip the slots in between
        due = next_due(schedule, after=start - 2 * ONE_DAY, last_slot=last_slot)
    while due < end:
        if due >= start:
            yield due
        due = next_due(schedule, after=due, last_slot=due)


def local_moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """A local wall time as UTC.

    A wall time in the gap of a change to summer time moves forward by the length of the gap. One that occurs twice
    means the first of the two. PEP 495 defines fold=0 like this. If moving forward would change the date, the time
    moves back instead.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    moment = wall.astimezone(UTC)
    return moment if moment.astimezone(zone).date() == day else wall.replace(fold=1).astimezone(UTC)


def local_day_bounds(moment: datetime, zone_name: str) -> tuple[datetime, datetime]:
    """The midnights (UTC) at which a moment's date in a zone begins and ends."""
    zone = zone_or_utc(zone_name)
    day = moment.astimezone(zone).date()
    return local_moment(day, 0, zone), local_moment(day + ONE_DAY, 0, zone)


def slot_of(moment: datetime) -> datetime:
    """The start (UTC) of the 15-minute slot that a moment lies in."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


def is_too_late(due: datetime, now: datetime, max_lateness: timedelta) -> bool:
    """Whether a slot was missed by more than `max_lateness`; if so, its news goes out in the next slot."""
    return now - due > max_lateness


def zone_or_utc(name: str) -> tzinfo:
    """A zone by its IANA name; UTC for a name that is unknown, as zones may be abolished after somebody chose them."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _slot_from(moment: datetime) -> datetime:
    """The first slot that begins at or after a moment."""
    slot = slot_of(moment)
    return slot if slot == moment else slot + SLOT_LENGTH


def _exists(day: date, zone: tzinfo) -> bool:
    """Whether the zone had this date: Samoa had no 30 December 2011."""
    return local_moment(day, 12 * 60, zone).astimezone(zone).date() == day


def _missed(schedule: Schedule, last_date: date, today: date, zone: tzinfo) -> bool:
    """Whether a date between the last digest's date and today, a few days at most, should have had a digest."""
    between = (last_date + n * ONE_DAY for n in range(1, (today - last_date).days))
    return any(_fits(schedule, day) and _exists(day, zone) for day in between)


def _fits(schedule: Schedule, day: date) -> bool:
    """Whether a date may have a digest."""
    match schedule.cadence:
        case Cadence.WEEKDAYS:
            return day.weekday() < 5
        case Cadence.WEEKLY:
            return day.weekday() == schedule.weekday
        case Cadence.DAILY:
            return True
