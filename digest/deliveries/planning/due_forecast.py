"""Who will be due when, if nobody changes anything: of any day, without writing."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.database import Database
from digest.editions.pure.calendar import Schedule, dues, first_due, slot_of
from digest.subscribers.store import subscribers


@dataclass(frozen=True, slots=True)
class Slot:
    """A quarter of an hour in which readers are due: how many, and how many of them chose each region."""

    at: datetime
    readers: int
    regions: dict[str, int]


def forecast(db: Database, start: datetime, end: datetime, now: datetime) -> Sequence[Slot]:
    """The slots in [start, end), earliest first. Those who are paused are in it from the end of their pause on.

    Readers with one schedule and the same preferences are counted together, so it takes as long as there are of those.
    """
    readers: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    with db.read() as tx:
        groups = subscribers.schedules(tx)
        wanted = subscribers.preferences(tx, sorted({group.preferences_key for group in groups}))
    for group in groups:
        schedule = Schedule(group.cadence, group.weekday, group.send_minute, group.zone)
        awake = max(group.paused_until or now, now)
        first = group.next_due_at or first_due(schedule, now=awake, last_slot=group.last_slot_at)
        for due in dues(schedule, first=first, start=start, end=end, last_slot=group.last_slot_at):
            readers[slot_of(due)][group.preferences_key] += group.readers
    return [
        Slot(at, counts.total(), _regions(counts, {key: wanted[key].regions for key in counts}))
        for at, counts in sorted(readers.items())
    ]


def _regions(counts: Counter[str], regions: dict[str, list[str]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, count in counts.items():
        found.update(dict.fromkeys(regions[key], count))
    return dict(found.most_common())
