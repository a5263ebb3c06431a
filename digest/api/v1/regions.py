"""Regions that subscribers can choose, and figures about the news and the subscribers."""

from datetime import timedelta

from flask import Response

from digest.api.v1.answers import answer
from digest.api.v1.operations import operation
from digest.api.v1.schemas.news import RegionList, RegionOut, RegionQuery
from digest.api.v1.schemas.site import Counts, CountsQuery
from digest.articles.store import articles
from digest.parts import parts
from digest.regions.tree.region_tree import Region
from digest.subscribers.store import subscribers


@operation("GET", "/regions", tag="regions", answer=RegionList)
def list_regions(query: RegionQuery) -> Response:
    """List regions and groups.

    In the order of the tree; a search gives the best first.
    """
    tree = parts().tree
    rows = tree.search(query.q, query.lang) if query.q.strip() else tree.all()
    return answer(RegionList(data=[_region(row, query.lang) for row in rows]))


@operation("GET", "/regions/<slug>", tag="regions", answer=RegionOut)
def get_region(slug: str) -> Response:
    """Get a region."""
    return answer(_region(parts().tree.get(slug), "en"))


@operation("GET", "/counts", tag="regions", answer=Counts)
def get_counts(query: CountsQuery) -> Response:
    """Count articles and subscribers.

    The articles that were seen in the last hours, by source; and the subscribers by state.
    """
    p = parts()
    with p.db.read() as tx:
        by_source = articles.count_by_source(tx, p.clock() - timedelta(hours=query.hours))
        by_state = subscribers.count_by_state(tx)
    return answer(
        Counts(
            hours=query.hours,
            articles=sum(by_source.values()),
            articles_by_source={str(source): count for source, count in sorted(by_source.items())},
            subscribers_by_state=by_state,
        )
    )


def _region(region: Region, language: str) -> RegionOut:
    return RegionOut(
        slug=region.slug,
        name=parts().tree.name(region.slug, language),
        kind=region.kind,
        parent=region.parent,
        countries=sorted(region.countries),
        retired=region.retired,
    )
