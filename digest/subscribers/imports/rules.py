"""The rules of an import, and how the fields of a row become a subscription."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.errors import InvalidInputError, NewsroomText
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.import_values import find_regions, spell_fields
from digest.subscribers.pure.subscription import Subscription, parse_subscription
from digest.subscribers.states import Cadence

DEFAULTS = {"cadence": Cadence.DAILY.value, "time": "07:00", "zone": "UTC"}
SUBSCRIPTION_FIELDS = (
    "regions", "cadence", "weekday", "time", "zone", "language", "size", "kinds", "languages_read", "show_why"
)  # fmt: skip
MOST_REMEMBERED = 10_000  # different subscriptions of a file


@dataclass(frozen=True, slots=True)
class ImportRules:
    """What an import needs to know, the values of rows that say nothing, and the consent that is recorded for each."""

    tree: RegionTree
    languages: tuple[str, ...]
    secret: str
    consent_wording: str
    now: datetime
    default_kinds: Collection[str] = ()  # the operator's, beside news
    defaults: Mapping[str, str] = field(default_factory=dict)


class SubscriptionReader:
    """Reads the fields of rows. Most rows of a file have the same few sets of fields, which are read once."""

    def __init__(self, rules: ImportRules) -> None:
        self._rules = rules
        self._known: dict[tuple[tuple[str, str], ...], Subscription] = {}

    def read(self, fields: Mapping[str, str]) -> Subscription:
        """The subscription of these fields. Raises InvalidInputError or NotFoundError if one of them is wrong."""
        key = tuple(fields.items())
        if key not in self._known:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = parse_fields(fields, self._rules)
        return self._known[key]


def check_defaults(rules: ImportRules) -> None:
    """Raise InvalidInputError or NotFoundError if a default is wrong."""
    unknown = rules.defaults.keys() - set(SUBSCRIPTION_FIELDS)
    if unknown:
        raise InvalidInputError(
            NewsroomText(
                '"%(value)s" can\'t have a default (possible are %(names)s).',
                value=min(unknown)[:40],
                names=", ".join(SUBSCRIPTION_FIELDS),
            )
        )
    if rules.defaults:  # with some region, because the file may name them
        parse_fields({"regions": rules.tree.all()[0].slug, **rules.defaults}, rules)


def parse_fields(fields: Mapping[str, str], rules: ImportRules) -> Subscription:
    """The subscription of a row's fields, with the defaults for what the row does not say."""
    fields = spell_fields({**DEFAULTS, **rules.defaults, **fields}, rules.languages)
    slugs = find_regions(fields.pop("regions", ""), rules.tree)
    return parse_subscription(
        slugs, fields, rules.tree, languages=rules.languages, default_kinds=rules.default_kinds
    )
