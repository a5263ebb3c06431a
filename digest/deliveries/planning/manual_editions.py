"""Editions that an editor sends: count whom it reaches, draft, plan; tests; and hold, resume or cancel any edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Database, Tx
from digest.deliveries.planning import edition_planner
from digest.deliveries.planning.edition_planner import (
    SETTLE,
    Belongs,
    Planned,
    Planner,
    everybody,
)
from digest.deliveries.pure.audience import Audience
from digest.deliveries.store import claims as store
from digest.deliveries.store import plans
from digest.deliveries.store import windows as history
from digest.deliveries.store.plans import Closing, Scope
from digest.editions.models import Edition
from digest.editions.store import editions
from digest.errors import ConflictError
from digest.subscribers.models import Preferences
from digest.subscribers.pure.subscription import Wishes, still_known
from digest.subscribers.store import subscribers

ENDED = ("sent", "cancelled")
OPEN_STATES = ("draft", "freezing", "frozen", "review", "held", "planning", "sending", "paused")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an edition would reach now."""

    readers: int  # of the audience
    deliveries: int  # of them, those who have anything new coming
    digests: int


def reach(db: Database, planner: Planner, audience: Audience, now: datetime, *, hours: int = 0) -> Reach:
    """Count by the same code that plans, and write nothing."""
    edition = Edition(id=0, cutoff=now - SETTLE, note="", hours=hours)
    belongs, readers = of_audience(planner, audience), 0
    coming: dict[plans.Group, int] = {}
    decided: dict[plans.Group, bool] = {}
    with db.read() as tx:
        for scope in plans.ranges(tx, scope_of(audience, now), planner.batch):
            readers += edition_planner.members(tx, scope, belongs)
            found = plans.groups(tx, scope, Closing.of(edition))
            made = edition_planner.decide(
                tx, planner, edition, [g for g in found if g not in decided], belongs
            )
            decided |= {group: composed is not None for group, composed in made.items()}
            for group, count in found.items():
                if decided[group]:
                    coming[group] = coming.get(group, 0) + count
    return Reach(readers, sum(coming.values()), len(coming))


def create(
    db: Database, audience: Audience, *, note: str, now: datetime, slot: str = "", hours: int = 0,
    draft: bool = False,
) -> int:  # fmt: skip
    """A new edition by hand, to be planned (by a task, and by beat if that is lost), or as a draft to be looked at.

    Returns its id. One with a `slot` is made only once: a second click gets the id of the first's. `hours` leaves out
    what is older than that; 0 is everything since each reader's last digest.
    """
    told, cutoff = audience.as_json(), now - SETTLE
    with db.begin() as tx:
        edition = editions.by_hand(
            tx, "manual", told, note=note, now=now, cutoff=cutoff, slot=slot, hours=hours
        )
        if draft and edition.created_at == now:
            editions.set_state(tx, edition.id, "draft", only_from=["planning"])
        return edition.id


def plan(db: Database, planner: Planner, edition_id: int, now: datetime) -> Planned:
    """Plan an edition by hand, range by range. Done again after a crash, it goes on where it stopped."""
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
        if edition.state != "planning":
            return Planned()
        audience = Audience.from_json(edition.audience)
        pieces = plans.ranges(tx, scope_of(audience, edition.created_at), planner.batch)
    belongs, total = of_audience(planner, audience), Planned()
    for scope in pieces:
        if edition.frozen_at is None:
            edition_planner.compose(db, planner, edition, scope, belongs)
        with db.begin() as tx:
            plans.lock(tx, scope)
            if editions.held_state(tx, edition_id) != "planning":
                return total  # cancelled meanwhile: the others keep their windows, and so their news
            total += edition_planner.plan_range(tx, planner, edition, scope, now=now, belongs=belongs)
            plans.move_windows(tx, scope, Closing.of(edition))
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
        group = (wishes.preferences_key, now - timedelta(minutes=audience.minutes))
        wanted = Preferences(
            key=group[0], regions=list(wishes.regions), language=wishes.language, size=wishes.size
        )
        made = planner.compose(tx, edition, group, wanted)
        if made is None:
            raise ConflictError(
                "Nothing was published about these regions in that time, so there is no digest to send."
            )
        editions.keep_digests(tx, edition.id, [made.digest])
        ids = editions.digest_ids(tx, edition.id, [made.digest.key])
        store.plan_test(tx, edition.id, ids[made.digest.key], audience.address, now)
        editions.set_state(tx, edition.id, "sending", only_from=["planning"])
        return edition.id


def pause(db: Database, edition_id: int) -> None:
    """Hold an edition: nothing more of it is claimed; one that is open for review does not go out by itself."""
    with db.begin() as tx:
        if editions.set_state(tx, edition_id, "held", only_from=["review"]):
            return
    _change(db, edition_id, "paused", only_from=["sending"])


def resume(db: Database, edition_id: int) -> None:
    """Let a held edition go on."""
    with db.begin() as tx:
        if editions.set_state(tx, edition_id, "review", only_from=["held"]):
            return
    _change(db, edition_id, "sending", only_from=["paused"])


def cancel(db: Database, edition_id: int, now: datetime) -> int:
    """End an edition: what is not sent of it will not be, and whoever did not get it has its news in their next.
    Returns how many deliveries that were."""
    with db.begin() as tx:
        _set(tx, edition_id, "cancelled", only_from=OPEN_STATES, now=now)
        history.give_back_windows(tx, edition_id)
        return len(store.cancel_rest(tx, now, edition_id=edition_id))


def cancel_given_back(db: Database, now: datetime) -> None:
    """Cancel what senders had in hand of editions when those were cancelled, and gave back; its readers have the news
    in their next."""
    with db.begin() as tx:
        history.give_back(tx, store.cancel_rest(tx, now))


def scope_of(audience: Audience, now: datetime) -> Scope:
    """The readers among whom an audience is."""
    return Scope(due_by=now) if audience.kind == "due" else Scope()


def of_audience(planner: Planner, audience: Audience) -> Belongs:
    """Whether preferences are of the audience: for regions, when they share a country."""
    if audience.kind != "regions":
        return everybody
    tree = planner.tree
    countries = tree.expand(audience.regions)
    return lambda preferences: bool(tree.expand(still_known(preferences.regions, tree)) & countries)


def _change(db: Database, edition_id: int, state: str, *, only_from: Sequence[str]) -> None:
    with db.begin() as tx:
        _set(tx, edition_id, state, only_from=only_from)


def _set(
    tx: Tx, edition_id: int, state: str, *, only_from: Sequence[str], now: datetime | None = None
) -> None:
    if not editions.set_state(tx, edition_id, state, only_from=only_from, now=now):
        found = editions.by_id(tx, edition_id)
        raise ConflictError(
            f"Edition {edition_id} is {found.state}; only {' or '.join(only_from)} can be made {state}."
        )
