"""Updates: stories of a digest that continue one which an earlier digest told, and how a digest's row stores them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from digest.editions.pure.sections import Section, story_ids


class ToldChapter(NamedTuple):
    """The story that an earlier digest told of the same affair, and that digest's cutoff."""

    story_id: int
    told_at: datetime


Updates = Mapping[int, ToldChapter]  # by id of the story that continues it
NO_UPDATES: Updates = {}


def encode_updates(updates: Updates) -> list[tuple[int, int, int]]:
    """Updates as JSON stores them: `[[story id, id of the story told before, seconds since 1970], …]`, by id."""
    return [
        (story_id, chapter.story_id, int(chapter.told_at.timestamp()))
        for story_id, chapter in sorted(updates.items())
    ]


def decode_updates(stored: Sequence[Any]) -> dict[int, ToldChapter]:
    """Updates from JSON; the inverse of `encode_updates`, to the second."""
    return {
        story_id: ToldChapter(told_id, datetime.fromtimestamp(seconds, UTC))
        for story_id, told_id, seconds in stored
    }


class HasStories(Protocol):
    """A digest, stored or composed."""

    @property
    def sections(self) -> tuple[Section, ...]: ...

    @property
    def updates(self) -> Updates: ...


def shown_story_ids(digest: HasStories) -> frozenset[int]:
    """The ids of all stories that a digest shows, or quotes because they were told before."""
    return story_ids(digest.sections) | {chapter.story_id for chapter in digest.updates.values()}
