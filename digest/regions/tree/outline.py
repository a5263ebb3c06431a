"""The region tree as a form shows it: nested nodes with names in the page's language, sorted by name."""

from dataclasses import dataclass
from functools import lru_cache

from digest.i18n.collation import SortKey, sort_key
from digest.regions.tree.region_tree import Region, RegionTree, TreeSnapshot

MAX_SEARCH_RESULTS = 60  # regions that a search shows
OUTLINE_CACHE_SIZE = 32  # outlines: one for each language and version of the tree


@dataclass(frozen=True, slots=True)
class OutlineNode:
    """A region to tick, with the regions below it."""

    slug: str
    name: str
    children: tuple["OutlineNode", ...] = ()


def build_outline(tree: RegionTree, language: str) -> tuple[OutlineNode, ...]:
    """The world as a node without children, then the continents and the groups beside them, each by name."""
    return _outline(tree.snapshot, language)


@lru_cache(maxsize=OUTLINE_CACHE_SIZE)
def _outline(snapshot: TreeSnapshot, language: str) -> tuple[OutlineNode, ...]:
    tree = RegionTree(snapshot)
    world = tree.all()[0]
    return (OutlineNode(world.slug, tree.name(world.slug, language)), *_children(tree, world.slug, language))


def search_outline(tree: RegionTree, query: str, language: str) -> tuple[OutlineNode, ...]:
    """The nodes of the regions that a search finds, best first."""
    return tuple(
        _node(tree, region, language) for region in tree.search(query, language)[:MAX_SEARCH_RESULTS]
    )


def _node(tree: RegionTree, region: Region, language: str) -> OutlineNode:
    return OutlineNode(region.slug, tree.name(region.slug, language), _children(tree, region.slug, language))


def _children(tree: RegionTree, slug: str, language: str) -> tuple[OutlineNode, ...]:
    """The nodes below a region: M.49 regions before groups, each by name."""

    def place(region: Region) -> tuple[bool, SortKey]:
        return region.kind == "group", sort_key(tree.name(region.slug, language), language)

    return tuple(_node(tree, region, language) for region in sorted(tree.children(slug), key=place))
