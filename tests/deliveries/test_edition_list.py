"""The orders of the list of editions, and its pages by key, on both databases."""

from functools import partial
from itertools import pairwise

import pytest

from digest.database import Database
from digest.deliveries.models import ArchivedDeliveryCount, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import edition_list
from digest.deliveries.store.edition_list import EditionOrder
from digest.editions.states import EditionKind
from digest.editions.store import editions
from digest.feedback.models import Feedback
from digest.feedback.states import FeedbackChannel, FeedbackKind
from digest.feedback.store.counts import bounces_by_edition
from tests.builders import World
from tests.conftest import NOON

# Of each edition the counts of its ranges; of some also what was archived.
RANGES: tuple[list[dict[str, int]], ...] = (
    [{"planned": 4}],
    [{"accepted": 5, "refused": 2}, {"accepted": 1}],
    [],
    [{"accepted": 7, "refused": 1}],
    [],
)
ARCHIVED = {3: {"accepted": 90, "refused": 2}, 4: {"accepted": 1}}
list_page = partial(edition_list.page, bounces=bounces_by_edition())
BOUNCES = {2: 1, 4: 3, 5: 1}  # who did not get each of these editions after all
ORDERS = {
    EditionOrder.NEWEST: [5, 4, 3, 2, 1],
    EditionOrder.OLDEST: [1, 2, 3, 4, 5],
    EditionOrder.MAILS: [3, 4, 2, 1, 5],
    EditionOrder.REFUSED: [3, 2, 4, 5, 1],
    EditionOrder.BOUNCED: [4, 5, 2, 3, 1],
}


@pytest.fixture
def sent(db: Database, world: World) -> Database:
    """Five editions by hand with counts, of which the first is a test."""
    readers = [world.subscriber() for _ in range(max(BOUNCES.values()))]
    with db.begin() as tx:
        for place, counts in enumerate(RANGES):
            kind = EditionKind.MANUAL if place else EditionKind.TEST
            row = editions.create_manual(tx, kind, {}, note="", now=NOON, cutoff=NOON)
            for of_range in counts:
                tx.add(_range(row.id, of_range))
            for state, count in ARCHIVED.get(row.id, {}).items():
                tx.add(ArchivedDeliveryCount(edition_id=row.id, state=DeliveryState(state), count=count))
            for reader in readers[: BOUNCES.get(row.id, 0)]:
                tx.add(_bounce(row.id, reader.id, FeedbackChannel.MAILBOX))
            # Each is once more: a second report of one mail, or one that the mail server did not take at all.
            for channel in (FeedbackChannel.MAILBOX,) if row.id in BOUNCES else (FeedbackChannel.RELAY,):
                tx.add(_bounce(row.id, readers[0].id, channel))
    return db


def _bounce(edition_id: int, subscriber_id: int, channel: FeedbackChannel) -> Feedback:
    kind = FeedbackKind.BOUNCE
    return Feedback(at=NOON, kind=kind, origin=channel, subscriber_id=subscriber_id, edition_id=edition_id)


def _range(edition_id: int, counts: dict[str, int]) -> DeliveryRange:
    places = dict.fromkeys(
        ("after_id", "up_to_id", "first_digest_id", "first_id", "last_digest_id", "last_id"), 1
    )
    return DeliveryRange(edition_id=edition_id, counts=counts, **places)


def pages(db: Database, order: EditionOrder, kind: EditionKind | None = None) -> list[list[int]]:
    """The ids of each page, forwards; and it is checked that the way back has the same pages."""
    found, after = [], ""
    with db.read() as tx:
        while True:
            page = list_page(tx, kind, order, after=after)
            found.append(page)
            if not page.older:
                break
            after = page.older
        for earlier, later in pairwise(found):
            assert list_page(tx, kind, order, before=later.newer).rows == earlier.rows
        assert not list_page(tx, kind, order, before=found[1].newer).newer if len(found) > 1 else True
    return [[row.id for row in page.rows] for page in found]


@pytest.mark.parametrize("order", list(EditionOrder))
def test_editions_are_sorted_and_their_pages_hold(
    sent: Database, monkeypatch: pytest.MonkeyPatch, order: EditionOrder
) -> None:
    expected = ORDERS[order]
    assert pages(sent, order) == [expected]
    monkeypatch.setattr(edition_list, "PAGE_SIZE", 2)
    assert pages(sent, order) == [expected[:2], expected[2:4], expected[4:]]
    by_hand = [number for number in expected if number != 1]
    assert pages(sent, order, EditionKind.MANUAL) == [by_hand[:2], by_hand[2:]]


def test_a_wrong_key_is_no_key_and_kinds_are_counted(sent: Database) -> None:
    with sent.read() as tx:
        for key in ("x", "1.2.3", "5", "1.", "9" * 30):
            assert len(list_page(tx, None, EditionOrder.MAILS, after=key).rows) == len(RANGES), key
        assert edition_list.count(tx, None) == len(RANGES)
        assert edition_list.count(tx, EditionKind.TEST) == 1
