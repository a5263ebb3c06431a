"""Adds the visits that wait in the broker to the counts in the database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from celery import Celery

from digest.database import Database
from digest.opens import store, waiting_visits
from digest.opens.pure.counted_links import NO_EDITION
from digest.opens.pure.machines import find_scanners, load_rules
from digest.opens.pure.visits import Visit
from digest.opens.states import Subject
from digest.opens.store import CountKey, OpenedArticle, Opens
from digest.regions.tree.region_tree import RegionTree, TreeSnapshot

# An edition of fewer mails is not counted by itself: its count would say what one or two readers did.
FEWEST_MAILS = 10

EditionSizes = Callable[[Collection[int]], Mapping[int, int]]


def fold_visits(
    db: Database, celery: Celery, tree: RegionTree, now: datetime, edition_sizes: EditionSizes
) -> int:
    """Count the visits that wait and that no later visit can make a scanner's. Returns how many.

    `edition_sizes` tells how many mails editions have.
    """
    with waiting_visits.only_one(celery) as may_count:
        if not may_count:
            return 0
        visits, counted = waiting_visits.load(celery)
        if not visits:
            return 0
        window = timedelta(seconds=load_rules().longest_burst)
        # In the order of the list, so that a visit from a machine whose clock is behind is counted too.
        end = max(counted, _first_since(visits, now - window))
        fresh = _with_scanners(visits)[counted:end]
        is_new = waiting_visits.mark_seen(celery, [visit for visit in fresh if not visit.is_machine], now)
        _add(db, tree, fresh, is_new, edition_sizes)
        kept_from = min(_first_since(visits, now - 2 * window), end)
        waiting_visits.drop(celery, kept_from, counted=end - kept_from)
        return len(fresh)


def _first_since(visits: Sequence[Visit], moment: datetime) -> int:
    """The place of the first visit after a moment."""
    milliseconds = moment.timestamp() * 1000
    return next((place for place, visit in enumerate(visits) if visit.at > milliseconds), len(visits))


def _with_scanners(visits: Sequence[Visit]) -> list[Visit]:
    """The visits, with those that belong to a burst as machines'."""
    scanners = find_scanners(visits)
    return [
        Visit(v.at, v.visitor, v.article_id, v.edition_id, v.is_machine or place in scanners, v.times)
        for place, v in enumerate(visits)
    ]


def _add(
    db: Database,
    tree: RegionTree,
    visits: Sequence[Visit],
    is_new: Sequence[bool],
    edition_sizes: EditionSizes,
) -> None:
    sizes = edition_sizes({visit.edition_id for visit in visits} - {NO_EDITION})
    with db.read() as tx:
        articles = store.opened_articles(tx, {visit.article_id for visit in visits})
        story_ids = {article.story_id for article in articles.values() if article.story_id is not None}
        places = store.places_of_stories(tx, story_ids)
    regions = {story_id: _regions(tree.snapshot, tree, of_story) for story_id, of_story in places.items()}
    amounts: defaultdict[CountKey, Counter[str]] = defaultdict(Counter)
    news = iter(is_new)
    for visit in visits:
        amount = (
            Counter(machines=visit.times)
            if visit.is_machine
            else Counter(opens=visit.times, visitors=int(next(news)))
        )
        edition_id = visit.edition_id if sizes.get(visit.edition_id, 0) >= FEWEST_MAILS else NO_EDITION
        for subject, key in _subjects(articles.get(visit.article_id), edition_id, regions):
            amounts[CountKey(subject, key, visit.week)].update(amount)
    with db.begin() as tx:
        store.add(tx, {key: Opens(**amount) for key, amount in amounts.items()})


def _subjects(
    article: OpenedArticle | None, edition_id: int, regions: Mapping[int, Collection[str]]
) -> Iterator[tuple[Subject, str]]:
    """What a visit to an article counts for. A deleted article counts for its edition alone."""
    yield Subject.ALL, ""
    if edition_id != NO_EDITION:
        yield Subject.EDITION, str(edition_id)
    if article is None:
        return
    yield Subject.SOURCE, str(article.source_id)
    if article.story_id is not None:
        yield Subject.STORY, str(article.story_id)
        for slug in regions.get(article.story_id, ()):
            yield Subject.REGION, slug


def _regions(snapshot: TreeSnapshot, tree: RegionTree, places: frozenset[str]) -> list[str]:
    """The regions that a story about these countries and groups is news for."""
    return [slug for slug, of_region in _places_by_region(snapshot, tree).items() if of_region & places]


@lru_cache(maxsize=1)  # making it takes ten milliseconds; a changed tree has another snapshot
def _places_by_region(_snapshot: TreeSnapshot, tree: RegionTree) -> Mapping[str, frozenset[str]]:
    return {region.slug: tree.countries_and_groups(region.slug) for region in tree.all()}
