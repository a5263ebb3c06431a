"""What a digest is rendered from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from digest.articles.pure.shown_story import ShownStory
from digest.editions.pure.day_notes import DayNote, choose_subject
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
    day_notes: Sequence[DayNote] = ()
    # The edition whose opened stories are counted, if the site counts any; None: those of this digest are not counted.
    counted_in: int | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """The words above the news in Markdown, in order."""
        return tuple(filter(None, (self.note, *(day_note.text for day_note in self.day_notes))))

    @property
    def has_own_subject(self) -> bool:
        """Whether an editor wrote the subject. It stays when stories are hidden later."""
        return bool(self.subject) and self.subject == choose_subject(self.day_notes)
