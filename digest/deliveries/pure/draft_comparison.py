"""What has changed in the list of an edition's stories since an editor saw it."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ListedStory:
    """A story as a list showed it."""

    id: int
    title: str
    countries: tuple[str, ...]


class Difference(StrEnum):
    """In which way a story differs between two lists."""

    ADDED = "added"
    GONE = "gone"
    UP = "up"
    DOWN = "down"
    TITLE = "title"
    COUNTRIES = "countries"


@dataclass(frozen=True, slots=True)
class StoryDifference:
    """One difference of a story, with what it was and what it is now. Places are from 1; None: not in that list."""

    kind: Difference
    title: str  # now, or the last one
    place_before: int | None
    place_now: int | None
    before: ListedStory | None
    now: ListedStory | None


def compare(earlier: Sequence[ListedStory], later: Sequence[ListedStory]) -> list[StoryDifference]:
    """The differences in the order of the later list; stories that are gone come last.

    Where stories come and go, the places of all after them shift. Moved are only those whose order among the stories of
    both lists has changed: as few as explain the new order.
    """
    before = {story.id: (place, story) for place, story in enumerate(earlier, 1)}
    now_ids = {story.id for story in later}
    shared_before = [story.id for story in earlier if story.id in now_ids]
    ranks = {story_id: rank for rank, story_id in enumerate(shared_before)}
    shared_now = [story.id for story in later if story.id in before]
    kept = _longest_rise([ranks[story_id] for story_id in shared_now])
    moves = {
        story_id: Difference.UP if rank_now < ranks[story_id] else Difference.DOWN
        for rank_now, story_id in enumerate(shared_now)
        if ranks[story_id] not in kept
    }
    found: list[StoryDifference] = []
    for place, story in enumerate(later, 1):
        place_before, earlier_story = before.get(story.id, (None, None))
        found += [
            StoryDifference(kind, story.title, place_before, place, earlier_story, story)
            for kind in _kinds(earlier_story, story, moves.get(story.id))
        ]
    gone = (story for story in earlier if story.id not in now_ids)
    return found + [
        StoryDifference(Difference.GONE, story.title, before[story.id][0], None, story, None)
        for story in gone
    ]


def _kinds(earlier: ListedStory | None, story: ListedStory, move: Difference | None) -> Iterator[Difference]:
    if earlier is None:
        yield Difference.ADDED
        return
    if move is not None:
        yield move
    if earlier.title != story.title:
        yield Difference.TITLE
    if set(earlier.countries) != set(story.countries):
        yield Difference.COUNTRIES


def _longest_rise(numbers: Sequence[int]) -> frozenset[int]:
    """The longest part of different numbers that rises, in their order; what is not in it must have moved."""
    ends: list[int] = []  # the lowest end of a rise of each length
    previous: dict[int, int | None] = {}
    for number in numbers:
        length = bisect_left(ends, number)
        previous[number] = ends[length - 1] if length else None
        ends[length : length + 1] = [number]
    rise, end = set[int](), ends[-1] if ends else None
    while end is not None:
        rise.add(end)
        end = previous[end]
    return frozenset(rise)
