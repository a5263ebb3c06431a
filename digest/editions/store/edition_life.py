"""Changes the state of an edition, and logs each change: a line for each step of an edition's life."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, select, update

from digest.database import Tx, on_commit
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.look.store import newest_version

log = logging.getLogger(__name__)


def update_if(tx: Tx, edition_id: int, states: Sequence[EditionState], values: dict[str, Any]) -> bool:
    """Update an edition if it is in one of these states. Returns whether it was."""
    statement = update(Edition).where(Edition.id == edition_id, Edition.state.in_(states)).values(**values)
    if tx.execute(statement.returning(Edition.id)).first() is None:
        return False
    if "state" in values:
        on_commit(tx, partial(log_state, edition_id, values["state"]))
    return True


def settle_look(tx: Tx, edition: ColumnElement[bool]) -> None:
    """Give an edition that has none yet the look that counts now: all of its mails are made with it."""
    tx.execute(update(Edition).where(edition, Edition.look.is_(None)).values(look=newest_version(tx)))


def any_sent(tx: Tx) -> bool:
    """Whether any edition was ever sent, tests included."""
    return tx.scalar(select(Edition.id).where(Edition.state == EditionState.SENT).limit(1)) is not None


def log_state(edition_id: int, state: EditionState) -> None:
    """Log the state that an edition has got."""
    log.info("edition %d is now %s", edition_id, state, extra={"edition": edition_id, "state": str(state)})
