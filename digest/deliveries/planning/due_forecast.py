"""Forecasts how many subscribers will be due in each slot if nobody changes a schedule. Writes nothing."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.database import Database
from digest.editions.pure.calendar import Schedule, due_slots, first_due, slot_of
from digest.subscribers.store import subscribers


@dataclass(frozen=True, slots=True)
class ForecastSlot:
    """A quarter of an hour in which subscribers are due: how many, and how many of them chose each region."""

    at: datetime
    subscribers: int
    subscribers_by_region: dict[str, int]


def forecast(db: Database, start: datetime, end: datetime, now: datetime) -> Sequence[ForecastSlot]:
    """The slots in [start, end) with anybody due, earliest first. Paused subscribers count from the end of their pause.

    Each group of subscribers with the same schedule and preferences is computed once, however many they are.
    """
    counts_by_slot: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    with db.read() as tx:
        groups = subscribers.scheduled_groups(tx)
        preferences = subscribers.preferences_by_key(tx, sorted({group.preferences_key for group in groups}))
    for group in groups:
        schedule = Schedule(group.cadence, group.weekday, group.send_minute, group.zone)
        active_from = max(group.paused_until or now, now)
        first = group.next_due_at or first_due(schedule, now=active_from, last_slot=group.last_slot_at)
        for due in due_slots(schedule, first=first, start=start, end=end, last_slot=group.last_slot_at):
            counts_by_slot[slot_of(due)][group.preferences_key] += group.subscribers
    regions_by_key = {key: row.regions for key, row in preferences.items()}
    return [
        ForecastSlot(slot, counts.total(), _count_by_region(counts, regions_by_key))
        for slot, counts in sorted(counts_by_slot.items())
    ]


def _count_by_region(counts: Counter[str], regions_by_key: Mapping[str, Sequence[str]]) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for key, count in counts.items():
        totals.update(dict.fromkeys(regions_by_key[key], count))
    return dict(totals.most_common())
