"""Queries over what editors saw of editions that are not sent yet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from digest.database import Tx
from digest.editions.models import EditionSnapshot


def save(tx: Tx, edition_id: int, stories: Sequence[Any], *, mails: int, author: str, now: datetime) -> None:
    """Keep what somebody saw of an edition; it replaces what was seen before. `stories` is a list for JSON."""
    tx.merge(
        EditionSnapshot(edition_id=edition_id, at=now, author=author, mails=mails, stories=list(stories))
    )


def find(tx: Tx, edition_id: int) -> EditionSnapshot | None:
    """What was last seen of an edition."""
    return tx.get(EditionSnapshot, edition_id)
