"""Who gets what: closes editions over the news and plans a delivery for each reader who has any coming.

A range of readers is planned in one transaction: their deliveries appear and their windows move together, or not at
all. So nothing is missed and nothing repeated, wherever it stops, and two planners do no harm. Readers with the same
preferences and window are one group: what is computed is computed once a group, and written for all of it at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from digest.database import Database, Tx
from digest.deliveries.store import plans
from digest.deliveries.store import windows as history
from digest.deliveries.store.plans import Closing, Group, Scope
from digest.editions.composer import Composed, Composers
from digest.editions.models import Edition
from digest.editions.pure.calendar import first_due, next_due, slot_of, too_late
from digest.editions.pure.selection import STILL_NEWS
from digest.editions.store import candidates as stand
from digest.editions.store import editions
from digest.editions.store.editions import DigestRow
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.store import subscribers

# Articles are stamped a moment before their transaction commits, and clocks of several machines differ a little:
# a cutoff this much in the past can't miss one that becomes visible only after the planner has looked.
SETTLE = timedelta(seconds=30)
REVIEWED_FOR = timedelta(minutes=30)  # that editors have before a slot, if they want to review
DIGESTS_AT_ONCE = 500  # written by one statement; their rows are then forgotten
NOTHING: frozenset[int] = frozenset()


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


class Belongs(Protocol):
    """Whether readers with these preferences are of an audience."""

    def __call__(self, preferences: Preferences, /) -> bool: ...


@dataclass
class Planner:
    """One run of planning: the region tree, how late is too late, and what its ranges of readers have in common."""

    tree: RegionTree
    max_lateness: timedelta
    batch: int = plans.BATCH  # readers a transaction
    _composers: Composers = field(init=False)
    # The groups of an edition whose digests are decided, with the stories that some of them may have had before.
    _decided: tuple[int, dict[Group, frozenset[int]]] = field(default_factory=lambda: (0, {}))

    def __post_init__(self) -> None:
        self._composers = Composers(self.tree)

    def decided(self, edition: Edition) -> dict[Group, frozenset[int]]:
        """What was decided of an edition so far; of the one before it is forgotten."""
        if self._decided[0] != edition.id or edition.id == 0:
            self._decided = (edition.id, {})
        return self._decided[1]

    def compose(
        self, tx: Tx, edition: Edition, group: Group, wanted: Preferences, without: frozenset[int] = NOTHING
    ) -> Composed | None:
        """The digest of a group, its readers having had the stories `without` before."""
        composer = self._composers.reaching(tx, (edition.id, edition.cutoff), group[1])
        return composer.digest(wanted, group[1], note=edition.note, without=without)


def everybody(_preferences: Preferences, /) -> bool:
    """Of an audience of all."""
    return True


def plan_due(db: Database, planner: Planner, now: datetime) -> Planned:
    """Plan everybody whose hour has come."""
    schedule(db, now)
    total = Planned()
    with db.read() as tx:
        moments = plans.due_moments(tx, now)
    for due in moments:
        late = too_late(due, now, planner.max_lateness)
        total += _merge(db, due, now) if late else _plan_slot(db, planner, due, now)
    return total


def open_reviews(db: Database, now: datetime) -> int:
    """Open the editions of the slots that come within half an hour to editors; says how many were opened."""
    with db.begin() as tx:
        slots = {slot_of(due) for due in plans.due_moments(tx, now + REVIEWED_FOR) if due > now}
        return sum(editions.open_review(tx, slot, now) is not None for slot in sorted(slots))


def schedule(db: Database, now: datetime) -> int:
    """Compute when those are due of whom it is not known: new, changed, or back from a pause. Returns how many."""
    with db.begin() as tx:
        subscribers.wake_paused(tx, now)
    with db.read() as tx:
        pieces = plans.ranges(tx, Scope(unscheduled=True))
    readers = 0
    for scope in pieces:
        with db.begin() as tx:
            plans.lock(tx, scope)
            readers += plans.count(tx, scope)
            wanted = plans.schedules(tx, scope)
            due = {(s, last): first_due(s, now=now, last_slot=last) for s, last in wanted}
            plans.reschedule(tx, scope, due)
    return readers


def _merge(db: Database, due: datetime, now: datetime, *, cancelled: bool = False) -> Planned:
    """Leave those due at a moment to their next slot; their windows stay, and so does their news."""
    with db.begin() as tx:
        if not cancelled:  # one that editors held for so long is over
            editions.end_unplanned(tx, slot_of(due), now)
    with db.read() as tx:
        pieces = plans.ranges(tx, Scope(due=due))
    merged = 0
    for scope in pieces:
        with db.begin() as tx:
            plans.lock(tx, scope)
            merged += plans.count(tx, scope)
            wanted = plans.schedules(tx, scope)
            plans.reschedule(
                tx, scope, {(s, last): next_due(s, after=now, last_slot=last) for s, last in wanted}
            )
    return Planned(merged=merged)


def _plan_slot(db: Database, planner: Planner, due: datetime, now: datetime) -> Planned:
    with db.begin() as tx:
        edition = editions.scheduled(tx, slot_of(due), cutoff=now - SETTLE, now=now)
    if edition.state == "held":  # by an editor, before its slot: its readers wait, until it is too late
        return Planned()
    if edition.state == "cancelled":
        return _merge(db, due, now, cancelled=True)
    total = Planned()
    with db.read() as tx:
        pieces = plans.ranges(tx, Scope(due=due), planner.batch)
    for scope in pieces:
        compose(db, planner, edition, scope)
        with db.begin() as tx:
            plans.lock(tx, scope)
            if editions.held_state(tx, edition.id) == "cancelled":
                break
            total += plan_range(tx, planner, edition, scope, now=now)
            slot, wanted = slot_of(due), plans.schedules(tx, scope)
            following = {(s, last): next_due(s, after=now, last_slot=slot) for s, last in wanted}
            plans.reschedule(tx, scope, following, served=(slot, edition.cutoff))
    else:
        return total
    return total + _merge(db, due, now, cancelled=True)  # whoever was not planned yet keeps their news


def compose(
    db: Database, planner: Planner, edition: Edition, scope: Scope, belongs: Belongs = everybody
) -> None:
    """Compose and write the digests of these readers that there are not yet, in short transactions."""
    with db.read() as tx:
        found = plans.groups(tx, scope, Closing.of(edition))
        decided = planner.decided(edition)
        missing = [group for group in found if group not in decided]
    for first in range(0, len(missing), DIGESTS_AT_ONCE):
        with db.read() as tx:
            made = decide(tx, planner, edition, missing[first : first + DIGESTS_AT_ONCE], belongs)
        with db.begin() as tx:
            editions.keep_digests(tx, edition.id, [c.digest for c in made.values() if c])
        decided |= {group: c.late if c else NOTHING for group, c in made.items()}


def decide(
    tx: Tx, planner: Planner, edition: Edition, groups: Sequence[Group], belongs: Belongs = everybody
) -> Mapping[Group, Composed | None]:
    """The digest of each group; None where nothing is new, or the group is not of the audience."""
    wanted = subscribers.preferences(tx, sorted({key for key, _ in groups}))
    return {
        group: planner.compose(tx, edition, group, wanted[group[0]]) if belongs(wanted[group[0]]) else None
        for group in groups
    }


def plan_range(
    tx: Tx, planner: Planner, edition: Edition, scope: Scope, *, now: datetime, belongs: Belongs = everybody
) -> Planned:
    """Plan what these readers get from an edition; moving their windows is the caller's."""
    closing, decided = Closing.of(edition), planner.decided(edition)
    readers = members(tx, scope, belongs)
    if edition.frozen_at is None:  # else what is to be sent is there already, and nothing is added to it
        came = [group for group in plans.groups(tx, scope, closing) if group not in decided]
        made = decide(tx, planner, edition, came, belongs)
        editions.keep_digests(tx, edition.id, [c.digest for c in made.values() if c])
        decided |= {group: c.late if c else NOTHING for group, c in made.items()}
    special = own_digests(tx, planner, edition, scope)
    planned = plans.deliver(tx, scope, closing, now, special=special)
    if planned:  # a range may come after all of the earlier ones were sent
        editions.set_state(tx, edition.id, "sending", only_from=["sent"])
    return Planned(deliveries=planned, nothing_new=readers - planned)


def members(tx: Tx, scope: Scope, belongs: Belongs = everybody) -> int:
    """How many of these readers are of the audience."""
    if belongs is everybody:
        return plans.count(tx, scope)
    counts = plans.by_preferences(tx, scope)
    wanted = subscribers.preferences(tx, sorted(counts))
    return sum(count for key, count in counts.items() if belongs(wanted[key]))


def own_digests(tx: Tx, planner: Planner, edition: Edition, scope: Scope) -> dict[int, int | None]:
    """Readers who had some of the window's stories before, with the ids of digests that leave those out; None where
    nothing is left. Those who had the same share a digest again."""
    repeated = left_out(tx, planner, edition, scope)
    wanted = subscribers.preferences(tx, sorted({key for (key, _), _ in repeated.values()}))
    made: dict[tuple[Group, frozenset[int]], DigestRow | None] = {}
    for group, stories in set(repeated.values()):
        found = planner.compose(tx, edition, group, wanted[group[0]], stories)
        made[group, stories] = found.digest if found else None
    rows = [row for row in made.values() if row]
    editions.keep_digests(tx, edition.id, rows)
    ids = editions.digest_ids(tx, edition.id, [row.key for row in rows]) if rows else {}
    return {reader: ids.get(row.key) if (row := made[what]) else None for reader, what in repeated.items()}


def left_out(
    tx: Tx, planner: Planner, edition: Edition, scope: Scope
) -> dict[int, tuple[Group, frozenset[int]]]:
    """Of these readers those who had stories of their window before, with their group and those stories.

    That is who had other regions when a story was first told, which now is about theirs too, or who got an edition of
    the last hours in between. There are few of them.
    """
    closing, decided = Closing.of(edition), planner.decided(edition)
    keys = {key for (key, _), stories in decided.items() if stories}
    since = min((start for _, start in decided), default=edition.cutoff) - STILL_NEWS
    shown: dict[tuple[int, Group], set[int]] = {}
    for reader, key, start, digest_id in history.had(tx, scope, closing, keys=keys, since=since):
        shown.setdefault((reader, (key, start)), set()).add(digest_id)
    stories = stand.stories_in(tx, sorted(set().union(*shown.values())))
    wanted = subscribers.preferences(tx, sorted({group[0] for _, group in shown}))
    out: dict[int, tuple[Group, frozenset[int]]] = {}
    known: dict[tuple[Group, frozenset[int]], frozenset[int]] = {}
    for (reader, group), ids in shown.items():
        had = NOTHING.union(*(stories[digest_id] for digest_id in ids))
        if (group, had) not in known:
            made = partial(planner.compose, tx, edition, group, wanted[group[0]])
            known[group, had] = _repeated(made, had)
        if known[group, had]:
            out[reader] = (group, known[group, had])
    return out


def _repeated(made: Callable[[frozenset[int]], Composed | None], had: frozenset[int]) -> frozenset[int]:
    """Which of the stories that somebody had a digest would repeat. A digest has an end: leaving some out lets others
    in, which they may have had too."""
    repeated = NOTHING
    while (composed := made(repeated)) and (again := had & composed.digest.stories()):
        repeated |= again
    return repeated


def of_reader(tx: Tx, planner: Planner, edition: Edition, reader: Subscriber) -> DigestRow | None:
    """What one reader gets of an edition that is being prepared; None when nothing is new. Writes nothing."""
    scope = Scope(after=reader.id - 1, upto=reader.id, any_state=True)
    groups = list(plans.groups(tx, scope, Closing.of(edition)))
    made = decide(tx, planner, edition, groups)
    decided = planner.decided(edition)
    decided |= {group: c.late if c else NOTHING for group, c in made.items()}
    found = next(iter(made.values()), None)
    repeated = left_out(tx, planner, edition, scope).get(reader.id)
    if found and repeated:
        found = planner.compose(tx, edition, repeated[0], reader.preferences, repeated[1])
    return found.digest if found else None
