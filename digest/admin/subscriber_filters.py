"""The filters of the list of subscribers, as its form and its address carry them."""

from collections.abc import Mapping

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.admin.dates import DAY, parse_day
from digest.errors import InvalidInputError
from digest.feedback.store import feedback
from digest.line_text import strip_invisible
from digest.parts import parts
from digest.subscribers.states import Cadence, SubscriberState
from digest.subscribers.store.listing import Order, SubscriberFilter

FIELDS = (
    "q",
    "state",
    "region",
    "language",
    "cadence",
    "joined_from",
    "joined_until",
    "no_digest",
    "bounced",
    "notes",
)
NO_DIGEST_DAYS = (7, 30, 90)  # offered: no digest for so many days


def parse_filter(values: "MultiDict[str, str]") -> SubscriberFilter:
    """The filter in a form or an address. Raises InvalidInputError."""
    days = values.get("no_digest", "")
    if days and days not in map(str, NO_DIGEST_DAYS):
        raise InvalidInputError(_('"%(days)s" is no number of days (example: 30).', days=days[:20]))
    until = parse_day(values.get("joined_until", ""))
    state, cadence = values.get("state", ""), values.get("cadence", "")
    return SubscriberFilter(
        text=strip_invisible(values.get("q", ""))[:254],
        state=SubscriberState(state) if state in frozenset(SubscriberState) else None,
        region=values.get("region", "")[:40],
        language=values.get("language", "")[:16],
        cadence=Cadence(cadence) if cadence in frozenset(Cadence) else None,
        joined_since=parse_day(values.get("joined_from", "")),
        joined_before=until + DAY if until else None,
        without_digest_since=parts().clock() - int(days) * DAY if days else None,
        among=feedback.bounced_subscribers() if values.get("bounced") else None,
        with_notes=bool(values.get("notes")),
    )


def parse_order(values: Mapping[str, str]) -> Order:
    """The order of the list; the newest first by default."""
    order = values.get("sort", "")
    return Order(order) if order in frozenset(Order) else Order.NEWEST


def filter_values(values: Mapping[str, str]) -> dict[str, str]:
    """The fields of the filter that are filled in, for links and hidden fields."""
    return {name: values[name] for name in FIELDS if values.get(name)}
