"""When a reader is due: one digest per local date, at their hour, through every change of clocks and zones.

The only place that knows local time (zoneinfo, IANA).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SLOT = timedelta(minutes=15)
AT_MOST = timedelta(
    hours=49
)  # between two daily digests: from 00:00 to the end of the next date, and an hour for the clocks
APART = timedelta(hours=12)  # two digests are never closer, even when a reader changes zone or hour
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often and when: cadence, weekday (Monday is 0, for weekly), minutes after local midnight, IANA zone."""

    cadence: str
    weekday: int
    send_minute: int
    zone: str


def next_due(schedule: Schedule, *, after: datetime, last_slot: datetime | None) -> datetime:
    """The first slot (UTC) after `after` on a fitting local date, later than the date of the last slot.

    Where the hour of that date comes less than 12 hours after the last slot, the digest waits for the 12 hours to
    pass, and so still comes on that date: none is lost, and none is doubled.
    """
    zone = zone_or_utc(schedule.zone)
    last_date = last_slot.astimezone(zone).date() if last_slot else date.min
    soonest = _slot_from(last_slot + APART) if last_slot else after
    # A day's slot may lie on the UTC date before or after; a week and a bit ahead, every cadence has had its turn.
    start = max(after.astimezone(zone).date() - A_DAY, last_date)
    for day in (start + n * A_DAY for n in range(11)):
        if day <= last_date or not (_fits(schedule, day) and _exists(day, zone)):
            continue
        moment = local_moment(day, schedule.send_minute, zone)
        # A zone may be moved by hours at once, so that the 12 hours end on a date after: then the hour is what counts.
        delayed = soonest if moment < soonest and soonest.astimezone(zone).date() == day else moment
        if delayed > after and (last_slot is None or delayed >= last_slot + APART):
            return delayed
    raise AssertionError(f"{schedule} is never due")  # each cadence has a day within any eight


def first_due(schedule: Schedule, *, now: datetime, last_slot: datetime | None) -> datetime:
    """When somebody is due of whom it was not known: new, changed, or back from a pause.

    Whoever asks at 07:02 for 07:00 is served now. A reader who had yesterday's digest and moves the hour of today's
    into what is already past is served now too: otherwise today would have none. So is one who moves to a zone
    where yesterday is already over and had none: moving on and on would otherwise put off the next for ever.
    """
    zone = zone_or_utc(schedule.zone)
    today = now.astimezone(zone).date()
    if last_slot is not None and schedule.cadence != "weekly" and _fits(schedule, today):
        passed = local_moment(today, schedule.send_minute, zone) <= now
        soonest = max(slot_of(now), _slot_from(last_slot + APART))
        last_date = last_slot.astimezone(zone).date()
        owed = passed or (now - last_slot <= AT_MOST and _missed(schedule, last_date, today, zone))
        if owed and last_date < today == soonest.astimezone(zone).date():
            return soonest
    return next_due(schedule, after=now - SLOT, last_slot=last_slot)


def dues(
    schedule: Schedule, *, first: datetime, start: datetime, end: datetime, last_slot: datetime | None
) -> Iterator[datetime]:
    """All slots in [start, end) of a reader who is next due at `first`, if nothing is changed. For forecasts."""
    due = first
    if start - due > 3 * A_DAY:  # far ahead, what lies between need not be walked through
        due = next_due(schedule, after=start - 2 * A_DAY, last_slot=last_slot)
    while due < end:
        if due >= start:
            yield due
        due = next_due(schedule, after=due, last_slot=due)


def local_moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """A local wall time as UTC. In the gap of a change to summer time it moves on by the gap; of two, it is the first.

    That is PEP 495's reading of fold=0. A gap that reaches over midnight moves it back instead, to stay on its date.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    moment = wall.astimezone(UTC)
    return moment if moment.astimezone(zone).date() == day else wall.replace(fold=1).astimezone(UTC)


def slot_of(moment: datetime) -> datetime:
    """The 15-minute slot (UTC) that a moment belongs to."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute - moment.minute % 15, second=0, microsecond=0)


def too_late(due: datetime, now: datetime, max_lateness: timedelta) -> bool:
    """Whether a slot was missed by so much that it merges into the next."""
    return now - due > max_lateness


def zone_or_utc(name: str) -> tzinfo:
    """A zone by its IANA name. One that was abolished since the reader chose it must not stop everybody's edition."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _slot_from(moment: datetime) -> datetime:
    """The first slot that begins at or after a moment."""
    slot = slot_of(moment)
    return slot if slot == moment else slot + SLOT


def _exists(day: date, zone: tzinfo) -> bool:
    """Whether a date is on the calendars there: Samoa had no 30 December 2011."""
    return local_moment(day, 12 * 60, zone).astimezone(zone).date() == day


def _missed(schedule: Schedule, last_date: date, today: date, zone: tzinfo) -> bool:
    """Whether a date between the last digest's and today should have had one. Both lie a few days apart."""
    between = (last_date + n * A_DAY for n in range(1, (today - last_date).days))
    return any(_fits(schedule, day) and _exists(day, zone) for day in between)


def _fits(schedule: Schedule, day: date) -> bool:
    match schedule.cadence:
        case "weekdays":
            return day.weekday() < 5
        case "weekly":
            return day.weekday() == schedule.weekday
        case _:
            return True
