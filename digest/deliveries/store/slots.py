"""Queries over the slots of senders: take, renew and give back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import CursorResult, delete, select, update

from digest.database import Tx, insert_missing
from digest.deliveries.models import SenderSlot


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot as it was read. While its holder lives, `renewals` grows."""

    number: int
    holder: str  # "" for none
    renewals: int
    process: str


def read_slots(tx: Tx, numbers: range) -> Sequence[SlotState]:
    """The slots of these numbers, and those above them that are still taken; creates the missing ones first."""
    existing = set(tx.scalars(select(SenderSlot.number)))
    missing = [
        {"number": number, "holder": "", "renewals": 0, "process": ""}
        for number in numbers
        if number not in existing
    ]
    insert_missing(tx, SenderSlot, missing, keys=["number"])
    columns = (SenderSlot.number, SenderSlot.holder, SenderSlot.renewals, SenderSlot.process)
    of_kind = SenderSlot.number >= 1 if numbers[0] else SenderSlot.number == 0
    return [
        SlotState(*row) for row in tx.execute(select(*columns).where(of_kind).order_by(SenderSlot.number))
    ]


def take(tx: Tx, seen: SlotState, holder: str, process: str) -> bool:
    """Give a slot to `holder`, unless it has changed since it was seen; returns whether it did."""
    return _update(tx, seen, holder=holder, process=process, renewals=seen.renewals + 1)


def clear(tx: Tx, seen: SlotState) -> bool:
    """Take a slot from a holder that has died, unless it has changed since it was seen; returns whether it did."""
    return _update(tx, seen, holder="", process="", renewals=seen.renewals + 1)


def renew(tx: Tx, number: int, holder: str) -> bool:
    """Show that a holder lives; returns whether it still has the slot."""
    own = (SenderSlot.number == number, SenderSlot.holder == holder)
    result = tx.execute(
        update(SenderSlot).where(*own).values(renewals=SenderSlot.renewals + 1),
        execution_options={"synchronize_session": False},
    )
    return _rowcount(result) == 1


def give_back(tx: Tx, number: int, holder: str) -> None:
    """End a holder's use of its slot."""
    own = (SenderSlot.number == number, SenderSlot.holder == holder)
    tx.execute(
        update(SenderSlot).where(*own).values(holder="", process=""),
        execution_options={"synchronize_session": False},
    )


def drop_above(tx: Tx, count: int) -> None:
    """Delete the free slots with numbers above `count`, after `SENDERS` was lowered."""
    tx.execute(
        delete(SenderSlot).where(SenderSlot.number > count, SenderSlot.holder == ""),
        execution_options={"synchronize_session": False},
    )


def _update(tx: Tx, seen: SlotState, **values: object) -> bool:
    unchanged = (
        SenderSlot.number == seen.number,
        SenderSlot.holder == seen.holder,
        SenderSlot.renewals == seen.renewals,
    )
    statement = update(SenderSlot).where(*unchanged).values(**values)
    return _rowcount(tx.execute(statement, execution_options={"synchronize_session": False})) == 1


def _rowcount(result: object) -> int:
    return cast("CursorResult[object]", result).rowcount
