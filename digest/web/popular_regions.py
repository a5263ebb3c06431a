"""The regions that the sign-up form suggests."""

from collections.abc import Sequence

from digest.regions.tree.outline import OutlineNode
from digest.regions.tree.region_tree import RegionTree

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
