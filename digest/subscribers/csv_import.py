"""Import of subscribers from a CSV file. Each row is checked; subscribers we already have stay as they are."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from digest.database import Database, chunked
from digest.errors import InvalidInputError, NewsroomText, NotFoundError
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers import lifecycle
from digest.subscribers.csv_cells import CsvImportResult, RejectedLine
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.csv_columns import ColumnMap
from digest.subscribers.pure.csv_tables import CsvRow
from digest.subscribers.pure.email_address import EmailAddress, address_hash, parse_address
from digest.subscribers.pure.import_values import find_regions, spell_fields
from digest.subscribers.pure.standing import check_receives
from digest.subscribers.pure.subscription import Subscription, parse_subscription
from digest.subscribers.states import Cadence
from digest.subscribers.store import imported_subscribers, suppressions

BATCH_SIZE = 2_000  # subscribers in one transaction
MOST_CACHED = 10_000  # different subscriptions of a file that are remembered
DEFAULTS = {"cadence": Cadence.DAILY.value, "time": "07:00", "zone": "UTC"}
SUBSCRIPTION_FIELDS = (
    "regions", "cadence", "weekday", "time", "zone", "language", "size", "kinds", "languages_read", "show_why"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SubscriberImportContext:
    """The rules of an import, the values of rows that say nothing, and the consent that it records for each subscriber.

    A `dry_run` writes nothing.
    """

    tree: RegionTree
    languages: tuple[str, ...]
    secret: str
    consent_wording: str
    now: datetime
    default_kinds: Collection[str] = ()  # the operator's, beside news
    defaults: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False


@dataclass
class SubscriberImportResult(CsvImportResult):
    """The result of an import. `suppressed` counts the rows whose address is suppressed.

    `repeated` are rows with an address of an earlier row, which was used.
    """

    suppressed: int = 0
    repeated: list[RejectedLine] = field(default_factory=list)


class _NewcomerRow(NamedTuple):
    number: int
    address: EmailAddress
    subscription: Subscription


def import_rows(
    db: Database, rows: Iterable[CsvRow], columns: ColumnMap, context: SubscriberImportContext
) -> SubscriberImportResult:
    """Add active subscribers; returns what became of each row. Raises InvalidInputError if a default is wrong."""
    check_defaults(context)
    result = SubscriberImportResult()
    for batch in chunked(_read_rows(rows, columns, context, result), BATCH_SIZE):
        _save(db, batch, context, result)
    return result


def require_subscriber(subscriber: Subscriber | None, email: str) -> Subscriber:
    """The subscriber; raises NotFoundError with the address when there is none."""
    if subscriber is None:
        raise NotFoundError(NewsroomText("There is no subscriber %(email)s.", email=email))
    return subscriber


def check_defaults(context: SubscriberImportContext) -> None:
    unknown = context.defaults.keys() - set(SUBSCRIPTION_FIELDS)
    if unknown:
        raise InvalidInputError(
            NewsroomText(
                '"%(value)s" can\'t have a default (possible are %(names)s).',
                value=min(unknown)[:40],
                names=", ".join(SUBSCRIPTION_FIELDS),
            )
        )
    if context.defaults:  # with some region, because the file may name them
        parse_fields({"regions": context.tree.all()[0].slug, **context.defaults}, context)


def _read_rows(
    rows: Iterable[CsvRow],
    columns: ColumnMap,
    context: SubscriberImportContext,
    result: SubscriberImportResult,
) -> Iterable[_NewcomerRow]:
    """The rows that can be added. The others go into `result`."""
    numbers: dict[str, int] = {}  # by address key
    cache: dict[tuple[tuple[str, str], ...], Subscription] = {}
    for number, cells in rows:
        try:
            values = columns.values(cells)
            address = parse_address(next(iter(values.get("email", ())), ""))
            check_receives(values, address.email)
            fields = {name: values[name][0] for name in SUBSCRIPTION_FIELDS if name in values}
            key = tuple(fields.items())
            if key not in cache:
                if len(cache) >= MOST_CACHED:
                    cache.clear()
                cache[key] = parse_fields(fields, context)
        except (InvalidInputError, NotFoundError) as error:
            result.rejected.append(RejectedLine(number, str(error)))
            continue
        first = numbers.setdefault(address.key, number)
        if first != number:
            result.repeated.append(
                RejectedLine(number, f"{address.email} is in line {first} already, which was used")
            )
        else:
            yield _NewcomerRow(number, address, cache[key])


def parse_fields(fields: Mapping[str, str], context: SubscriberImportContext) -> Subscription:
    fields = spell_fields({**DEFAULTS, **context.defaults, **fields}, context.languages)
    slugs = find_regions(fields.pop("regions", ""), context.tree)
    return parse_subscription(
        slugs, fields, context.tree, languages=context.languages, default_kinds=context.default_kinds
    )


def _save(
    db: Database,
    batch: Iterable[_NewcomerRow],
    context: SubscriberImportContext,
    result: SubscriberImportResult,
) -> None:
    newcomers = {row.address: row.subscription for row in batch}
    hashes = {address: address_hash(context.secret, address.key) for address in newcomers}
    with db.read() if context.dry_run else db.begin() as tx:
        suppressed = suppressions.suppressed_hashes(tx, hashes.values())
        allowed = {address: newcomers[address] for address in newcomers if hashes[address] not in suppressed}
        existing = imported_subscribers.known_keys(tx, [address.key for address in allowed])
        missing = {address: allowed[address] for address in allowed if address.key not in existing}
        added = len(missing)
        if not context.dry_run:
            added = lifecycle.add_confirmed(tx, missing, wording=context.consent_wording, now=context.now)
    result.suppressed += len(newcomers) - len(allowed)
    result.known += len(allowed) - added
    result.added += added
