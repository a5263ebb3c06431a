"""Changes of many, readers who act between them, and undoing in any order: what was at first comes back."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    rule,
    run_state_machine_as_test,
)

from digest.database import Database
from digest.feedback.unsubscribing import unsubscribe
from digest.subscribers import lifecycle
from digest.subscribers.bulk import changes
from digest.subscribers.bulk.changes import Changed
from digest.subscribers.states import BulkAction
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.conftest import NOON

DAY = timedelta(days=1)
PEOPLE = range(3)


class ChangesOfMany(RuleBasedStateMachine):
    """Three subscribers. `kept` is what each has once all is undone: what they had at first, or chose since."""

    made: Bundle[Changed] = Bundle("made")

    def __init__(self, db: Database, world: World) -> None:
        super().__init__()
        self.db, self.world, self.now = db, world, NOON

    @initialize()
    def begin(self) -> None:
        rows = [
            self.world.subscriber(first_digest_since=NOON),
            self.world.subscriber(state="paused", paused_until=NOON + 3 * DAY),
            self.world.subscriber(state="pending", confirmed_at=None),
        ]
        self.ids = [row.id for row in rows]
        self.kept = [self.standing(person) for person in PEOPLE]
        self.open: set[int] = set()

    @rule(
        target=made, action=st.sampled_from(BulkAction), people=st.sets(st.sampled_from(PEOPLE), min_size=1)
    )
    def change(self, action: BulkAction, people: set[int]) -> Any:
        self.now += timedelta(seconds=1)
        ids = [self.ids[person] for person in people]
        match action:
            case BulkAction.PAUSE:
                done = changes.pause(self.db, ids, until=self.now + DAY, now=self.now)
            case BulkAction.RESUME:
                done = changes.resume(self.db, ids, self.now)
            case BulkAction.UNSUBSCRIBE:
                done = changes.unsubscribe(self.db, ids, self.now)
        self.open.add(done.change_id)
        return done

    @rule(person=st.sampled_from(PEOPLE), leaves=st.booleans())
    def act(self, person: int, leaves: bool) -> None:
        self.now += timedelta(seconds=1)
        public_id = self.row(person).public_id
        if leaves:
            unsubscribe(self.db, public_id, origin="page", now=self.now)
        else:
            lifecycle.resume(self.db, public_id, now=self.now)
        self.kept[person] = self.standing(person)

    @rule(done=consumes(made))
    def undo(self, done: Changed) -> None:
        undone = changes.undo(self.db, done.change_id, self.now)
        assert undone.restored + undone.later + undone.left == done.subscribers
        self.open.remove(done.change_id)

    def teardown(self) -> None:
        for change_id in sorted(self.open, reverse=True):
            changes.undo(self.db, change_id, self.now)
        assert [self.standing(person) for person in PEOPLE] == self.kept

    def row(self, person: int) -> Any:
        with self.db.read() as tx:
            return store.by_id(tx, self.ids[person])

    def standing(self, person: int) -> tuple[object, ...]:
        row = self.row(person)
        return row.state, row.paused_until, row.left_at, row.first_digest_since


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
def test_undoing_all_changes_in_any_order_gives_what_was_at_first(db: Database, world: World) -> None:
    run_state_machine_as_test(
        lambda: ChangesOfMany(db, world),  # type: ignore[arg-type]  # it takes what makes a machine, too
        settings=settings(max_examples=10, stateful_step_count=10, deadline=None),
    )
