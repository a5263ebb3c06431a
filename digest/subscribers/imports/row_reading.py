"""What the rows of an export say: who gets mails, who left, and whom nobody may write to. There is no other reader."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from digest.errors import InvalidInputError, NewsroomText, NotFoundError
from digest.networks import UNKNOWN_NETWORK, narrow_network
from digest.subscribers.imports.rules import (
    SUBSCRIPTION_FIELDS,
    ImportRules,
    SubscriptionReader,
    check_defaults,
)
from digest.subscribers.pure.csv_columns import ColumnMap
from digest.subscribers.pure.csv_tables import CsvTable
from digest.subscribers.pure.email_address import EmailAddress, parse_address
from digest.subscribers.pure.import_moments import read_moment
from digest.subscribers.pure.programs import Program
from digest.subscribers.pure.standing import FLAGS, SEVERITY, Sign, Standing, read_standing
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import ImportOutcome
from digest.subscribers.store.imported_subscribers import ImportedPerson

MAX_EVIDENCE_LENGTH = 500  # characters of what a row says about somebody's consent
WORLD = "world"  # what those who left get if they come back, unless the import names regions
EVIDENCE_FIELDS = ("state", "joined", "confirmed", "network", *FLAGS)
PAUSED = "paused"


class ExportFile(NamedTuple):
    """A file of an export, and which columns it has."""

    name: str
    table: CsvTable
    columns: ColumnMap


@dataclass(frozen=True, slots=True, order=True)
class RowRemark:
    """Something about a row of a file. `position` tells files of the same name apart."""

    file: str
    line: int
    text: str
    position: int = field(default=0, compare=False)


class ImportRow(NamedTuple):
    """A row that can be imported."""

    position: int  # of its file
    file: str
    line: int
    address: EmailAddress
    sign: Sign
    person: ImportedPerson | None  # None: is only suppressed
    since: datetime | None  # of the sign

    def remark(self, text: str) -> RowRemark:
        """A remark about this row."""
        return RowRemark(self.file, self.line, text, self.position)


@dataclass
class ReadExport:
    """The rows of an export, one for each address, strictest first, and remarks about the other rows."""

    rows: Sequence[ImportRow] = ()
    remarks: dict[ImportOutcome, list[RowRemark]] = field(default_factory=dict)

    def add_remark(self, kind: ImportOutcome, remark: RowRemark) -> None:
        """Remember why a row is left out, or what is odd about it."""
        self.remarks.setdefault(kind, []).append(remark)


def read_export(files: Iterable[ExportFile], program: Program, rules: ImportRules) -> ReadExport:
    """Read the files of an export. Raises InvalidInputError or NotFoundError if a default is wrong.

    If an address is in several rows, the one that speaks most against mail counts, in whatever order they come.
    """
    check_defaults(rules)
    export, reader = ReadExport(), RowReader(program, rules)
    by_address: dict[str, ImportRow] = {}
    for position, file in enumerate(files):
        for row in reader.read_file(position, file, export):
            _keep_strictest(by_address, row, export)
    rows = []
    for row in by_address.values():
        if row.sign.standing is Standing.UNCONFIRMED:
            text = NewsroomText(
                "%(address)s never confirmed there, so nobody may write to them before they subscribe here",
                address=row.address.email,
            )
            export.add_remark(ImportOutcome.UNCONFIRMED, row.remark(text))
        else:
            rows.append(row)
    export.rows = sorted(rows, key=lambda row: -SEVERITY[row.sign.standing])
    return export


def _keep_strictest(rows: dict[str, ImportRow], row: ImportRow, export: ReadExport) -> None:
    other = rows.get(row.address.key)
    if other is None:
        rows[row.address.key] = row
        return
    stricter, milder = (
        (row, other) if SEVERITY[row.sign.standing] > SEVERITY[other.sign.standing] else (other, row)
    )
    rows[row.address.key] = stricter
    text = NewsroomText(
        "%(address)s is also in %(file)s, line %(line)s, which was used",
        address=milder.address.email,
        file=stricter.file,
        line=stricter.line,
    )
    export.add_remark(ImportOutcome.REPEATED, milder.remark(text))


class RowReader:
    """Reads rows of one program by the rules of one import."""

    def __init__(self, program: Program, rules: ImportRules) -> None:
        self._program, self._rules = program, rules
        self._subscriptions = SubscriptionReader(rules)

    def read_file(self, position: int, file: ExportFile, export: ReadExport) -> Iterator[ImportRow]:
        """The rows that can be imported. The others are remarked in `export`."""
        usual = self._program.standing_of_file(file.name)
        for line, cells in file.table.rows:
            try:
                values = file.columns.values(cells)
                address = parse_address(next(iter(values.get("email", ())), ""))
                sign = read_standing(values, self._program.words, address.email)
                if sign is None or SEVERITY[sign.standing] < SEVERITY[usual]:
                    sign = Sign(usual, sign.text if sign else file.name)
                person = None
                if sign.standing in (Standing.ACTIVE, Standing.LEFT):
                    person = self._person(file.columns, cells, values, sign, address)
            except (InvalidInputError, NotFoundError) as error:
                export.add_remark(ImportOutcome.REJECTED, RowRemark(file.name, line, str(error), position))
                continue
            for text in _unread_moments(values):
                export.add_remark(ImportOutcome.REMARK, RowRemark(file.name, line, text, position))
            yield ImportRow(position, file.name, line, address, sign, person, read_moment(sign.text))

    def _person(
        self,
        columns: ColumnMap,
        cells: Sequence[str],
        values: Mapping[str, Sequence[str]],
        sign: Sign,
        address: EmailAddress,
    ) -> ImportedPerson:
        rules = self._rules
        moments = {name: _first_moment(values.get(name, ())) for name in ("joined", "confirmed")}
        left_at = (read_moment(sign.text) or rules.now) if sign.standing is Standing.LEFT else None
        network = next(iter(values.get("network", ())), "")
        evidence = _evidence(columns, cells)
        return ImportedPerson(
            address,
            self._subscription(values, sign),
            wording=f"{rules.consent_wording}; {self._program.title}: {evidence}"
            if evidence
            else rules.consent_wording,
            origin=network if narrow_network(network) != UNKNOWN_NETWORK else "import",
            joined_at=_past(moments["joined"], rules.now),
            confirmed_at=_past(moments["confirmed"], rules.now),
            left_at=_past(left_at, rules.now),
            paused_until=self._end_of_pause(values, sign, address),
        )

    def _subscription(self, values: Mapping[str, Sequence[str]], sign: Sign) -> Subscription:
        fields = {name: values[name][0] for name in SUBSCRIPTION_FIELDS if name in values}
        if sign.standing is Standing.LEFT:  # what they chose matters only if they come back
            fields = {"regions": self._rules.defaults.get("regions", WORLD)}
        return self._subscriptions.read(fields)

    def _end_of_pause(
        self, values: Mapping[str, Sequence[str]], sign: Sign, address: EmailAddress
    ) -> datetime | None:
        """When the pause of a subscriber of ours ends; None if they have none. Raises InvalidInputError."""
        if not self._program.pauses or sign.text.casefold() != PAUSED:
            return None
        until = _first_moment(values.get("paused_until", ()))
        if until is None:
            raise InvalidInputError(
                NewsroomText(
                    "%(email)s is paused, and the row does not say until when (column paused_until)",
                    email=address.email,
                )
            )
        return until if until > self._rules.now else None


def _evidence(columns: ColumnMap, cells: Sequence[str]) -> str:
    """What the row says about somebody's consent, in its own words: `status enabled, created_at 2026-01-02`."""
    texts = (f"{name} {text}" for name, text in columns.named_cells(cells, EVIDENCE_FIELDS))
    return ", ".join(texts)[:MAX_EVIDENCE_LENGTH]


def _unread_moments(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name in ("joined", "confirmed"):
        for text in values.get(name, ()):
            if read_moment(text) is None:
                yield NewsroomText(
                    'the date "%(text)s" has more than one reading; it is only kept in the consent',
                    text=text[:40],
                )


def _first_moment(texts: Sequence[str]) -> datetime | None:
    return next(filter(None, map(read_moment, texts)), None)


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return min(moment, now) if moment else None
