"""Counts the articles and stories of each day by region and by source.

Days that are over are counted once and kept: articles are deleted after some weeks, and corrections of long ago would
change little. A day is one of UTC, as in all figures.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from digest.articles.states import CountedBy
from digest.articles.store import daily_news
from digest.articles.store.daily_news import NewsCount, NewsOfDay
from digest.database import Database, Tx
from digest.regions.tree.region_tree import RegionTree, TreeSnapshot

COUNTED_BACK = 90  # days before today that are counted when they were not yet
MOST_COUNTED_HERE = 2  # days that a page counts: today, and yesterday while it is not over for an hour
DAY = timedelta(days=1)
GRACE = timedelta(hours=1)  # a poll writes what it saw before midnight until then

DayCounts = Mapping[CountedBy, Mapping[str, NewsCount]]  # by subject
NewsCounts = Mapping[CountedBy, Mapping[str, Mapping[str, NewsCount]]]  # by subject and ISO day


def count_finished_days(db: Database, tree: RegionTree, now: datetime) -> int:
    """Count the days that have been over for an hour and were not counted, each in a transaction. Returns how many."""
    days = [_day(now - GRACE) - n * DAY for n in range(1, COUNTED_BACK + 1)]
    with db.read() as tx:
        counted = daily_news.counted_days(tx, days[-1].isoformat())
    missing = [day for day in days if day.isoformat() not in counted]
    for day in missing:
        with db.read() as tx:
            counts = count_day(tx, tree, day)
        with db.begin() as tx:
            daily_news.save(tx, day.isoformat(), counts)
    return len(missing)


def count_day(tx: Tx, tree: RegionTree, day: date) -> DayCounts:
    """The articles and stories of a day by region, each region that has any, and by source.

    What is about several countries of a region counts once for the region. The subject "" has all.
    """
    since = datetime.combine(day, datetime.min.time(), UTC)
    regions = _regions_by_about(tree.snapshot)
    articles = _count(daily_news.articles_of(tx, since, since + DAY), regions)
    stories = _count(daily_news.stories_of(tx, since, since + DAY), regions)
    return {
        by: {
            subject: NewsCount(articles[by][subject], stories[by][subject])
            for subject in {*articles[by], *stories[by]}
        }
        for by in CountedBy
    }


def counts_by_day(
    tx: Tx, tree: RegionTree, regions: Collection[str], first: date, now: datetime
) -> tuple[NewsCounts, int]:
    """The counts of these regions and of all sources by ISO day from `first` to today, and how many days lack them.

    Today is counted here, and so are other days that `count_finished_days` has not reached yet, MOST_COUNTED_HERE at
    most: with many articles a day takes 60 ms.
    """
    counts = daily_news.load(tx, regions, first.isoformat())
    counted = daily_news.counted_days(tx, first.isoformat())
    days = [_day(now) - n * DAY for n in range((_day(now) - first).days + 1)]
    missing = [day for day in days if day.isoformat() not in counted]
    for day in missing[:MOST_COUNTED_HERE]:
        for by, of_day in count_day(tx, tree, day).items():
            shown = of_day if by == CountedBy.SOURCE else of_day.keys() & set(regions)
            for subject in shown:
                counts[by].setdefault(subject, {})[day.isoformat()] = of_day[subject]
    return counts, len(missing[MOST_COUNTED_HERE:])


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


@lru_cache(maxsize=4)
def _regions_by_about(snapshot: TreeSnapshot) -> Mapping[str, frozenset[str]]:
    """For each country and group that news can be about, the slugs of the regions whose readers it is for."""
    tree, regions = RegionTree(snapshot), dict[str, set[str]]()
    for region in tree.all():
        for about in tree.countries_and_groups(region.slug):
            regions.setdefault(about, set()).add(region.slug)
    return {about: frozenset(slugs) for about, slugs in regions.items()}


def _count(news: NewsOfDay, regions: Mapping[str, frozenset[str]]) -> Mapping[CountedBy, Counter[str]]:
    by_region: Counter[str] = Counter({"": len(news.sources)})
    for abouts in news.abouts.values():
        by_region.update(frozenset[str]().union(*(regions.get(about, frozenset()) for about in abouts)))
    by_source = Counter(str(source) for sources in news.sources.values() for source in sources)
    return {CountedBy.REGION: by_region, CountedBy.SOURCE: by_source}
