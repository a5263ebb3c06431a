"""Coverage: which countries readers want, how much is published about them, and what may close the gaps."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, request

from digest.admin import coverage_map
from digest.admin.blueprint import bp
from digest.admin.coverage_map import FEW_ARTICLES, CountryCoverage
from digest.admin.kept_values import kept_value
from digest.admin.template_filters import country_name, page_number
from digest.articles import source_status
from digest.articles.source_status import SourceStatus
from digest.articles.store import country_counts
from digest.parts import parts
from digest.regions.tree.region_tree import RegionTree
from digest.sources.pure.feeds.starter_packs import PackSource, pack_sources_of
from digest.subscribers.pure.subscription import existing_regions
from digest.subscribers.store import subscribers

PERIOD = timedelta(days=7)
MAX_SUGGESTIONS = 3  # sources suggested for a country
WORLD = "world"
PAGE_SIZE = 25  # countries; all of them would be a page of 200 KB, and of 60,000 pixels on a phone


@dataclass(frozen=True, slots=True)
class Readers:
    """Active subscribers by the countries that they chose, and how many of them chose the world."""

    by_country: Mapping[str, int]
    of_the_world: int


@bp.get("/coverage")
def coverage() -> str:
    """The countries with readers or articles, and first those that readers want and no source covers."""
    p = parts()
    readers = kept_value("readers by country", load_readers)
    counts = kept_value("articles by country", load_articles)
    with p.db.read() as tx:
        statuses = source_status.list_statuses(tx, p.clock())
    rows = compare(p.tree, readers.by_country, counts, statuses)
    present = {status.source.url for status in statuses}
    gaps = [row for row in rows if row.is_gap]
    listed = rows if request.args.get("list") == "all" else gaps
    first = (page_number() - 1) * PAGE_SIZE
    return render_template(
        "admin/coverage.html",
        has_rows=bool(rows),
        listed=listed[first : first + PAGE_SIZE],
        is_all=listed is rows,
        total=len(listed),
        first=first,
        page_size=PAGE_SIZE,
        gap_pages={row.country: place // PAGE_SIZE + 1 for place, row in enumerate(gaps)},
        offers={row.country: _offers(row.country, present) for row in gaps},
        map=coverage_map.draw(rows, request.args.get("view", "")),
        of_the_world=readers.of_the_world,
        days=PERIOD.days,
        few=FEW_ARTICLES,
        many=coverage_map.MANY_ARTICLES,
    )


def load_readers() -> Readers:
    """Count the active subscribers of each country."""
    tree = parts().tree
    with parts().db.read() as tx:
        choices = subscribers.count_by_preferences(tx)
    by_country: Counter[str] = Counter()
    of_the_world = 0
    for regions, count in choices:
        existing = existing_regions(regions, tree)
        of_the_world += count if WORLD in existing else 0
        for country in tree.countries_of(slug for slug in existing if slug != WORLD):
            by_country[country] += count
    return Readers(by_country, of_the_world)


def load_articles() -> Mapping[str, Counter[int]]:
    """Count the articles of the period by country and source."""
    with parts().db.read() as tx:
        return country_counts.articles_by_country(tx, parts().clock() - PERIOD)


def compare(
    tree: RegionTree,
    readers: Mapping[str, int],
    articles: Mapping[str, Counter[int]],
    statuses: Iterable[SourceStatus],
) -> Sequence[CountryCoverage]:
    """The countries with readers or articles, those with most readers first; gaps have suggestions."""
    by_id = {status.source.id: status for status in statuses}
    rows = []
    for country in {*readers, *articles}:
        of_country = articles.get(country, Counter())
        homes = tuple(status for status in by_id.values() if status.source.home == country)
        row = CountryCoverage(country, readers.get(country, 0), of_country.total(), len(of_country), homes)
        rows.append(_with_suggestions(row, tree, articles, by_id) if row.is_gap else row)
    return sorted(rows, key=lambda row: (-row.readers, -row.articles, country_name(row.country)))


def _offers(country: str, present: Collection[str]) -> Sequence[PackSource]:
    """The publishers of the country in the starter packs that are not among the sources yet."""
    return [source for source in pack_sources_of(frozenset({country})) if source.url not in present]


def _with_suggestions(
    row: CountryCoverage,
    tree: RegionTree,
    articles: Mapping[str, Counter[int]],
    by_id: Mapping[int, SourceStatus],
) -> CountryCoverage:
    """With the sources that write most about the other countries of its region: they may have a feed about it."""
    counts: Counter[int] = Counter()
    for neighbour in _region_of(tree, row.country) - {row.country}:
        counts.update(articles.get(neighbour, {}))
    at_home = {status.source.id for status in row.home_sources}
    found = [by_id[source_id] for source_id, _ in counts.most_common() if source_id in by_id.keys() - at_home]
    return CountryCoverage(
        row.country, row.readers, row.articles, row.sources, row.home_sources, tuple(found[:MAX_SUGGESTIONS])
    )


def _region_of(tree: RegionTree, country: str) -> frozenset[str]:
    """The countries of the smallest region of several countries that the country is in."""
    groups = [region.countries for region in tree.all() if region.kind != "country" and not region.retired]
    around = [countries for countries in groups if country in countries and len(countries) > 1]
    return min(around, key=len, default=frozenset())
