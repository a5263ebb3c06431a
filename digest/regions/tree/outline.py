"""The region tree as a form shows it: names in the page's language, in the order people look for them."""

from dataclasses import dataclass
from functools import lru_cache

from digest.regions.tree.region_tree import Region, RegionTree, Shape

FOUND = 60  # regions shown for a search
KEPT = 32  # outlines: one per language and version of the tree


@dataclass(frozen=True, slots=True)
class Node:
    """A region to tick, and what is in it."""

    slug: str
    name: str
    children: tuple["Node", ...] = ()


def outline(tree: RegionTree, language: str) -> tuple[Node, ...]:
    """The world to tick, then what is in it: sub-regions before groups, each by name."""
    return _outline(tree.shape, language)


@lru_cache(maxsize=KEPT)
def _outline(shape: Shape, language: str) -> tuple[Node, ...]:
    tree = RegionTree(shape)
    world = tree.all()[0]
    return (Node(world.slug, tree.name(world.slug, language)), *_below(tree, world.slug, language))


def found(tree: RegionTree, query: str, language: str) -> tuple[Node, ...]:
    """The regions that a search finds, best first."""
    return tuple(_node(tree, region, language) for region in tree.search(query, language)[:FOUND])


def _node(tree: RegionTree, region: Region, language: str) -> Node:
    return Node(region.slug, tree.name(region.slug, language), _below(tree, region.slug, language))


def _below(tree: RegionTree, slug: str, language: str) -> tuple[Node, ...]:
    def place(region: Region) -> tuple[bool, str]:
        return region.kind == "group", tree.name(region.slug, language).casefold()

    return tuple(_node(tree, region, language) for region in sorted(tree.children(slug), key=place))
