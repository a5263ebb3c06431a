"""Readers from a list that an editor has: checked line by line, known ones left as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.database import Database
from digest.errors import InvalidInputError, NotFoundError
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.csv_cells import plain_cell
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import Address, address_hash, read_address
from digest.subscribers.pure.subscription import Wishes, read_wishes
from digest.subscribers.store import subscribers as store

BATCH = 500  # readers a transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """What an import goes by."""

    tree: RegionTree
    languages: tuple[str, ...]
    secret: str
    consent: str
    now: datetime


@dataclass
class Imported:
    """What an import did; rejected lines with their number and the reason."""

    added: int = 0
    known: int = 0
    suppressed: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


def import_rows(db: Database, rows: Iterable[Mapping[str, str]], rules: Rules) -> Imported:
    """Add active subscribers; the first row is line 2 of the file, below its header."""
    done = Imported()
    batch: list[tuple[Address, Wishes]] = []
    for number, row in enumerate(rows, start=2):
        try:
            batch.append(_read(row, rules))
        except InvalidInputError as error:
            done.rejected.append((number, str(error)))
        except NotFoundError as error:
            done.rejected.append((number, str(error)))
        if len(batch) == BATCH:
            _save(db, batch, rules, done)
            batch = []
    _save(db, batch, rules, done)
    return done


def required(subscriber: Subscriber | None, email: str) -> Subscriber:
    """The subscriber, or NotFoundError that names the address."""
    if subscriber is None:
        raise NotFoundError(f"There is no subscriber {email}.")
    return subscriber


def _read(values: Mapping[str, str], rules: Rules) -> tuple[Address, Wishes]:
    address = read_address(plain_cell(values.get("email", "")))
    if (state := values.get("state") or "active") != "active":  # they left, paused, or never confirmed
        raise InvalidInputError(f'{address.email} is "{state[:20]}"; only those who are active are imported.')
    slugs = [rules.tree.resolve(name).slug for name in values.get("regions", "").split()]
    wishes = {"cadence": "daily", "time": "07:00", "zone": "UTC"} | {k: v for k, v in values.items() if v}
    return address, read_wishes(slugs, wishes, rules.tree, languages=rules.languages)


def _save(db: Database, batch: Iterable[tuple[Address, Wishes]], rules: Rules, done: Imported) -> None:
    with db.begin() as tx:
        for address, wishes in batch:
            if store.suppressed(tx, address_hash(rules.secret, address.key)):
                done.suppressed += 1
            elif store.by_address(tx, address):
                done.known += 1
            else:
                subscriber = store.add(tx, address, wishes, rules.now)
                subscriber.state, subscriber.confirmed_at = "active", rules.now
                store.consent(tx, subscriber, "imported", "import", wording=rules.consent, now=rules.now)
                done.added += 1
