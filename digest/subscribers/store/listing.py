"""Queries for the list of subscribers in the newsroom: filters, orders, and pages by key.

A page is found by the key that the page before it ended with, so that the thousandth page costs as much as the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from digest.database import Tx, chunked, is_one_of
from digest.list_pages import ListPage, make_page
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.states import Cadence, SubscriberState
from digest.subscribers.store.notes import subscribers_with_notes

PAGE_SIZE = 50  # rows of a page
MAX_COUNTED = 10_000  # more matches are not counted for a page: it would read the whole table
FETCH_SIZE = 1_000  # rows of an export that are in memory at once


class Order(StrEnum):
    """The orders of the list. Each has a unique key with an index."""

    NEWEST = "newest"
    OLDEST = "oldest"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class SubscriberFilter:
    """What a manager looks for among the subscribers. Empty fields do not filter."""

    text: str = ""  # anywhere in the address
    state: SubscriberState | None = None
    region: str = ""  # slug of a region that they chose itself, not one that contains it
    language: str = ""
    cadence: Cadence | None = None
    joined_since: datetime | None = None
    joined_before: datetime | None = None
    without_digest_since: datetime | None = None  # had no digest since then, or none at all
    among: Any = None  # a query for ids, such as those of subscribers whose mails bounced
    with_notes: bool = False
    ids: tuple[int, ...] = ()  # these subscribers only


def search(
    tx: Tx, chosen: SubscriberFilter, order: Order, *, after: str = "", before: str = ""
) -> tuple[ListPage[Subscriber], int]:
    """The page after, or before, a key of the list, and how many match (MAX_COUNTED + 1 for more than that).

    A part of an address is searched in all addresses. So they are read once, and page and number come from the matches.
    """
    if not chosen.text:
        found = page(tx, chosen, order, after=after, before=before)
        is_whole = not found.newer and not found.older
        return found, len(found.rows) if is_whole else count(tx, chosen)
    column, descending = _key(order)
    matching = select(column).where(*_conditions(chosen)).limit(MAX_COUNTED + 1)
    keys = sorted(tx.scalars(matching), reverse=descending)
    if len(keys) > MAX_COUNTED:  # as each page is full of matches, it is found soon
        return page(tx, chosen, order, after=after, before=before), len(keys)
    limit = _key_value(column, before or after) if before or after else None
    place = 0
    if limit is not None:
        place = sum(key > limit if descending else key < limit for key in keys)
        place = place - PAGE_SIZE if before else place + (limit in keys)
    first = max(place, 0)
    wanted = keys[first : first + PAGE_SIZE]
    query = (
        select(Subscriber).options(joinedload(Subscriber.preferences)).where(is_one_of(tx, column, wanted))
    )
    rows = sorted(tx.scalars(query), key=attrgetter(column.key), reverse=descending)
    newer = str(wanted[0]) if wanted and first else ""
    older = str(wanted[-1]) if first + PAGE_SIZE < len(keys) else ""
    return ListPage(rows, newer, older), len(keys)


def page(
    tx: Tx, chosen: SubscriberFilter, order: Order, *, after: str = "", before: str = ""
) -> ListPage[Subscriber]:
    """The page after, or before, a key of the list; the first one without a key."""
    column, descending = _key(order)
    backwards = bool(before)
    query = select(Subscriber).options(joinedload(Subscriber.preferences)).where(*_conditions(chosen))
    key = before or after
    if key:
        value = _key_value(column, key)
        query = query.where(column < value if descending != backwards else column > value)
    ordered = query.order_by(column.desc() if descending != backwards else column.asc())
    found = tx.scalars(ordered.limit(PAGE_SIZE + 1)).all()
    return make_page(
        found, PAGE_SIZE, lambda row: str(getattr(row, column.key)), backwards=backwards, is_first=not key
    )


def count(tx: Tx, chosen: SubscriberFilter, *, at_most: int = MAX_COUNTED) -> int:
    """How many subscribers match; `at_most` + 1 if there are more than that."""
    matching = select(Subscriber.id).where(*_conditions(chosen)).limit(at_most + 1)
    return tx.scalar(select(func.count()).select_from(matching.subquery())) or 0


def ids(tx: Tx, chosen: SubscriberFilter, *, limit: int) -> list[int]:
    """The ids of the subscribers that match, up to `limit`."""
    return list(
        tx.scalars(select(Subscriber.id).where(*_conditions(chosen)).order_by(Subscriber.id).limit(limit))
    )


def export(tx: Tx, chosen: SubscriberFilter) -> Iterator[Subscriber]:
    """The subscribers that match, by id; only some of them are in memory at once."""
    query = select(Subscriber).options(joinedload(Subscriber.preferences)).where(*_conditions(chosen))
    yield from tx.scalars(query.order_by(Subscriber.id).execution_options(yield_per=FETCH_SIZE))


def public_ids(tx: Tx, subscriber_ids: Sequence[int]) -> list[str]:
    """The public ids of these subscribers."""
    found: list[str] = []
    for chunk in chunked(subscriber_ids):
        found += tx.scalars(select(Subscriber.public_id).where(is_one_of(tx, Subscriber.id, chunk)))
    return found


def languages(tx: Tx) -> list[str]:
    """The languages of digests that somebody chose."""
    return sorted(tx.scalars(select(Preferences.language).distinct()))


def _key(order: Order) -> tuple[InstrumentedAttribute[Any], bool]:
    """The column of an order, and whether it goes down."""
    if order is Order.ADDRESS:
        return Subscriber.email_key, False
    return Subscriber.id, order is Order.NEWEST


def _key_value(column: InstrumentedAttribute[Any], key: str) -> object:
    if column is not Subscriber.id:
        return key
    return int(key) if key.isascii() and key.isdigit() and len(key) < 11 else 0


def _conditions(chosen: SubscriberFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.ids:
        where.append(Subscriber.id.in_(chosen.ids))
    if chosen.text:
        where.append(Subscriber.email_key.contains(chosen.text.casefold(), autoescape=True))
    if chosen.state is not None:
        where.append(Subscriber.state == chosen.state)
    if chosen.cadence is not None:
        where.append(Subscriber.cadence == chosen.cadence)
    if chosen.among is not None:
        where.append(Subscriber.id.in_(chosen.among))
    if chosen.with_notes:
        where.append(Subscriber.id.in_(subscribers_with_notes()))
    return [*where, *_time_conditions(chosen), *_preference_conditions(chosen)]


def _time_conditions(chosen: SubscriberFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if chosen.joined_since is not None:
        where.append(Subscriber.created_at >= chosen.joined_since)
    if chosen.joined_before is not None:
        where.append(Subscriber.created_at < chosen.joined_before)
    if chosen.without_digest_since is not None:
        has_none = Subscriber.last_slot_at.is_(None)
        where.append(has_none | (Subscriber.last_slot_at < chosen.without_digest_since))
    return where


def _preference_conditions(chosen: SubscriberFilter) -> list[ColumnElement[bool]]:
    if not chosen.region and not chosen.language:
        return []
    keys = select(Preferences.key)
    if chosen.region:  # the slugs are stored as a JSON list: ["kz", "central-asia"]
        keys = keys.where(cast(Preferences.regions, Text).contains(f'"{chosen.region}"', autoescape=True))
    if chosen.language:
        keys = keys.where(Preferences.language == chosen.language)
    return [Subscriber.preferences_key.in_(keys)]
