"""What the forms offer: the region tree, times, zones, and quick picks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from werkzeug.datastructures import MultiDict

from digest.regions.tree import Region, RegionTree
from digest.subscribers.models import Subscriber
from digest.subscribers.wishes import STEP, Wishes, read_wishes

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
FOUND = 60  # regions shown for a search


@dataclass(frozen=True, slots=True)
class Node:
    """A region as the tree shows it."""

    slug: str
    name: str
    kind: str
    children: tuple["Node", ...] = ()
    count: int = 0


@cache
def nodes(tree: RegionTree, language: str) -> tuple[Node, ...]:
    """The whole tree: continents, with groups and sub-regions, countries by name."""
    world = tree.all()[0]
    return (
        Node(world.slug, tree.name(world.slug, language), world.kind, _below(tree, world.slug, language)),
    )


def found(tree: RegionTree, query: str, language: str) -> tuple[Node, ...]:
    """The regions that a search finds, best first."""
    return tuple(_node(tree, region, language) for region in tree.search(query, language)[:FOUND])


def popular(tree: RegionTree, language: str) -> Sequence[Node]:
    """Regions that many choose, for one tick."""
    known = {region.slug for region in tree.all()}
    return [Node(slug, tree.name(slug, language), "popular") for slug in POPULAR if slug in known]


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


def wishes(
    form: "MultiDict[str, str]", tree: RegionTree, *, languages: Sequence[str], language: str
) -> Wishes:
    """What a form asks for; raises InvalidWishesError with a sentence a field."""
    values = {name: form.get(name, "") for name in ("cadence", "weekday", "time", "zone")}
    return read_wishes(form.getlist("regions"), values | {"language": language}, tree, languages=languages)


def form_values(subscriber: Subscriber) -> Mapping[str, str]:
    """A subscriber's wishes as the form shows them."""
    return {
        "cadence": subscriber.cadence,
        "weekday": str(subscriber.weekday),
        "time": clock_time(subscriber.send_minute),
        "zone": subscriber.zone,
        "email": subscriber.email,
    }


def clock_time(minute: int) -> str:
    """Minutes after midnight as HH:MM."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _below(tree: RegionTree, slug: str, language: str) -> tuple[Node, ...]:
    below = [_node(tree, region, language) for region in tree.children(slug)]
    return tuple(sorted(below, key=lambda node: (node.kind == "group", node.name.casefold())))


def _node(tree: RegionTree, region: Region, language: str) -> Node:
    return Node(
        region.slug, tree.name(region.slug, language), region.kind, _below(tree, region.slug, language)
    )
