"""Subscribing, leaving and erasing, and the letters in between, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.subscribers import letter_planning, lifecycle
from digest.subscribers.models import Consent, Letter, Preferences, Subscriber, Suppression
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store import listing
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.listing import Order, SubscriberFilter
from digest.subscribers.store.suppressions import SuppressionCause
from tests.builders import World
from tests.conftest import NOON
from tests.subscribers.subscriber_steps import (
    ANN,
    SECRET,
    confirm,
    count,
    find_subscriber,
    get_subscriber,
    leave,
    letters,
    request_link,
    subscribe,
)


def test_a_new_subscriber_is_pending_until_they_confirm_and_each_consent_is_recorded(db: Database) -> None:
    assert subscribe(db)
    assert get_subscriber(db).state == "pending"
    confirm(db)
    assert get_subscriber(db).state == "active"
    with db.read() as tx:
        assert [consent.action for consent in store.consents(tx, get_subscriber(db))] == [
            "asked",
            "confirmed",
        ]


def test_confirming_twice_changes_nothing(db: Database) -> None:
    subscribe(db)
    confirm(db)
    confirm(db, NOON + timedelta(days=1))
    assert get_subscriber(db).confirmed_at == NOON
    assert count(db, Consent) == 2


def test_one_address_is_one_subscriber_however_it_is_written(db: Database) -> None:
    subscribe(db)
    subscribe(db, email="ANN@Example.COM")
    assert count(db, Subscriber) == 1


def test_four_clicks_at_once_make_one_subscriber(db: Database, threads: ThreadPoolExecutor) -> None:
    list(threads.map(lambda _: subscribe(db), range(4)))
    assert count(db, Subscriber) == 1
    assert count(db, Letter) <= letter_planning.LETTERS_A_DAY


def test_a_stranger_who_types_a_subscribers_address_changes_nothing_of_theirs(db: Database) -> None:
    subscribe(db)
    confirm(db)
    before = get_subscriber(db)
    subscribe(db, regions=("fr",))
    after = get_subscriber(db)
    assert (after.preferences_key, after.state, after.next_due_at) == (
        before.preferences_key,
        "active",
        before.next_due_at,
    )
    assert [letter.kind for letter in letters(db)] == ["confirm", "change"]


def test_an_address_gets_four_letters_a_day_and_again_the_next(db: Database) -> None:
    letter_ids = [subscribe(db, NOON + timedelta(minutes=n)) for n in range(7)]
    assert [bool(letter) for letter in letter_ids] == [True] * 4 + [False] * 3
    assert request_link(db, NOON + timedelta(hours=1)) is None
    assert subscribe(db, NOON + timedelta(days=1, minutes=1))


def test_tags_behind_a_plus_are_one_inbox_and_get_four_letters_together(db: Database) -> None:
    letter_ids = [subscribe(db, email=f"ann+{n}@example.com") for n in range(6)]
    assert [bool(letter) for letter in letter_ids] == [True] * 4 + [False] * 2
    for other in ("ann+9@example.net", "anna+9@example.com", "a%+9@example.com"):
        assert subscribe(db, email=other), other


def test_a_subscriber_who_left_and_comes_back_must_confirm_again(db: Database) -> None:
    subscribe(db)
    confirm(db)
    leave(db)
    assert subscribe(db, NOON + timedelta(days=3), regions=("fr",))
    assert (get_subscriber(db).state, get_subscriber(db).preferences.regions) == ("unsubscribed", ["ge"])
    assert letters(db)[-1].kind == "confirm"
    confirm(db, NOON + timedelta(days=3))
    assert get_subscriber(db).preferences.regions == ["fr"]
    assert get_subscriber(db).state == "active"
    assert get_subscriber(db).last_cutoff == NOON + timedelta(days=2)


def test_an_old_link_to_confirm_brings_nobody_back(db: Database) -> None:
    subscribe(db)
    confirm(db)
    leave(db)
    with pytest.raises(ConflictError, match="subscribe again"):
        confirm(db)
    assert get_subscriber(db).state == "unsubscribed"


def test_leaving_twice_is_leaving_once(db: Database) -> None:
    subscribe(db)
    assert leave(db)
    assert not leave(db)


def test_erasing_leaves_only_a_hash_and_no_link_can_be_asked_for(db: Database) -> None:
    subscribe(db)
    confirm(db)
    public_id = get_subscriber(db).public_id
    lifecycle.erase(db, public_id, secret=SECRET, now=NOON)
    assert find_subscriber(db) is None
    assert count(db, Letter) == count(db, Consent) == count(db, Subscriber) == 0
    assert request_link(db) is None
    with pytest.raises(NotFoundError):
        lifecycle.erase(db, public_id, secret=SECRET, now=NOON)


def test_an_erased_reader_comes_back_by_confirming_again_and_an_import_does_not_bring_them(
    db: Database,
) -> None:
    subscribe(db)
    confirm(db)
    lifecycle.erase(db, get_subscriber(db).public_id, secret=SECRET, now=NOON)
    assert subscribe(db, NOON + timedelta(days=1))
    assert count(db, Suppression) == 1  # until the holder of the address has confirmed
    confirm(db, NOON + timedelta(days=1))
    assert get_subscriber(db).state == "active"
    assert count(db, Suppression) == 0


def test_leaving_can_be_undone_for_a_week(db: Database) -> None:
    subscribe(db)
    confirm(db)
    leave(db, NOON + timedelta(hours=1))
    public_id = get_subscriber(db).public_id
    with pytest.raises(ConflictError, match="too late"):
        lifecycle.return_after_leaving(db, public_id, origin="192.0.2.1", now=NOON + timedelta(days=8))
    lifecycle.return_after_leaving(db, public_id, origin="192.0.2.1", now=NOON + timedelta(days=7))
    assert get_subscriber(db).state == "active"
    lifecycle.return_after_leaving(
        db, public_id, origin="192.0.2.1", now=NOON + timedelta(days=7)
    )  # a double click
    assert get_subscriber(db).state == "active"


def test_who_never_confirmed_or_complained_can_not_return_without_confirming(db: Database) -> None:
    subscribe(db)
    leave(db)
    assert not lifecycle.can_return(get_subscriber(db), NOON)
    confirm_again = NOON + timedelta(minutes=1)
    subscribe(db, confirm_again)
    confirm(db, confirm_again)
    with db.begin() as tx:
        complained = SuppressionCause(SuppressionReason.COMPLAINED)
        later = confirm_again + timedelta(minutes=1)
        lifecycle.suppress(tx, store.by_id(tx, get_subscriber(db).id), complained, secret=SECRET, now=later)
    assert not lifecycle.can_return(get_subscriber(db), confirm_again + timedelta(minutes=2))


def test_unconfirmed_subscribers_are_deleted_after_two_weeks(db: Database) -> None:
    subscribe(db)
    subscribe(db, email="bob@example.com")
    lifecycle.confirm(db, letters(db)[0].public_id, origin="", wording="", secret=SECRET, now=NOON)
    assert lifecycle.forget_unconfirmed(db, NOON + timedelta(days=13)) == 0
    assert lifecycle.forget_unconfirmed(db, NOON + timedelta(days=15)) == 1
    assert find_subscriber(db, "bob@example.com") is None
    assert get_subscriber(db).state == "active"


def test_a_subscriber_who_came_back_and_did_not_confirm_is_not_deleted(db: Database) -> None:
    subscribe(db)
    confirm(db)
    leave(db)
    subscribe(db)
    assert lifecycle.forget_unconfirmed(db, NOON + timedelta(days=99)) == 0


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_a_pause_ends_within_a_year(db: Database, days: int) -> None:
    subscribe(db)
    confirm(db)
    with pytest.raises(InvalidInputError):
        lifecycle.pause(db, get_subscriber(db).public_id, NOON + timedelta(days=days), NOON)


def test_only_the_active_can_pause(db: Database) -> None:
    subscribe(db)
    with pytest.raises(ConflictError, match="pending"):
        lifecycle.pause(db, get_subscriber(db).public_id, NOON + timedelta(days=1), NOON)


def test_equal_preferences_share_a_row(db: Database) -> None:
    subscribe(db)
    subscribe(db, email="bob@example.com")
    subscribe(db, email="cat@example.com", regions=("fr",))
    assert count(db, Preferences) == 2


def test_a_subscriber_is_found_by_a_part_of_their_address_and_percent_is_an_ordinary_character(
    db: Database, world: World
) -> None:
    world.subscriber("ann_b@example.com")
    world.subscriber("annxb@example.com")
    with db.read() as tx:
        rows = listing.page(tx, SubscriberFilter("ANN_B"), Order.NEWEST).rows
        assert [subscriber.email for subscriber in rows] == ["ann_b@example.com"]
        assert listing.count(tx, SubscriberFilter("%")) == 0


def test_a_strangers_request_changes_nothing_of_a_pending_one(db: Database) -> None:
    subscribe(db, regions=("ge",))
    subscribe(db, NOON + timedelta(hours=1), regions=("ru", "by"))  # somebody else typed the address
    lifecycle.confirm(
        db, letters(db)[0].public_id, origin="", wording="", secret=SECRET, now=NOON + timedelta(hours=2)
    )
    assert get_subscriber(db).preferences.regions == ["ge"]


def suppress(db: Database, reason: SuppressionReason) -> None:
    with db.begin() as tx:
        row = store.by_id(tx, get_subscriber(db).id)
        lifecycle.suppress(tx, row, SuppressionCause(reason), secret=SECRET, now=NOON)


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_letter_from_before_a_suppression_confirms_nothing(db: Database, confirmed: bool) -> None:
    subscribe(db)
    if confirmed:
        confirm(db)
    suppress(db, SuppressionReason.BOUNCED)
    with pytest.raises(ConflictError):
        confirm(db, NOON + timedelta(hours=1))
    assert get_subscriber(db).state == "suppressed"


@pytest.mark.parametrize(
    ("reason", "mistaken"),
    [
        (SuppressionReason.COMPLAINED, True),
        (SuppressionReason.COMPLAINED, False),
        (SuppressionReason.BOUNCED, False),
    ],
)
def test_a_letter_from_before_a_suppression_confirms_nothing_when_it_is_lifted(
    db: Database, reason: SuppressionReason, mistaken: bool
) -> None:
    subscribe(db)
    confirm(db)
    suppress(db, reason)
    later = NOON + timedelta(hours=1)
    with db.begin() as tx:
        lifecycle.lift(tx, parse_address(ANN), secret=SECRET, mistaken=mistaken, now=later)
    with pytest.raises(ConflictError):
        confirm(db, later)
    assert get_subscriber(db).state == "unsubscribed"
