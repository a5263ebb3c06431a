"""The choices in the forms (popular regions, times, languages), and the subscription in a sent form."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from werkzeug.datastructures import MultiDict

from digest.i18n.locales import language_name, text_direction
from digest.regions.tree.outline import OutlineNode
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from digest.subscribers.preference_fields import chosen_regions, content_values
from digest.subscribers.pure.subscription import SEND_TIME_STEP, Subscription, parse_subscription

POPULAR_REGIONS = (
    "central-asia",
    "south-caucasus",
    "ir",
    "eastern-europe",
    "balkans",
    "baltics",
    "western-asia",
    "sahel",
)


def popular_regions(tree: RegionTree, language: str) -> Sequence[OutlineNode]:
    """The popular regions that are in the tree and not retired."""
    available = {region.slug for region in tree.all() if not region.retired}
    return [OutlineNode(slug, tree.name(slug, language)) for slug in POPULAR_REGIONS if slug in available]


def time_choices() -> Sequence[str]:
    """All times of day as HH:MM, in steps of 15 minutes."""
    return [clock_time(minute) for minute in range(0, 24 * 60, SEND_TIME_STEP)]


@cache
def language_choices(languages: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    """The languages of the digest: (code, text direction, name in the language itself)."""
    return [(code, text_direction(code), language_name(code)) for code in languages]


def read_subscription_form(
    form: "MultiDict[str, str]",
    tree: RegionTree,
    *,
    languages: Sequence[str],
    default_kinds: Collection[str],
    current: Subscription,
) -> Subscription:
    """The subscription in a form. Raises InvalidSubscriptionError.

    What the form does not ask is as in `current`: a page that was opened before an upgrade lacks the newer fields.
    """
    values = {name: form.get(name, "") for name in ("cadence", "weekday", "time", "zone", "size")}
    values["language"] = form.get("language") or current.language
    values |= content_values(form) or current.content.as_values()
    return parse_subscription(
        chosen_regions(form), values, tree, languages=languages, default_kinds=default_kinds
    )


def form_values(subscriber: Subscriber) -> Mapping[str, str]:
    """The values of the form for a subscriber."""
    return {
        "cadence": subscriber.cadence,
        "weekday": str(subscriber.weekday),
        "time": clock_time(subscriber.send_minute),
        "zone": subscriber.zone,
        "size": subscriber.preferences.size,
        "language": subscriber.preferences.language,
        "email": subscriber.email,
    }


def clock_time(minute: int) -> str:
    """Minutes after midnight as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
