"""Which column of a file has which field: the names that mailing programs and spreadsheets give to columns."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from digest.errors import InvalidInputError, NewsroomText
from digest.subscribers.csv_cells import unescape_cell

# The names of a field, the best first. They are compared without case, accents, spaces and punctuation.
ColumnNames = Mapping[str, Sequence[str]]

EMAIL_NAMES = (
    "email", "email address", "subscriber email", "mail", "email_id", "contact email", "recipient", "address",
    "e-mail-adresse", "mailadresse", "adresse e-mail", "adresse mail", "courriel", "correo", "correo electrónico",
    "эл. почта", "электронная почта", "почта", "адрес электронной почты", "електронна пошта", "пошта",
    "e-posta", "e-posta adresi", "elektron poçt", "ელფოსტა", "էլ. փոստ", "электрондық пошта",
    "ایمیل", "البريد الإلكتروني",
)  # fmt: skip
STATE_NAMES = (
    "state",
    "status",
    "subscriber status",
    "subscription status",
    "email status",
    "subscriber type",
    "type",
)
SUBSCRIBER_COLUMNS: ColumnNames = {
    "email": EMAIL_NAMES,
    # Not "region": in Mailchimp's exports that is where somebody lives.
    "regions": ("regions", "regionen", "régions", "regiones", "регионы", "bölgeler"),
    "cadence": ("cadence", "frequency"),
    "weekday": ("weekday", "day of the week"),
    "time": ("time", "send time"),
    "zone": ("zone", "time zone"),
    "language": ("language", "lang", "locale", "preferred language", "sprache", "langue", "idioma", "язык"),
    "size": ("size",),
    "kinds": ("kinds",),
    "languages_read": ("languages_read",),
    "show_why": ("show_why",),
    "state": STATE_NAMES,
    # Ghost, Beehiiv, Shopify and forms.
    "subscribed": (
        "subscribed_to_emails", "subscribed", "is subscribed", "accepts email marketing", "accepts marketing",
        "opt in", "opted in",
    ),
    # Filled, or true, for those who left: flags of Substack and others; dates of Mailchimp, Buttondown, Ghost.
    "left": (
        "email_disabled", "unsubscribed", "is unsubscribed", "opted out", "opt out", "unsub_time",
        "unsubscription_date", "unsubscribed_at", "unsubscribe date", "unsubscribe time", "deleted_at", "churn_date",
    ),
    "bounced": ("bounced", "is bounced", "clean_time", "undeliverability_date", "undeliverable", "bounced_at"),
    "complained": ("complained", "complained_at", "spam complaint", "marked as spam"),
    "blocked": ("blocked", "blocklisted", "blacklisted", "suppressed"),
    "joined": (
        "optin_time", "created_at", "creation_date", "created", "signup date", "sign-up date", "subscribed_at",
        "date subscribed", "subscription date", "subscribe date", "start date", "date added", "joined_at", "joined",
        "signed_up",
    ),
    "confirmed": ("confirm_time", "confirmed_at", "confirmation_date", "confirmation time", "double opt-in date"),
    "paused_until": ("paused_until",),  # of ours
    "network": ("confirm_ip", "optin_ip", "ip_address", "ip", "signup ip"),
}  # fmt: skip
NOT_IN_NAMES = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which columns, by their position, have which field. A field may have several."""

    header: Sequence[str]
    positions: Mapping[str, Sequence[int]]

    @property
    def unused(self) -> Sequence[str]:
        """The names of the columns that have no field."""
        used = {position for positions in self.positions.values() for position in positions}
        return [name for position, name in enumerate(self.header) if position not in used and name]

    def names_of(self, field: str) -> Sequence[str]:
        """The names of the columns of a field."""
        return [self.header[position] for position in self.positions.get(field, ())]

    def named_cells(self, cells: Sequence[str], fields: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The cells of these fields that are not empty, each with the name of its column."""
        for field in fields:
            for at in self.positions.get(field, ()):
                if at < len(cells) and cells[at]:
                    yield self.header[at], unescape_cell(cells[at])

    def values(self, cells: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The values of a row by field, without empty ones. Raises InvalidInputError if it has too many cells.

        Too many cells mean that a cell has a separator in it and no quotation marks: the cells after it would be taken
        for those of other columns.
        """
        if any(cells[len(self.header) :]):
            raise InvalidInputError(
                NewsroomText(
                    "the row has %(cells)s cells, and the first line has %(columns)s; "
                    "a cell with a separator in it needs quotation marks",
                    cells=len(cells),
                    columns=len(self.header),
                )
            )
        return {
            field: values
            for field, positions in self.positions.items()
            if (values := [unescape_cell(cells[at]) for at in positions if at < len(cells) and cells[at]])
        }


def has_email(header: Iterable[str], column: str = "") -> bool:
    """Whether a row names the column of addresses: `column`, or by default any of the usual names."""
    keys = {compared(name) for name in ((column,) if column else EMAIL_NAMES)}
    return any(compared(name) in keys for name in header)


def map_columns(
    header: Sequence[str], names: ColumnNames, chosen: Mapping[str, str] | None = None
) -> ColumnMap:
    """The columns of each field of `names`. `chosen` names a field's column, or "" for none.

    A column has at most one field. Raises InvalidInputError if a chosen field or column does not exist.
    """
    keys = [compared(name) for name in header]
    positions: dict[str, list[int]] = {}
    for field, name in (chosen or {}).items():
        if field not in names:
            raise InvalidInputError(
                NewsroomText(
                    'There is no field "%(field)s" (there are %(names)s).',
                    field=field[:40],
                    names=", ".join(names),
                )
            )
        if name and compared(name) not in keys:
            raise InvalidInputError(
                NewsroomText(
                    'The file has no column "%(name)s" (it has %(names)s).',
                    name=name[:40],
                    names=", ".join(header)[:300],
                )
            )
        positions[field] = [keys.index(compared(name))] if name else []
    taken = {position for field in positions.values() for position in field}
    for field, usual_names in names.items():
        if field not in positions:
            columns = [at for name in usual_names for at, key in enumerate(keys) if key == compared(name)]
            positions[field] = [at for at in dict.fromkeys(columns) if at not in taken]
            taken.update(positions[field])
    return ColumnMap(header, {field: columns for field, columns in positions.items() if columns})


def compared(name: str) -> str:
    """A column's name without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return NOT_IN_NAMES.sub("", "".join(char for char in letters if not unicodedata.combining(char)))
