"""Who gets what: closes editions over the news and plans a delivery for each reader who has any coming.

A batch of readers is planned in one transaction: their deliveries appear and their windows move together, or not at
all. So nothing is missed and nothing repeated, wherever it stops, and two planners do no harm.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from digest.database import Database, Tx
from digest.deliveries import store
from digest.deliveries.store import DeliveryRow
from digest.editions import store as editions
from digest.editions.calendar import SLOT, Schedule, next_due, slot_of, too_late
from digest.editions.composing import Composer
from digest.editions.models import Edition
from digest.editions.store import DigestRow
from digest.regions.tree import RegionTree
from digest.subscribers import store as subscribers
from digest.subscribers.store import DueReader

# Articles are stamped a moment before their transaction commits, and clocks of several machines differ a little:
# a cutoff this much in the past can't miss one that becomes visible only after the planner has looked.
SETTLE = timedelta(seconds=30)
BATCH = 2000  # readers a transaction, so that SQLite's only write lock is soon free again
FIRST_WINDOW = timedelta(days=1)  # of a reader of whom no cutoff is known

Window = tuple[str, datetime]  # preferences key, start


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning did."""

    deliveries: int = 0
    nothing_new: int = 0
    merged: int = 0  # slots missed by too much, left to the reader's next

    def __add__(self, other: "Planned") -> "Planned":
        return Planned(
            self.deliveries + other.deliveries,
            self.nothing_new + other.nothing_new,
            self.merged + other.merged,
        )


@dataclass
class Planner:
    """One run of planning: the region tree, how late is too late, and what its batches have in common."""

    tree: RegionTree
    max_lateness: timedelta
    _composers: dict[int, Composer] = field(default_factory=dict)

    def composer(self, tx: Tx, edition: Edition, start: datetime) -> Composer:
        """The edition's composer, if its window reaches back to `start`; else a new one whose window does."""
        found = self._composers.get(edition.id)
        if found is None or start < found.start:
            found = Composer(tx, self.tree, start=start, cutoff=edition.cutoff)
            self._composers[edition.id] = found
        return found


def plan_due(db: Database, planner: Planner, now: datetime) -> Planned:
    """Plan everybody whose hour has come."""
    schedule(db, now)
    total, readers = Planned(), BATCH
    while readers == BATCH:
        with db.begin() as tx:
            done, readers = _plan_batch(tx, planner, now)
        total += done
    return total


def schedule(db: Database, now: datetime) -> int:
    """Compute when those are due of whom it is not known: new, changed, or back from a pause. Returns how many."""
    with db.begin() as tx:
        subscribers.wake_paused(tx, now)
    count, readers = 0, BATCH
    while readers == BATCH:
        with db.begin() as tx:
            found = subscribers.unscheduled(tx, BATCH)
            # From a slot ago: whoever confirms or changes at 07:02 for 07:00 is served now, unless they were already.
            subscribers.reschedule(tx, {reader.id: _next(reader, now - SLOT) for reader in found})
        readers = len(found)
        count += readers
    return count


def _plan_batch(tx: Tx, planner: Planner, now: datetime) -> tuple[Planned, int]:
    readers = [(reader, reader.next_due_at or now) for reader in subscribers.due(tx, now, BATCH)]
    late = [reader for reader, due in readers if too_late(due, now, planner.max_lateness)]
    subscribers.reschedule(tx, {reader.id: _next(reader, now) for reader in late})
    total = Planned(merged=len(late))
    on_time = [
        (slot_of(due), reader) for reader, due in readers if not too_late(due, now, planner.max_lateness)
    ]
    for slot, group in groupby(on_time, key=lambda pair: pair[0]):
        members = [reader for _, reader in group]
        edition = editions.scheduled(tx, slot, cutoff=now - SETTLE, now=now)
        total += plan_readers(tx, planner, edition, members, now=now)
        # Who joins a slot after its edition was closed may have been served up to a later cutoff, by hand say.
        cutoffs = {r.id: max(r.last_cutoff or edition.cutoff, edition.cutoff) for r in members}
        subscribers.served(tx, slot, cutoffs)
        subscribers.reschedule(tx, {reader.id: _next(reader, now, slot) for reader in members})
    return total, len(readers)


def plan_readers(
    tx: Tx, planner: Planner, edition: Edition, readers: Sequence[DueReader], *, now: datetime
) -> Planned:
    """Compose what these readers get from an edition and plan its delivery; moving their windows is the caller's."""
    digests = compose(tx, planner, edition, readers)
    ids = editions.keep_digests(tx, edition.id, list(digests.values()))
    rows = [
        DeliveryRow(edition.id, ids[window(reader, edition)], reader.id, now)
        for reader in readers
        if window(reader, edition) in digests
    ]
    store.plan(tx, rows)
    if rows:  # a batch may come after all of the earlier ones were sent
        editions.set_state(tx, edition.id, "sending", only_from=["sent"])
    return Planned(deliveries=len(rows), nothing_new=len(readers) - len(rows))


def compose(
    tx: Tx, planner: Planner, edition: Edition, readers: Sequence[DueReader]
) -> Mapping[Window, DigestRow]:
    """The digests that these readers get, by preferences and window start; none where there is nothing new."""
    wanted = {window(reader, edition) for reader in readers}
    open_windows = {(key, start) for key, start in wanted if start < edition.cutoff}
    if not open_windows:
        return {}
    preferences = subscribers.preferences(tx, sorted({key for key, _ in open_windows}))
    composer = planner.composer(tx, edition, min(start for _, start in open_windows))
    composed = {
        (key, start): composer.digest(preferences[key], start, note=edition.note)
        for key, start in open_windows
    }
    return {key: digest for key, digest in composed.items() if digest is not None}


def window(reader: DueReader, edition: Edition) -> Window:
    """Which digest of an edition a reader gets: their preferences, and since when they have seen nothing."""
    return reader.preferences_key, reader.last_cutoff or edition.cutoff - FIRST_WINDOW


def _next(reader: DueReader, after: datetime, last_slot: datetime | None = None) -> datetime:
    wanted = Schedule(reader.cadence, reader.weekday, reader.send_minute, reader.zone)
    return next_due(wanted, after=after, last_slot=last_slot or reader.last_slot_at)
