"""What the forms offer: the region tree and the countries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from flask_babel import get_locale

from digest.parts import parts
from digest.regions.tree import Region, RegionTree

FOUND = 60  # regions shown for a search


@dataclass(frozen=True, slots=True)
class Node:
    """A region as the tree shows it."""

    slug: str
    name: str
    children: tuple["Node", ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """The regions of a form: those to tick, those ticked, and what was looked for among them."""

    nodes: Sequence[Node]
    chosen: frozenset[str]
    query: str
    names: dict[str, str]  # of the chosen ones, also when the search leaves them out


def language() -> str:
    """The language of this page."""
    return str(get_locale() or "en").replace("_", "-")


def regions(chosen: Sequence[str], query: str = "") -> RegionChoice:
    """The region tree, or what of it a search finds."""
    tree, lang = parts().tree, language()
    nodes = _found(tree, query, lang) if query else _all(tree, lang)
    return RegionChoice(nodes, frozenset(chosen), query, {slug: tree.name(slug, lang) for slug in chosen})


def countries() -> Sequence[tuple[str, str]]:
    """Code and name of every country, by name."""
    return _countries(parts().tree, language())


@cache
def _all(tree: RegionTree, lang: str) -> tuple[Node, ...]:
    world = tree.all()[0]
    return (_node(tree, world, lang),)


@cache
def _countries(tree: RegionTree, lang: str) -> Sequence[tuple[str, str]]:
    found = {r.slug.upper(): tree.name(r.slug, lang) for r in tree.all() if r.kind == "country"}
    return sorted(found.items(), key=lambda country: country[1].casefold())


def _found(tree: RegionTree, query: str, lang: str) -> Sequence[Node]:
    return [_node(tree, region, lang) for region in tree.search(query, lang)[:FOUND]]


def _node(tree: RegionTree, region: Region, lang: str) -> Node:
    below = sorted(
        tree.children(region.slug), key=lambda r: (r.kind == "group", tree.name(r.slug, lang).casefold())
    )
    return Node(region.slug, tree.name(region.slug, lang), tuple(_node(tree, child, lang) for child in below))
