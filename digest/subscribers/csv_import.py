"""Import of subscribers from a CSV file. Each line is checked; subscribers we already have stay as they are."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digest.database import Database
from digest.errors import InvalidInputError, NotFoundError
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.csv_cells import CsvImportResult, RejectedLine, unescape_cell
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import EmailAddress, address_hash, parse_address
from digest.subscribers.pure.subscription import Subscription, parse_subscription
from digest.subscribers.states import Cadence, SubscriberState
from digest.subscribers.store import subscribers as store
from digest.subscribers.store import suppressions

BATCH_SIZE = 500  # subscribers in one transaction
DEFAULTS = {"cadence": Cadence.DAILY.value, "time": "07:00", "zone": "UTC"}


@dataclass(frozen=True, slots=True)
class SubscriberImportContext:
    """The rules of an import, and the consent that it records for each subscriber."""

    tree: RegionTree
    languages: tuple[str, ...]
    secret: str
    consent_wording: str
    now: datetime
    default_kinds: Collection[str] = ()  # the operator's, beside news


@dataclass
class SubscriberImportResult(CsvImportResult):
    """The result of an import; `suppressed` counts the lines whose address is suppressed."""

    suppressed: int = 0


class _Row(NamedTuple):
    address: EmailAddress
    subscription: Subscription


def import_rows(
    db: Database, rows: Iterable[Mapping[str, str]], context: SubscriberImportContext
) -> SubscriberImportResult:
    """Add active subscribers; returns what became of the rows. The first row is line 2, below the header."""
    result = SubscriberImportResult()
    batch: list[_Row] = []
    for number, values in enumerate(rows, start=2):
        try:
            batch.append(_parse_row(values, context))
        except (InvalidInputError, NotFoundError) as error:
            result.rejected.append(RejectedLine(number, str(error)))
        if len(batch) == BATCH_SIZE:
            _save(db, batch, context, result)
            batch = []
    _save(db, batch, context, result)
    return result


def require_subscriber(subscriber: Subscriber | None, email: str) -> Subscriber:
    """The subscriber; raises NotFoundError with the address when there is none."""
    if subscriber is None:
        raise NotFoundError(f"There is no subscriber {email}.")
    return subscriber


def _parse_row(values: Mapping[str, str], context: SubscriberImportContext) -> _Row:
    address = parse_address(unescape_cell(values.get("email", "")))
    # Subscribers in the other states left, paused or never confirmed.
    if (state := values.get("state") or SubscriberState.ACTIVE) != SubscriberState.ACTIVE:
        raise InvalidInputError(f'{address.email} is "{state[:20]}"; only those who are active are imported.')
    slugs = [context.tree.resolve(name).slug for name in values.get("regions", "").split()]
    fields = DEFAULTS | {name: value for name, value in values.items() if value}
    subscription = parse_subscription(
        slugs, fields, context.tree, languages=context.languages, default_kinds=context.default_kinds
    )
    return _Row(address, subscription)


def _save(
    db: Database, batch: Iterable[_Row], context: SubscriberImportContext, result: SubscriberImportResult
) -> None:
    with db.begin() as tx:
        for address, subscription in batch:
            if suppressions.find_by_hash(tx, address_hash(context.secret, address.key)):
                result.suppressed += 1
            elif store.find_by_address(tx, address):
                result.known += 1
            else:
                lifecycle.add_confirmed(
                    tx, address, subscription, wording=context.consent_wording, now=context.now
                )
                result.added += 1
