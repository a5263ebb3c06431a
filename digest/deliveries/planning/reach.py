"""Through which of their regions an edition reaches subscribers: who sends to a region also reaches who chose more."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from digest.database import Database
from digest.deliveries.pure.audience import Audience
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.pure.subscription import existing_regions
from digest.subscribers.store import subscribers


class ReachingRegion(NamedTuple):
    """A region, and how many active subscribers an audience has who chose it."""

    slug: str
    subscribers: int


def reaching_regions(db: Database, tree: RegionTree, audience: Audience) -> Sequence[ReachingRegion]:
    """The regions through which an audience of the kind `regions` is reached, most subscribers first.

    Somebody who chose two of them counts for both.
    """
    countries = tree.countries_of(audience.regions)
    with db.read() as tx:
        shared = subscribers.count_by_preferences(tx)
    counts: Counter[str] = Counter()
    for regions, count in shared:
        chosen = existing_regions(regions, tree)
        counts.update(dict.fromkeys((slug for slug in chosen if tree.get(slug).countries & countries), count))
    return [ReachingRegion(slug, count) for slug, count in counts.most_common()]
