"""The news about a region for public pages and feeds: of the kinds that a digest shows who chose nothing."""

from collections.abc import Sequence
from datetime import datetime

from digest.articles.pure.shown_story import ShownStory
from digest.articles.pure.story_kinds import mailed_kinds
from digest.articles.store import articles, region_news
from digest.database import Tx
from digest.parts import Parts
from digest.regions.tree.region_tree import Region

# Stories that are looked at for each that is shown: others are of kinds that only some readers choose.
SPARE = 2


def newest_stories(
    tx: Tx,
    p: Parts,
    regions: Sequence[Region],
    *,
    since: datetime,
    until: datetime | None = None,
    words: str = "",
    limit: int,
) -> Sequence[ShownStory]:
    """The newest stories about these regions that were first seen in [since, until), without hidden ones, newest first.

    With `words`, only those with a headline that contains them.
    """
    groups = frozenset[str]().union(*(p.tree.groups_mostly_within(region.slug) for region in regions))
    countries = frozenset[str]().union(*(region.countries for region in regions))
    ids = region_news.newest_about(
        tx, countries, groups=groups, since=since, until=until, words=words, limit=SPARE * limit
    )
    shown = articles.current_stories(tx, ids)
    kinds = mailed_kinds(p.sending.default_kinds)
    stories = {story.id: story for story_id in ids if (story := shown.get(story_id)) is not None}
    return [story for story in stories.values() if not story.hidden and story.kind in kinds][:limit]
