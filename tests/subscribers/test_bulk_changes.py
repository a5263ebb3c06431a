"""Changes of many subscribers and their undoing, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from digest.database import Database
from digest.errors import ConflictError, NotFoundError
from digest.feedback.unsubscribing import unsubscribe
from digest.subscribers import lifecycle
from digest.subscribers.bulk import changes
from digest.subscribers.bulk.changes import UNDO_TIME, Changed
from digest.subscribers.bulk.models import BulkChange, BulkChangeRow
from digest.subscribers.models import Subscriber
from digest.subscribers.states import BulkAction, SuppressionReason
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.suppressions import SuppressionCause
from tests.builders import World
from tests.conftest import NOON
from tests.subscribers.subscriber_steps import SECRET, count

DAY = timedelta(days=1)
LATER = NOON + timedelta(minutes=5)
UNTIL = NOON + 14 * DAY
OWN_PAUSE = NOON + 3 * DAY
Act = Callable[[Database, Subscriber], object]


@pytest.fixture
def people(world: World) -> dict[str, int]:
    """A subscriber in each state, with what is special about the state."""
    rows = {
        "active": world.subscriber("active@example.com", first_digest_since=NOON, left_at=NOON - 9 * DAY),
        "paused": world.subscriber("paused@example.com", state="paused", paused_until=OWN_PAUSE),
        "pending": world.subscriber("pending@example.com", state="pending", confirmed_at=None),
        "unsubscribed": world.subscriber("left@example.com", state="unsubscribed", left_at=NOON - DAY),
        "suppressed": world.subscriber("bounced@example.com", state="suppressed"),
    }
    return {name: row.id for name, row in rows.items()}


def make(db: Database, action: BulkAction, ids: dict[str, int], now: datetime = NOON) -> Changed:
    """Do something with all of them."""
    match action:
        case BulkAction.PAUSE:
            return changes.pause(db, list(ids.values()), until=UNTIL, now=now)
        case BulkAction.RESUME:
            return changes.resume(db, list(ids.values()), now)
        case BulkAction.UNSUBSCRIBE:
            return changes.unsubscribe(db, list(ids.values()), now)


def standing(db: Database, ids: dict[str, int]) -> dict[str, tuple[object, ...]]:
    """What a change may write, of all of them."""
    with db.read() as tx:
        rows = {name: store.by_id(tx, subscriber_id) for name, subscriber_id in ids.items()}
        return {
            name: (row.state, row.paused_until, row.left_at, row.first_digest_since)
            for name, row in rows.items()
        }


@pytest.mark.parametrize(
    ("action", "changed"),
    [
        (BulkAction.PAUSE, {"active", "paused"}),
        (BulkAction.RESUME, {"paused"}),
        (BulkAction.UNSUBSCRIBE, {"active", "paused", "pending"}),
    ],
)
def test_undoing_gives_back_the_states_and_touches_nobody_else(
    db: Database, people: dict[str, int], action: BulkAction, changed: set[str]
) -> None:
    before = standing(db, people)
    done = make(db, action, people)
    between = standing(db, people)
    assert {name for name in people if between[name] != before[name]} == changed
    assert done.subscribers == len(changed)
    assert changes.undo(db, done.change_id, LATER) == (action, len(changed), 0, 0)
    assert standing(db, people) == before


def pause_to_the_same_day(db: Database, reader: Subscriber) -> None:
    lifecycle.pause(db, reader.public_id, UNTIL, LATER)


def resume(db: Database, reader: Subscriber) -> None:
    lifecycle.resume(db, reader.public_id, now=LATER)


def leave(db: Database, reader: Subscriber) -> None:
    unsubscribe(db, reader.public_id, origin="one-click", now=LATER)


def say_why(db: Database, reader: Subscriber) -> None:
    lifecycle.record_reason(db, reader.public_id, "too_much", "", LATER)


def complain(db: Database, reader: Subscriber) -> None:
    cause = SuppressionCause(SuppressionReason.COMPLAINED)
    with db.begin() as tx:
        lifecycle.suppress(tx, store.by_id(tx, reader.id), cause, secret=SECRET, now=LATER)


@pytest.mark.parametrize(
    ("action", "act", "state"),
    [
        (BulkAction.PAUSE, pause_to_the_same_day, "paused"),
        (BulkAction.PAUSE, resume, "active"),
        (BulkAction.PAUSE, leave, "unsubscribed"),
        (BulkAction.PAUSE, complain, "suppressed"),
        (BulkAction.RESUME, resume, "active"),  # "I want to get digests": they do already, and it stays so
        (BulkAction.UNSUBSCRIBE, leave, "unsubscribed"),
        (BulkAction.UNSUBSCRIBE, say_why, "unsubscribed"),
        (BulkAction.UNSUBSCRIBE, complain, "suppressed"),
    ],
)
def test_who_has_acted_meanwhile_keeps_their_state(
    db: Database, people: dict[str, int], action: BulkAction, act: Act, state: str
) -> None:
    done = make(db, action, people)
    with db.read() as tx:
        reader = store.by_id(tx, people["paused"])
    act(db, reader)
    undone = changes.undo(db, done.change_id, LATER)
    assert (undone.restored, undone.left) == (done.subscribers - 1, 1)
    assert standing(db, people)["paused"][0] == state


def test_choices_that_readers_made_meanwhile_stay_and_their_state_comes_back(
    db: Database, people: dict[str, int]
) -> None:
    done = make(db, BulkAction.PAUSE, people)
    with db.read() as tx:
        reader = store.by_id(tx, people["active"])
        wanted = store.subscription_of(reader)
    lifecycle.change_subscription(db, reader.public_id, replace(wanted, send_minute=600), now=LATER)
    assert changes.undo(db, done.change_id, LATER).restored == 2
    with db.read() as tx:
        row = store.by_id(tx, reader.id)
    assert (row.state, row.send_minute, row.next_due_at) == ("active", 600, None)


def test_several_changes_are_undone_the_last_one_first(db: Database, people: dict[str, int]) -> None:
    steps = [standing(db, people)]
    made = []
    for action in (BulkAction.PAUSE, BulkAction.RESUME, BulkAction.UNSUBSCRIBE):
        made.append(make(db, action, people))
        steps.append(standing(db, people))
    for done, before in zip(reversed(made), reversed(steps[:-1]), strict=True):
        assert changes.undo(db, done.change_id, LATER).restored == done.subscribers
        assert standing(db, people) == before


def test_an_earlier_change_is_undone_below_a_later_one(db: Database, people: dict[str, int]) -> None:
    before = standing(db, people)
    first = make(db, BulkAction.PAUSE, people)
    second = make(db, BulkAction.UNSUBSCRIBE, {"active": people["active"]})
    assert changes.undo(db, first.change_id, LATER) == (BulkAction.PAUSE, 1, 1, 0)
    assert standing(db, people)["active"][0] == "unsubscribed"
    assert standing(db, people)["paused"] == before["paused"]
    assert changes.undo(db, second.change_id, LATER) == (BulkAction.UNSUBSCRIBE, 1, 0, 0)
    assert standing(db, people) == before


def test_who_acted_between_two_changes_keeps_what_they_chose(db: Database, people: dict[str, int]) -> None:
    first = make(db, BulkAction.PAUSE, people)
    with db.read() as tx:
        resume(db, store.by_id(tx, people["active"]))
    between = standing(db, people)["active"]
    second = make(db, BulkAction.UNSUBSCRIBE, people)
    assert changes.undo(db, second.change_id, LATER) == (BulkAction.UNSUBSCRIBE, 3, 0, 0)
    assert standing(db, people)["active"] == between
    assert changes.undo(db, first.change_id, LATER) == (BulkAction.PAUSE, 1, 0, 1)
    assert standing(db, people)["active"] == between


def test_the_changes_that_can_be_undone_are_listed_the_last_one_first(
    db: Database, people: dict[str, int]
) -> None:
    first = changes.pause(db, [people["active"]], until=UNTIL, now=NOON, by="anna@example.org")
    second = make(db, BulkAction.UNSUBSCRIBE, people, now=LATER)
    assert [(row.id, row.account, number) for row, number in changes.undoable(db, LATER)] == [
        (second.change_id, "", 3),
        (first.change_id, "anna@example.org", 1),
    ]
    changes.undo(db, second.change_id, LATER)
    assert [row.id for row, _ in changes.undoable(db, LATER)] == [first.change_id]
    assert changes.undoable(db, NOON + UNDO_TIME + timedelta(seconds=1)) == []


def test_a_change_is_undone_once_and_within_an_hour(db: Database, people: dict[str, int]) -> None:
    done = make(db, BulkAction.PAUSE, people)
    with pytest.raises(NotFoundError):
        changes.undo(db, done.change_id, NOON + UNDO_TIME + timedelta(seconds=1))
    changes.undo(db, done.change_id, NOON + UNDO_TIME)
    with pytest.raises(ConflictError):
        changes.undo(db, done.change_id, NOON + UNDO_TIME)


def test_what_undoes_a_change_is_kept_for_an_hour_and_goes_with_its_subscriber(
    db: Database, people: dict[str, int]
) -> None:
    done = make(db, BulkAction.PAUSE, people)
    with db.read() as tx:
        public_id = store.by_id(tx, people["active"]).public_id
    lifecycle.erase(db, public_id, secret=SECRET, now=LATER)
    assert count(db, BulkChangeRow) == 1
    make(db, BulkAction.RESUME, people, now=LATER)
    assert changes.forget(db, NOON + UNDO_TIME) == 0
    assert changes.forget(db, NOON + UNDO_TIME + timedelta(seconds=1)) == 1
    assert (count(db, BulkChange), count(db, BulkChangeRow)) == (1, 1)
    with pytest.raises(NotFoundError):
        changes.undo(db, done.change_id, LATER)


def test_no_id_of_a_change_is_used_twice(db: Database, people: dict[str, int]) -> None:
    done = make(db, BulkAction.PAUSE, people)
    changes.forget(db, NOON + 2 * UNDO_TIME)
    assert count(db, BulkChangeRow) == 0
    assert make(db, BulkAction.PAUSE, people, now=NOON + 2 * UNDO_TIME).change_id > done.change_id


def test_more_than_one_statement_can_hold_are_undone(db: Database, world: World) -> None:
    world.many_subscribers(1_100)
    with db.read() as tx:
        ids = {str(row.id): row.id for row in store.iterate_all(tx)}
    done = make(db, BulkAction.UNSUBSCRIBE, ids)
    assert done.subscribers == 1_100
    assert changes.undo(db, done.change_id, LATER) == (BulkAction.UNSUBSCRIBE, 1_100, 0, 0)
    with db.read() as tx:
        assert store.count_by_state(tx) == {"active": 1_100}
