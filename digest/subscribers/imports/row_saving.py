"""Saves a batch of rows: new subscribers, and addresses that nobody may write to. Those we have stay as they are.

Only what an export says against an address changes a subscriber of ours: that it bounces, is blocked, or complained.
"""

from collections import Counter
from collections.abc import Iterable

from digest.database import Tx
from digest.subscribers import lifecycle
from digest.subscribers.imports.row_reading import ImportRow
from digest.subscribers.imports.rules import ImportRules
from digest.subscribers.pure.email_address import address_hash
from digest.subscribers.pure.standing import Standing
from digest.subscribers.states import ImportOutcome, SuppressionReason
from digest.subscribers.store import imported_subscribers, imports, subscribers, suppressions
from digest.subscribers.store.imported_subscribers import ImportedPerson
from digest.subscribers.store.suppressions import SuppressionCause

SUPPRESSED_FOR = {
    Standing.BOUNCED: SuppressionReason.BOUNCED,
    Standing.COMPLAINED: SuppressionReason.COMPLAINED,
    Standing.BLOCKED: SuppressionReason.IMPORTED,
}
SUPPRESSION_DETAIL = "import: "  # how the details of suppressions begin that an import made


class RowSaver:
    """Saves rows for an import that is recorded with this id; without one, nothing is written: a dry run."""

    def __init__(self, rules: ImportRules, import_id: int | None) -> None:
        self._rules, self._import_id = rules, import_id

    def save(self, tx: Tx, batch: Iterable[ImportRow]) -> Counter[ImportOutcome]:
        """Save the rows; returns how many have each outcome."""
        rows, counts = list(batch), Counter[ImportOutcome]()
        hashes = {row.address.key: address_hash(self._rules.secret, row.address.key) for row in rows}
        suppressed = suppressions.suppressed_hashes(tx, hashes.values())
        known = imported_subscribers.known_keys(tx, hashes)
        people: list[ImportedPerson] = []
        for row in rows:
            key = hashes[row.address.key]
            if row.sign.standing in SUPPRESSED_FOR:
                counts[self._suppress(tx, row, key, is_suppressed=key in suppressed)] += 1
            elif key in suppressed and row.sign.standing is Standing.ACTIVE:
                counts[ImportOutcome.REFUSED] += 1
            elif row.address.key in known or key in suppressed or row.person is None:
                counts[ImportOutcome.KNOWN] += 1
            else:
                people.append(row.person)
        return counts + self._add(tx, people)

    def _add(self, tx: Tx, people: list[ImportedPerson]) -> Counter[ImportOutcome]:
        gone = sum(person.left_at is not None for person in people)
        added = len(people)
        if self._import_id is not None:
            ids = lifecycle.add_imported(tx, people, now=self._rules.now)
            imports.record_added(tx, self._import_id, ids)
            added = len(ids)
        # Somebody who has subscribed in the meantime is known.
        return +Counter(
            {
                ImportOutcome.LEFT: gone,
                ImportOutcome.ACTIVE: added - gone,
                ImportOutcome.KNOWN: len(people) - added,
            }
        )

    def _suppress(self, tx: Tx, row: ImportRow, key: str, *, is_suppressed: bool) -> ImportOutcome:
        if is_suppressed:
            return ImportOutcome.KNOWN
        if self._import_id is not None:
            subscriber = subscribers.find_by_address(tx, row.address)
            imports.record_suppressed(tx, self._import_id, key, subscriber)
            cause = SuppressionCause(
                SUPPRESSED_FOR[row.sign.standing], f"{SUPPRESSION_DETAIL}{row.sign.text}"
            )
            since = min(row.since, self._rules.now) if row.since else None
            lifecycle.suppress_address_within(
                tx, row.address, cause, secret=self._rules.secret, now=self._rules.now, since=since
            )
        return ImportOutcome.SUPPRESSED
