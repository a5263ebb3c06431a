"""The digests of an edition by their number of readers, in pages."""

import re
from collections.abc import Mapping

import pytest
from sqlalchemy import insert

from digest.deliveries.models import Delivery
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import deliveries
from digest.editions.models import Digest
from digest.editions.states import EditionKind, EditionState
from digest.editions.store import editions
from digest.parts import Parts
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.web.browser_session import BrowserSession


@pytest.fixture
def reader(world: World) -> Subscriber:
    return world.subscriber()


def planned(
    parts: Parts, reader: Subscriber, readers: Mapping[str, int], state: EditionState = EditionState.SENT
) -> int:
    """An edition with a digest for each subject, planned in this order, each with this number of deliveries."""
    now = parts.clock()
    with parts.db.begin() as tx:
        edition_id = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=now, cutoff=now).id
        editions.by_id(tx, edition_id).state = state
        for subject, count in readers.items():
            digest = Digest(
                public_id=f"{edition_id}-{subject}", edition_id=edition_id, subject=subject, sections=(), hash="",
                preferences_key=reader.preferences_key, window_start=now, without=subject,
            )  # fmt: skip
            tx.add(digest)
            tx.flush()
            row = {
                "edition_id": edition_id, "digest_id": digest.id, "state": DeliveryState.ACCEPTED,
                "not_before": now, "planned_at": now,
            }  # fmt: skip
            if count:
                tx.execute(insert(Delivery), [row] * count)
    return edition_id


def shown(page: str) -> list[tuple[str, str]]:
    """The subjects and the numbers of subscribers of the digests on a page."""
    row = r'<a href="/admin/digests/\d+" dir="auto">([^<]+)</a>.*?data-label="Subscribers" class="number">([^<]+)<'
    return re.findall(row, page, re.DOTALL)


def test_the_most_read_digests_come_first(editor: BrowserSession, parts: Parts, reader: Subscriber) -> None:
    path = f"/admin/editions/{planned(parts, reader, {'One': 1, 'None': 0, 'Three': 3, 'Also one': 1})}"
    planned(parts, reader, {"Of another edition": 9})
    by_readers = [("Three", "3"), ("One", "1"), ("Also one", "1"), ("None", "0")]
    page = editor.get_page(path)
    assert shown(page) == by_readers
    as_planned = re.search(r'href="([^"#]+)#digests">As planned', page)
    assert as_planned
    assert [subject for subject, _count in shown(editor.get_page(as_planned[1]))] == [
        "One", "None", "Three", "Also one",
    ]  # fmt: skip


def test_every_digest_is_on_one_page_and_links_keep_the_rest(
    editor: BrowserSession, parts: Parts, reader: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "DIGESTS_ON_A_PAGE", 2)
    path = f"/admin/editions/{planned(parts, reader, {'One': 1, 'Two': 2, 'Three': 3, 'Also two': 2, 'Four': 4})}"
    address, seen = f"{path}?state=accepted", []
    while address:
        page = editor.get_page(address)
        seen += shown(page)
        link = re.search(r'rel="next" href="([^"#]+)#digests"', page)
        assert link is None or "state=accepted" in link[1]
        address = link[1].replace("&amp;", "&") if link else ""
    assert [subject for subject, _count in seen] == ["Four", "Three", "Two", "Also two", "One"]
    assert "5 to 5 of 5" in page
    assert "No such page" in editor.get_page(f"{path}?digests=4")


def test_a_frozen_edition_has_no_readers_to_sort_by(
    editor: BrowserSession, parts: Parts, reader: Subscriber
) -> None:
    frozen = planned(parts, reader, {"B": 0, "A": 0}, EditionState.FROZEN)
    page = editor.get_page(f"/admin/editions/{frozen}")
    assert shown(page) == [("B", "—"), ("A", "—")]
    assert "As planned" not in page


def test_digests_for_the_same_regions_are_told_apart_by_their_language(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    edition_id = planned(parts, world.subscriber(language="ru"), {"One": 1})
    page = editor.get_page(f"/admin/editions/{edition_id}")
    assert 'Central Asia <span class="muted">Русский</span>' in page
