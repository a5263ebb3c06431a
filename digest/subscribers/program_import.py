"""Import of everybody whom another program's export has: who gets mails, who left, and whom nobody may write to.

Each row is in exactly one count of the result. Subscribers whom we have stay as they are, unless the export says that
their address bounces, is blocked, or complained.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from digest.database import Database, Tx, chunked
from digest.errors import InvalidInputError, NotFoundError
from digest.networks import UNKNOWN_NETWORK, narrow_network
from digest.subscribers import csv_import, lifecycle
from digest.subscribers.csv_import import SubscriberImportContext
from digest.subscribers.pure.csv_columns import ColumnMap
from digest.subscribers.pure.csv_tables import CsvTable
from digest.subscribers.pure.email_address import EmailAddress, address_hash, parse_address
from digest.subscribers.pure.import_moments import read_moment
from digest.subscribers.pure.programs import Program
from digest.subscribers.pure.standing import FLAGS, SEVERITY, Sign, Standing, read_standing
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store import imported_subscribers, suppressions
from digest.subscribers.store.imported_subscribers import ImportedPerson
from digest.subscribers.store.suppressions import SuppressionCause

MAX_EVIDENCE_LENGTH = 500  # characters of what a row says about somebody's consent
SUPPRESSED_FOR = {
    Standing.BOUNCED: SuppressionReason.BOUNCED,
    Standing.COMPLAINED: SuppressionReason.COMPLAINED,
    Standing.BLOCKED: SuppressionReason.IMPORTED,
}
WORLD = "world"  # what those who left get if they come back, unless the import names regions
EVIDENCE_FIELDS = ("state", "joined", "confirmed", "network", *FLAGS)
NOT_CONFIRMED = "never confirmed there, so nobody may write to them before they subscribe here"


class ExportFile(NamedTuple):
    """A file of an export, and which columns it has."""

    name: str
    table: CsvTable
    columns: ColumnMap


@dataclass(frozen=True, slots=True, order=True)
class RowRemark:
    """Something about a row of a file."""

    file: str
    line: int
    text: str


@dataclass
class ProgramImportResult:
    """What became of the rows of an export."""

    active: int = 0  # added
    left: int = 0  # added as unsubscribed
    suppressed: int = 0
    known: int = 0  # are subscribers already, or suppressed already
    refused: int = 0  # got mails there, and are suppressed here
    unconfirmed: list[RowRemark] = field(default_factory=list)
    repeated: list[RowRemark] = field(default_factory=list)
    rejected: list[RowRemark] = field(default_factory=list)
    remarks: list[RowRemark] = field(default_factory=list)  # about rows that are in another count


class _Row(NamedTuple):
    file: str
    line: int
    address: EmailAddress
    sign: Sign
    person: ImportedPerson | None  # None: is only suppressed
    since: datetime | None  # of the sign

    def remark(self, text: str) -> RowRemark:
        return RowRemark(self.file, self.line, text)


def import_export(
    db: Database, files: Iterable[ExportFile], program: Program, context: SubscriberImportContext
) -> ProgramImportResult:
    """Import the files of an export. Raises InvalidInputError if a default is wrong.

    If an address is in several rows, the one that speaks most against mail counts, in whatever order they come.
    """
    csv_import.check_defaults(context)
    result = ProgramImportResult()
    rows: dict[str, _Row] = {}
    for file in files:
        for row in _read_rows(file, program, context, result):
            _keep_strictest(rows, row, result)
    strictest_first = sorted(rows.values(), key=lambda row: -SEVERITY[row.sign.standing])
    for batch in chunked(strictest_first, csv_import.BATCH_SIZE):
        with db.read() if context.dry_run else db.begin() as tx:
            _save(tx, batch, context, result)
    return result


def _keep_strictest(rows: dict[str, _Row], row: _Row, result: ProgramImportResult) -> None:
    other = rows.get(row.address.key)
    if other is None:
        rows[row.address.key] = row
        return
    stricter, milder = (
        (row, other) if SEVERITY[row.sign.standing] > SEVERITY[other.sign.standing] else (other, row)
    )
    rows[row.address.key] = stricter
    where = f"{stricter.file}, line {stricter.line}"
    result.repeated.append(milder.remark(f"{milder.address.email} is also in {where}, which was used"))


def _read_rows(
    file: ExportFile, program: Program, context: SubscriberImportContext, result: ProgramImportResult
) -> Iterator[_Row]:
    """The rows that can be imported. The others go into `result`."""
    usual = program.standing_of_file(file.name)
    for line, cells in file.table.rows:
        try:
            values = file.columns.values(cells)
            address = parse_address(next(iter(values.get("email", ())), ""))
            sign = read_standing(values, program.words, address.email)
            if sign is None or SEVERITY[sign.standing] < SEVERITY[usual]:
                sign = Sign(usual, sign.text if sign else file.name)
            person = None
            if sign.standing in (Standing.ACTIVE, Standing.LEFT):
                person = _person(file, cells, sign, address, program=program, context=context)
        except (InvalidInputError, NotFoundError) as error:
            result.rejected.append(RowRemark(file.name, line, str(error)))
            continue
        row = _Row(file.name, line, address, sign, person, read_moment(sign.text))
        result.remarks += map(row.remark, _unread_moments(values))
        yield row


def _person(
    file: ExportFile,
    cells: Sequence[str],
    sign: Sign,
    address: EmailAddress,
    *,
    program: Program,
    context: SubscriberImportContext,
) -> ImportedPerson:
    values = file.columns.values(cells)
    moments = {name: _first_moment(values.get(name, ())) for name in ("joined", "confirmed")}
    left_at = (read_moment(sign.text) or context.now) if sign.standing is Standing.LEFT else None
    network = next(iter(values.get("network", ())), "")
    return ImportedPerson(
        address,
        _subscription(values, sign, context),
        wording=f"{context.consent_wording}; {program.title}: {_evidence(file.columns, cells)}".rstrip(": "),
        origin=network if narrow_network(network) != UNKNOWN_NETWORK else "import",
        joined_at=_past(moments["joined"], context.now),
        confirmed_at=_past(moments["confirmed"], context.now),
        left_at=_past(left_at, context.now),
    )


def _subscription(
    values: Mapping[str, Sequence[str]], sign: Sign, context: SubscriberImportContext
) -> Subscription:
    fields = {name: values[name][0] for name in csv_import.SUBSCRIPTION_FIELDS if name in values}
    if sign.standing is Standing.LEFT:  # what they chose matters only if they come back
        fields = {"regions": context.defaults.get("regions", WORLD)}
    return csv_import.parse_fields(fields, context)


def _evidence(columns: ColumnMap, cells: Sequence[str]) -> str:
    """What the row says about somebody's consent, in its own words: `status enabled, created_at 2026-01-02`."""
    texts = (f"{name} {text}" for name, text in columns.named_cells(cells, EVIDENCE_FIELDS))
    return ", ".join(texts)[:MAX_EVIDENCE_LENGTH]


def _unread_moments(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name in ("joined", "confirmed"):
        for text in values.get(name, ()):
            if read_moment(text) is None:
                yield f'the date "{text[:40]}" has more than one reading; it is only kept in the consent'


def _first_moment(texts: Sequence[str]) -> datetime | None:
    return next(filter(None, map(read_moment, texts)), None)


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return min(moment, now) if moment else None


def _save(
    tx: Tx, batch: Iterable[_Row], context: SubscriberImportContext, result: ProgramImportResult
) -> None:
    rows = list(batch)
    hashes = {row.address.key: address_hash(context.secret, row.address.key) for row in rows}
    suppressed = suppressions.suppressed_hashes(tx, hashes.values())
    existing = imported_subscribers.known_keys(tx, hashes)
    people: list[ImportedPerson] = []
    for row in rows:
        is_suppressed = hashes[row.address.key] in suppressed
        if row.sign.standing in SUPPRESSED_FOR:
            _suppress(tx, row, context, result, is_suppressed=is_suppressed)
        elif row.sign.standing is Standing.UNCONFIRMED:
            result.unconfirmed.append(row.remark(f"{row.address.email} {NOT_CONFIRMED}"))
        elif is_suppressed and row.sign.standing is Standing.ACTIVE:
            result.refused += 1
        elif row.address.key in existing or is_suppressed or row.person is None:
            result.known += 1
        else:
            people.append(row.person)
    if not context.dry_run:
        lifecycle.add_imported(tx, people, now=context.now)
    result.left += sum(person.left_at is not None for person in people)
    result.active += sum(person.left_at is None for person in people)


def _suppress(
    tx: Tx, row: _Row, context: SubscriberImportContext, result: ProgramImportResult, *, is_suppressed: bool
) -> None:
    if is_suppressed:
        result.known += 1
        return
    result.suppressed += 1
    if not context.dry_run:
        cause = SuppressionCause(SUPPRESSED_FOR[row.sign.standing], f"import: {row.sign.text}")
        since = _past(row.since, context.now)
        lifecycle.suppress_address_within(
            tx, row.address, cause, secret=context.secret, now=context.now, since=since
        )
