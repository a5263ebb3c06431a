"""The list of editions in the newsroom: its orders, and pages by the key that the page before ended with."""

from collections.abc import Sequence
from enum import StrEnum
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, func, select, tuple_, union_all

from digest.database import Tx
from digest.deliveries.models import ArchivedDeliveryCount, DeliveryRange
from digest.deliveries.states import DeliveryState
from digest.editions.models import Edition
from digest.editions.states import EditionKind
from digest.list_pages import ListPage, make_page

PAGE_SIZE = 30
MAX_KEY_DIGITS = 18  # what a column of 64 bits holds


class EditionOrder(StrEnum):
    """The orders of the list. Each has a unique key, and none reads deliveries."""

    NEWEST = "newest"
    OLDEST = "oldest"
    MAILS = "mails"  # most first
    REFUSED = "refused"  # most first
    BOUNCED = "bounced"  # most first


COUNTED: dict[EditionOrder, tuple[DeliveryState, ...]] = {
    EditionOrder.MAILS: tuple(DeliveryState),
    EditionOrder.REFUSED: (DeliveryState.REFUSED,),
}


def page(
    tx: Tx,
    kind: EditionKind | None,
    order: EditionOrder,
    *,
    bounces: Select[tuple[int, int]],
    after: str = "",
    before: str = "",
) -> ListPage[Edition]:
    """The page after, or before, a key of the list; the first one without a key, or with a wrong one.

    `bounces` selects editions and how many of their mails bounced; the order BOUNCED reads it.
    """
    query, columns = _ordered_by(order, bounces)
    if kind is not None:
        query = query.where(Edition.kind == kind)
    backwards = bool(before)
    goes_down = (order is not EditionOrder.OLDEST) != backwards
    if key := _parse_key(before or after, len(columns)):
        place = tuple_(*columns)
        query = query.where(place < tuple_(*key) if goes_down else place > tuple_(*key))
    ordered = query.order_by(*(column.desc() if goes_down else column.asc() for column in columns))
    found = tx.execute(ordered.limit(PAGE_SIZE + 1)).all()
    page = make_page(found, PAGE_SIZE, _key, backwards=backwards, is_first=not key)
    return ListPage([row[0] for row in page.rows], page.newer, page.older)


def count(tx: Tx, kind: EditionKind | None) -> int:
    """How many editions of a kind, or of all, there are."""
    query = select(func.count()).select_from(Edition)
    return tx.scalar(query if kind is None else query.where(Edition.kind == kind)) or 0


def _ordered_by(
    order: EditionOrder, bounces: Select[tuple[int, int]]
) -> tuple["Select[Any]", list[ColumnElement[int]]]:
    """The editions with the columns that an order compares."""
    if order in (EditionOrder.NEWEST, EditionOrder.OLDEST):
        by_id: Any = select(Edition, Edition.id)
        return by_id, [Edition.id.expression]
    counted = bounces.subquery() if order is EditionOrder.BOUNCED else _counted_mails(COUNTED[order])
    edition_id, mails = counted.c
    columns = [func.coalesce(mails, 0), Edition.id.expression]
    return select(Edition, *columns).outerjoin(counted, edition_id == Edition.id), columns


def _counted_mails(states: Sequence[DeliveryState]) -> Subquery:
    """The editions and how many of their mails are in some states.

    Mails are those that ranges and archived editions have counted. A range that is being sent counts as it did when it
    was claimed, and mails that are in no range yet do not count.
    """
    numbers = [func.coalesce(DeliveryRange.counts[state.value].as_integer(), 0) for state in states]
    archived = ArchivedDeliveryCount
    counted = union_all(
        select(DeliveryRange.edition_id, reduce(add, numbers).label("mails")),
        select(archived.edition_id, archived.count).where(archived.state.in_(states)),
    ).subquery()
    of_edition = select(counted.c.edition_id, func.sum(counted.c.mails).label("mails"))
    return of_edition.group_by(counted.c.edition_id).subquery()


def _key(row: "Row[Any]") -> str:
    values: list[Any] = list(row[1:])
    return ".".join(str(int(value)) for value in values)


def _parse_key(text: str, length: int) -> list[int] | None:
    numbers = text.split(".")
    is_key = all(n.isascii() and n.isdigit() and len(n) <= MAX_KEY_DIGITS for n in numbers)
    return [int(n) for n in numbers] if is_key and len(numbers) == length else None
