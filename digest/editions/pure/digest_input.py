"""What a digest is rendered from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from digest.articles.pure.shown_story import ShownStory
from digest.editions.pure.sections import Section
from digest.editions.pure.selection import MAX_STORIES_BY_SIZE
from digest.editions.pure.updates import Updates
from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices
from digest.subscribers.states import DigestSize

ShownSections = Sequence[tuple[str, Sequence[ShownStory]]]


@dataclass(frozen=True, slots=True)
class DigestInput:
    """What a digest is rendered from. The zone is the subscribers' own."""

    subject: str
    language: str
    note: str  # the editor's
    sections: Sequence[Section]
    web_url: str
    max_stories: int = MAX_STORIES_BY_SIZE[DigestSize.FULL]  # stories in the mail; the web edition has all
    zone: tzinfo = UTC
    content: ContentChoices = DEFAULT_CONTENT
    updates: Updates = field(default_factory=dict)
