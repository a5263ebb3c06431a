"""When a reader is due: one digest per local date, at their hour, through every change of clocks and zones.

The only place that knows local time (zoneinfo, IANA).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SLOT = timedelta(minutes=15)
APART = timedelta(hours=12)  # two digests are never closer, even when a reader changes zone or hour


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often and when: cadence, weekday (Monday is 0, for weekly), minutes after local midnight, IANA zone."""

    cadence: str
    weekday: int
    send_minute: int
    zone: str


def next_due(schedule: Schedule, *, after: datetime, last_slot: datetime | None) -> datetime:
    """The first slot (UTC) after `after` on a fitting local date, later than the date of the last slot."""
    zone = zone_or_utc(schedule.zone)
    earliest = max(after, last_slot + APART - timedelta.resolution) if last_slot else after
    last_date = last_slot.astimezone(zone).date() if last_slot else date.min
    # A day's slot may lie on the UTC date before or after; a week and a bit ahead, every cadence has had its turn.
    start = earliest.astimezone(zone).date() - timedelta(days=1)
    for day in (start + timedelta(days=n) for n in range(11)):
        moment = local_moment(day, schedule.send_minute, zone)
        if moment > earliest and day > last_date and _fits(schedule, day):
            return moment
    raise AssertionError(f"{schedule} is never due")  # each cadence has a day within any eight


def local_moment(day: date, minute: int, zone: tzinfo) -> datetime:
    """A local wall time as UTC. In the gap of a change to summer time it moves on by the gap; of two, it is the first.

    That is PEP 495's reading of fold=0.
    """
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


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
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _fits(schedule: Schedule, day: date) -> bool:
    match schedule.cadence:
        case "weekdays":
            return day.weekday() < 5
        case "weekly":
            return day.weekday() == schedule.weekday
        case _:
            return True
