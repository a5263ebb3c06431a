"""Editions that an editor sends: count whom it reaches, create, plan; and pause, resume or cancel any edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Database, Tx
from digest.deliveries import store
from digest.deliveries.audiences import Audience
from digest.deliveries.planning import BATCH, SETTLE, Planned, Planner, Window, compose, plan_readers, window
from digest.editions import store as editions
from digest.editions.composing import Composer
from digest.editions.models import Edition
from digest.errors import ConflictError
from digest.subscribers import store as subscribers
from digest.subscribers.models import Preferences
from digest.subscribers.store import DueReader
from digest.subscribers.wishes import Wishes, still_known


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an edition would reach now."""

    readers: int  # of the audience
    deliveries: int  # of them, those who have anything new coming
    digests: int


def reach(db: Database, planner: Planner, audience: Audience, now: datetime) -> Reach:
    """Count by the same code that plans, and write nothing."""
    total = deliveries = 0
    edition = Edition(id=0, cutoff=now - SETTLE, note="")
    digests: set[Window] = set()
    after: int | None = 0
    while after is not None:
        with db.read() as tx:
            readers, after = _batch(tx, planner, audience, after, now=now)
            composed = compose(tx, planner, edition, readers)
        total += len(readers)
        deliveries += sum(window(reader, edition) in composed for reader in readers)
        digests |= composed.keys()
    return Reach(total, deliveries, len(digests))


def create(db: Database, audience: Audience, *, note: str, now: datetime, slot: str = "") -> int:
    """A new edition by hand, to be planned (by a task, and by beat if that is lost). Returns its id.

    One with a `slot` is made only once: a second click gets the id of the first's.
    """
    told, cutoff = audience.as_json(), now - SETTLE
    with db.begin() as tx:
        return editions.by_hand(tx, "manual", told, note=note, now=now, cutoff=cutoff, slot=slot).id


def plan(db: Database, planner: Planner, edition_id: int, now: datetime) -> Planned:
    """Plan an edition by hand, batch by batch. Done again after a crash, it goes on where it stopped."""
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
    audience, total = Audience.from_json(edition.audience), Planned()
    after: int | None = 0 if edition.state == "planning" else None
    while after is not None:
        with db.begin() as tx:
            if editions.by_id(tx, edition_id).state != "planning":
                return total  # cancelled meanwhile: the others keep their windows, and so their news
            readers, after = _batch(tx, planner, audience, after, now=edition.created_at)
            total += plan_readers(tx, planner, edition, readers, now=now)
            subscribers.served_by_hand(tx, _behind(readers, edition), edition.cutoff)
    with db.begin() as tx:
        editions.set_state(tx, edition_id, "sending", only_from=["planning"])
    return total


def send_test(
    db: Database, planner: Planner, audience: Audience, *, note: str, now: datetime, slot: str = ""
) -> int:
    """Plan a test to one address: what a reader of these regions would get of the audience's window.

    Returns the edition's id. One with a `slot` is made only once: a second click gets the id of the first's.
    Raises ConflictError when nothing was published about the regions.
    """
    wishes = Wishes(audience.regions, audience.language)
    with db.begin() as tx:
        edition = editions.by_hand(tx, "test", audience.as_json(), note=note, now=now, cutoff=now, slot=slot)
        if edition.state != "planning":
            return edition.id
        subscribers.keep_preferences(tx, wishes)
        start = now - timedelta(minutes=audience.minutes)
        composer = Composer(tx, planner.tree, start=start, cutoff=now)
        preferences = Preferences(
            key=wishes.preferences_key, regions=list(wishes.regions), language=wishes.language
        )
        digest = composer.digest(preferences, start, note=note)
        if digest is None:
            raise ConflictError(
                "Nothing was published about these regions in that time, so there is no digest to send."
            )
        ids = editions.keep_digests(tx, edition.id, [digest])
        store.plan_test(tx, edition.id, next(iter(ids.values())), audience.address, now)
        editions.set_state(tx, edition.id, "sending", only_from=["planning"])
        return edition.id


def pause(db: Database, edition_id: int) -> None:
    """Hold an edition: nothing more of it is claimed."""
    _change(db, edition_id, "paused", only_from=["sending"])


def resume(db: Database, edition_id: int) -> None:
    """Let a held edition go on."""
    _change(db, edition_id, "sending", only_from=["paused"])


def cancel(db: Database, edition_id: int, now: datetime) -> int:
    """End an edition: what is planned of it will not go out. Returns how many deliveries that were."""
    _change(db, edition_id, "cancelled", only_from=["planning", "sending", "paused"], now=now)
    with db.begin() as tx:
        return store.cancel_rest(tx, now)


def _change(
    db: Database, edition_id: int, state: str, *, only_from: Sequence[str], now: datetime | None = None
) -> None:
    with db.begin() as tx:
        if not editions.set_state(tx, edition_id, state, only_from=only_from, now=now):
            found = editions.by_id(tx, edition_id)
            raise ConflictError(
                f"Edition {edition_id} is {found.state}; only {' or '.join(only_from)} can be made {state}."
            )


def _batch(
    tx: Tx, planner: Planner, audience: Audience, after: int, *, now: datetime
) -> tuple[Sequence[DueReader], int | None]:
    """The audience's readers among the next batch of active ones, and where to go on (None: that was the last)."""
    batch = subscribers.active_after(tx, after, BATCH)
    following = batch[-1].id if len(batch) == BATCH else None
    match audience.kind:
        case "everyone":
            return batch, following
        case "due":
            return [r for r in batch if r.next_due_at is not None and r.next_due_at <= now], following
        case "regions":
            keys = _overlapping(tx, planner, audience)
            return [r for r in batch if r.preferences_key in keys], following
        case "address":
            return [], None


def _overlapping(tx: Tx, planner: Planner, audience: Audience) -> frozenset[str]:
    """Preferences that share a country with the audience's regions."""
    countries = planner.tree.expand(audience.regions)
    return frozenset(
        p.key
        for p in subscribers.all_preferences(tx)
        if planner.tree.expand(still_known(p.regions, planner.tree)) & countries
    )


def _behind(readers: Sequence[DueReader], edition: Edition) -> Sequence[int]:
    return [r.id for r in readers if r.last_cutoff is None or r.last_cutoff < edition.cutoff]
