"""An edition that fails is paused once, with its reason, in the audit trail and for webhooks."""

import pytest

from digest.accounts.store import audit
from digest.database import Database
from digest.deliveries.oversight.circuit_breaker import failure_reason, pause_edition, pause_if_failing
from digest.deliveries.states import DeliveryState
from digest.editions.models import Edition as EditionRow
from digest.editions.states import EditionState
from tests.builders import World
from tests.conftest import NOON
from tests.deliveries.test_loading_claims import Edition


def state(db: Database, edition: Edition) -> EditionState:
    with db.read() as tx:
        return tx.get_one(EditionRow, edition.id).state


def test_an_edition_with_complaints_is_paused_once(
    db: Database, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    edition = Edition(db, world)
    edition.add(state=DeliveryState.ACCEPTED, subscriber=None)
    assert pause_if_failing(db, edition.id, NOON) == ""
    assert pause_if_failing(db, edition.id, NOON, complaints=2) == ""
    assert state(db, edition) == EditionState.SENDING
    reason = pause_if_failing(db, edition.id, NOON, complaints=3)
    assert reason.startswith("3 complaints about 1 mails")
    assert state(db, edition) == EditionState.PAUSED
    assert pause_if_failing(db, edition.id, NOON, complaints=9) == ""
    assert not pause_edition(db, edition.id, "again", NOON)
    with db.read() as tx:
        entries, _ = audit.audit_trail(tx)
    assert [(entry.target, entry.after) for entry in entries] == [
        (f"edition {edition.id}", {"reason": reason})
    ]
    assert caplog.text.count(f"edition {edition.id} paused") == 1


def test_a_server_that_refused_everything_is_counted_right() -> None:
    assert failure_reason({DeliveryState.REFUSED: 200}).startswith("200 of 200 mails were refused")
    assert failure_reason({}) == ""
