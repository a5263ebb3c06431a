"""What the forms offer: the region tree, times, zones, and quick picks."""

from collections.abc import Mapping, Sequence
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from werkzeug.datastructures import MultiDict

from digest.i18n.locales import direction
from digest.regions.tree.outline import Node
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.subscription import STEP, Wishes, read_wishes

POPULAR = (
    "central-asia",
    "south-caucasus",
    "ir",
    "eastern-europe",
    "balkans",
    "baltics",
    "western-asia",
    "sahel",
)
AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def popular(tree: RegionTree, language: str) -> Sequence[Node]:
    """Regions that many choose, for one tick."""
    known = {region.slug for region in tree.all() if not region.retired}
    return [Node(slug, tree.name(slug, language)) for slug in POPULAR if slug in known]


def times() -> Sequence[str]:
    """All times of day in steps of 15 minutes."""
    return [clock_time(minute) for minute in range(0, 24 * 60, STEP)]


@cache
def zones() -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """IANA's zones by area, places by name; UTC first."""
    names = sorted(available_timezones())
    grouped = [
        (
            area,
            [
                (name, name.partition("/")[2].replace("_", " "))
                for name in names
                if name.startswith(area + "/")
            ],
        )
        for area in AREAS
    ]
    return [("UTC", [("UTC", "UTC")]), *grouped]


@cache
def tongues(languages: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    """The languages of the digest's frame: code, direction, and what those who read it call it."""
    return [
        (code, direction(code), str(Locale.parse(code).get_display_name(code)).capitalize())
        for code in languages
    ]


def wishes(
    form: "MultiDict[str, str]", tree: RegionTree, *, languages: Sequence[str], language: str
) -> Wishes:
    """What a form asks for, in `language` where it has no field for that; raises InvalidWishesError."""
    values = {name: form.get(name, "") for name in ("cadence", "weekday", "time", "zone", "size")}
    values["language"] = form.get("language") or language
    return read_wishes(form.getlist("regions"), values, tree, languages=languages)


def form_values(subscriber: Subscriber) -> Mapping[str, str]:
    """A subscriber's wishes as the form shows them."""
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
