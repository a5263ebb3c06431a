"""Which earlier digests are looked at, so that nobody gets a story twice; and whom a frozen edition would reach."""

from collections.abc import Collection
from datetime import datetime, timedelta

from digest.database import Database
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import windows
from digest.deliveries.store.subscriber_scope import SubscriberScope
from digest.editions.pure.edition_spec import EditionSpec
from tests.accounts.conftest import on_sqlite
from tests.builders import World
from tests.conftest import NOON
from tests.deliveries.test_restoring_windows import DAY, HOUR, START, Reader

SECOND = timedelta(seconds=1)
ACCEPTED, REFUSED = DeliveryState.ACCEPTED, DeliveryState.REFUSED
EVERYBODY = SubscriberScope()


def received(
    reader: Reader,
    keys: Collection[str] | None = None,
    *,
    since: datetime = START,
    scope: SubscriberScope = EVERYBODY,
    edition: int = 999,
) -> bool:
    """Whether the reader's digest counts for an edition of the next day; `keys` are the reader's own by default."""
    spec = EditionSpec(edition, NOON + DAY)
    keys = [reader.row.preferences_key] if keys is None else keys
    with reader.db.read() as tx:
        found = windows.find_received_digests(tx, scope, spec, keys=keys, since=since)
    return reader.row.id in {each.subscriber_id for each in found}


@on_sqlite
def test_where_stories_arrived_late_every_digest_since_a_moment_counts(db: Database, world: World) -> None:
    reader = Reader(db, world, ACCEPTED)
    assert received(reader)
    assert received(reader, since=NOON)
    assert not received(reader, since=NOON + SECOND)
    assert not received(reader, ["preferences of others"])
    assert not received(reader, [])


@on_sqlite
def test_an_edition_that_looked_back_counts_if_it_closed_within_the_window(
    db: Database, world: World
) -> None:
    within = Reader(db, world, ACCEPTED, hours=24, cutoff=NOON - HOUR)
    assert received(within, [])
    assert not received(within, [], since=NOON)
    assert not received(Reader(db, world, ACCEPTED, hours=24, cutoff=NOON), [])
    assert not received(Reader(db, world, ACCEPTED, hours=0, cutoff=NOON - HOUR), [])


@on_sqlite
def test_what_never_arrived_and_the_edition_itself_do_not_count(db: Database, world: World) -> None:
    assert not received(Reader(db, world, REFUSED))
    assert received(Reader(db, world, REFUSED, in_doubt=True))
    reader = Reader(db, world, ACCEPTED)
    assert not received(reader, edition=reader.edition)


@on_sqlite
def test_only_the_subscribers_who_are_planned_are_looked_at(db: Database, world: World) -> None:
    reader = Reader(db, world, ACCEPTED)
    assert received(reader, scope=SubscriberScope(up_to_id=reader.row.id))
    assert not received(reader, scope=SubscriberScope(after_id=reader.row.id))


@on_sqlite
def test_a_frozen_edition_reaches_the_active_subscribers_of_its_groups(db: Database, world: World) -> None:
    reader = Reader(db, world, DeliveryState.PLANNED, cutoff=START)
    world.subscriber(last_cutoff=START)
    world.subscriber(last_cutoff=START, state="paused")
    world.subscriber(last_cutoff=NOON)
    with db.read() as tx:
        assert windows.count_reachable(tx, reader.edition) == 2
