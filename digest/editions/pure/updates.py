"""Updates: stories of a digest that continue one of an earlier digest, and how a digest's row stores them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from digest.articles.pure.chapters import Chapter
from digest.editions.pure.sections import Section, story_ids

Updates = Mapping[int, Chapter]  # the earlier chapter, by id of the story that continues it
NO_UPDATES: Updates = {}


def encode_updates(updates: Updates) -> list[tuple[int, int, int]]:
    """Updates as JSON stores them: `[[story id, id of the earlier chapter, seconds since 1970], …]`, by id."""
    return [
        (story_id, chapter.story_id, int(chapter.sent_at.timestamp()))
        for story_id, chapter in sorted(updates.items())
    ]


def decode_updates(stored: Sequence[Any]) -> dict[int, Chapter]:
    """Updates from JSON; the inverse of `encode_updates`, to the second."""
    return {
        story_id: Chapter(earlier_id, datetime.fromtimestamp(seconds, UTC))
        for story_id, earlier_id, seconds in stored
    }


class HasStories(Protocol):
    """A digest, stored or composed."""

    @property
    def sections(self) -> tuple[Section, ...]: ...

    @property
    def updates(self) -> Updates: ...


def shown_story_ids(digest: HasStories) -> frozenset[int]:
    """The ids of all stories that a digest shows, or quotes as earlier chapters."""
    return story_ids(digest.sections) | {chapter.story_id for chapter in digest.updates.values()}
