"""The bundled sample sources get a new URL when the program starts on another port."""

from datetime import UTC, datetime

from digest.database import Database
from digest.sources.store import sources as store

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_a_sample_source_gets_its_new_address_and_others_keep_theirs(db: Database) -> None:
    with db.begin() as tx:
        source_id = store.add(tx, "http://127.0.0.1:8000/sample/lantern.xml", "Lantern", NOON).id
        store.add(tx, "http://127.0.0.1:8000/sample/harbour.xml", "Harbour", NOON)
    for _ in range(2):
        with db.begin() as tx:
            store.move_sample_source(
                tx, "/sample/lantern.xml", "http://127.0.0.1:8123/sample/lantern.xml", NOON
            )
    with db.read() as tx:
        assert store.by_id(tx, source_id).url == "http://127.0.0.1:8123/sample/lantern.xml"
        assert {row.url for row in store.all_sources(tx)} == {
            "http://127.0.0.1:8123/sample/lantern.xml",
            "http://127.0.0.1:8000/sample/harbour.xml",
        }
