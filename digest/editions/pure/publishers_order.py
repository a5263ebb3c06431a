"""The order of a publisher who is alone: the digest follows the publisher's own feeds and pages.

With one or two publishers there is nobody to compare with: how many report a story says nothing, and their own order
is the best there is.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import NamedTuple

from digest.editions.pure.ranking import Contribution, Reason, StoryScore

FEW_PUBLISHERS = 2  # as many, or fewer, are not compared with each other
UNPLACED = 1_000_000  # sorts below every place


class PublishedReport(NamedTuple):
    """A report in its source's own order."""

    story_id: int
    # Grows with time, and among articles of one poll from the bottom of the document to its top.
    article_id: int
    source_id: int
    published_at: datetime
    position: int | None  # 1 is the top; None if the source lists the newest first, or no longer lists it


def follows_publishers(owners: Iterable[str]) -> bool:
    """Whether these owners of sources are so few that digests follow their own order."""
    return len(frozenset(owners)) <= FEW_PUBLISHERS


def score_by_publishers(reports: Iterable[PublishedReport]) -> dict[int, StoryScore]:
    """The points of each story by its best place in a source, so that the first of each source come first.

    Of stories with the same place in two sources, the newer comes first.
    """
    by_source: defaultdict[int, list[PublishedReport]] = defaultdict(list)
    for report in reports:
        by_source[report.source_id].append(report)
    places: dict[int, tuple[int, float]] = {}
    for listed in by_source.values():
        numbers = count(1)
        stories_above: set[int] = set()
        for report in sorted(listed, key=_own_order):
            if report.story_id not in stories_above:
                stories_above.add(report.story_id)
                place = (next(numbers), -report.published_at.timestamp())
                places[report.story_id] = min(places.get(report.story_id, place), place)
    in_order = sorted(places, key=lambda story_id: (places[story_id], -story_id))
    return {story_id: _score(rank, places[story_id][0]) for rank, story_id in enumerate(in_order, start=1)}


def _own_order(report: PublishedReport) -> tuple[int, float, int]:
    return report.position or UNPLACED, -report.published_at.timestamp(), -report.article_id


def _score(rank: int, place: int) -> StoryScore:
    points = 1.0 / rank
    return StoryScore(points, (Contribution(Reason.POSITION, points, place),))
