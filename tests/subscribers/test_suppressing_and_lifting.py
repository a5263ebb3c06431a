"""Suppressing an address and lifting that again: who gets the digest afterwards, and what is recorded."""

from datetime import datetime, timedelta

import pytest

from digest.database import Database
from digest.errors import NotFoundError
from digest.subscribers import lifecycle
from digest.subscribers.models import Suppression
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import ConsentAction, SubscriberState, SuppressionReason
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.suppressions import SuppressionCause
from tests.conftest import NOON
from tests.subscribers.subscriber_steps import ANN, SECRET, confirm, count, get_subscriber, leave, subscribe

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + HOUR
BOUNCED, COMPLAINED = SuppressionReason.BOUNCED, SuppressionReason.COMPLAINED
# The databases do the same here; what differs between them is tested with the stores.
on_sqlite = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.fixture
def ann(db: Database) -> str:
    """The public id of an active subscriber."""
    subscribe(db)
    confirm(db)
    return get_subscriber(db).public_id


def suppress(
    db: Database, reason: SuppressionReason = BOUNCED, now: datetime = NOON, detail: str = ""
) -> bool:
    with db.begin() as tx:
        row = store.by_id(tx, get_subscriber(db).id)
        return lifecycle.suppress(tx, row, SuppressionCause(reason, detail), secret=SECRET, now=now)


def lift(db: Database, *, mistaken: bool, now: datetime = LATER) -> SubscriberState | None:
    with db.begin() as tx:
        subscriber = lifecycle.lift(tx, parse_address(ANN), secret=SECRET, mistaken=mistaken, now=now)
        return subscriber.state if subscriber else None


@on_sqlite
def test_an_address_is_suppressed_once(db: Database, ann: str) -> None:
    assert suppress(db, detail=f"550 {ANN} is unknown" + "x" * 600)
    assert not suppress(db)
    assert (get_subscriber(db).state, get_subscriber(db).left_at) == ("suppressed", None)
    with db.read() as tx:
        (row,) = tx.query(Suppression).all()
    assert row.detail.startswith("550 … is unknown")
    assert len(row.detail) == 500


@on_sqlite
def test_a_complaint_is_an_unsubscription_too_also_after_a_bounce(db: Database, ann: str) -> None:
    suppress(db)
    assert not suppress(db, COMPLAINED, LATER)
    assert get_subscriber(db).left_at == LATER
    assert lift(db, mistaken=True) == SubscriberState.UNSUBSCRIBED


@on_sqlite
def test_after_a_mistaken_bounce_everything_is_as_before(db: Database, ann: str) -> None:
    suppress(db)
    assert lift(db, mistaken=True) == SubscriberState.ACTIVE
    with pytest.raises(NotFoundError, match="is not suppressed"):
        lift(db, mistaken=True)
    lifecycle.pause(db, ann, LATER + DAY, LATER)
    suppress(db)
    assert lift(db, mistaken=True, now=LATER + DAY - HOUR) == SubscriberState.PAUSED
    suppress(db)
    assert lift(db, mistaken=True, now=LATER + DAY) == SubscriberState.ACTIVE  # the pause has ended
    assert count(db, Suppression) == 0


@on_sqlite
def test_a_bounce_that_was_right_needs_a_new_subscription(db: Database, ann: str) -> None:
    suppress(db)
    assert lift(db, mistaken=False) == SubscriberState.UNSUBSCRIBED
    assert get_subscriber(db).left_at == LATER


@on_sqlite
def test_who_had_left_stays_away_after_a_mistake(db: Database, ann: str) -> None:
    leave(db, NOON)
    suppress(db)
    assert lift(db, mistaken=True) == SubscriberState.UNSUBSCRIBED


@on_sqlite
def test_who_never_confirmed_gets_nothing_after_a_mistake(db: Database) -> None:
    subscribe(db)
    suppress(db)
    assert lift(db, mistaken=True) == SubscriberState.UNSUBSCRIBED


@on_sqlite
def test_an_address_without_a_subscriber_is_suppressed_and_lifted(db: Database) -> None:
    def add() -> bool:
        cause = SuppressionCause(SuppressionReason.EDITOR)
        return lifecycle.suppress_address(db, parse_address(ANN), cause, secret=SECRET, now=NOON)

    assert [add(), add()] == [True, False]
    assert lift(db, mistaken=False) is None
    assert add()


@on_sqlite
def test_leaving_can_be_undone_for_just_a_week(db: Database, ann: str) -> None:
    leave(db, NOON)
    assert lifecycle.can_return(get_subscriber(db), NOON + 7 * DAY)
    assert not lifecycle.can_return(get_subscriber(db), NOON + 7 * DAY + timedelta(seconds=1))


@on_sqlite
def test_the_last_reason_for_leaving_is_kept_without_addresses(db: Database, ann: str) -> None:
    lifecycle.record_reason(db, ann, "too much", "", NOON)
    lifecycle.record_reason(db, ann, "other", f"write to {ANN}", LATER)
    with db.read() as tx:
        consents = store.consents(tx, get_subscriber(db))
    reasons = [each.wording for each in consents if each.action == ConsentAction.REASON]
    assert reasons == ["other: write to …"]
