"""The digests of an edition with their numbers of deliveries, on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.store import deliveries
from digest.editions.models import Digest
from digest.editions.states import EditionKind
from digest.editions.store import editions
from tests.builders import World

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_digests_are_ordered_by_their_deliveries_or_as_planned(db: Database, world: World) -> None:
    key = world.subscriber().preferences_key
    with db.begin() as tx:
        edition_id = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=NOON, cutoff=NOON).id
        for subject, count in (("One", 1), ("None", 0), ("Three", 3), ("Also one", 1)):
            digest = Digest(
                public_id=subject, edition_id=edition_id, preferences_key=key, window_start=NOON, without=subject,
                subject=subject, sections=(), hash="",
            )  # fmt: skip
            tx.add(digest)
            tx.flush()
            for _ in range(count):
                tx.add(Delivery(edition_id=edition_id, digest_id=digest.id, planned_at=NOON, not_before=NOON))
    with db.read() as tx:
        by_readers = deliveries.digests_of_edition(tx, edition_id, most_read_first=True)
        as_planned = deliveries.digests_of_edition(tx, edition_id, most_read_first=False)
        assert deliveries.digests_of_edition(tx, edition_id, most_read_first=True, page=2) == []
    assert [(row.subject, count) for row, count in by_readers] == [
        ("Three", 3), ("One", 1), ("Also one", 1), ("None", 0),
    ]  # fmt: skip
    assert [(row.subject, count) for row, count in as_planned] == [
        ("One", 1), ("None", 0), ("Three", 3), ("Also one", 1),
    ]  # fmt: skip
